"""One step of plain gradient descent, by the functions that training calls, each array kept."""

import numpy as np

from glassnet.nn.activations import ACTIVATIONS, ElementBackward, softmax
from glassnet.nn.layers.dense import affine
from glassnet.nn.layers.layer import LayerBackward
from glassnet.nn.losses import Loss, one_hot
from glassnet.nn.network import Network
from glassnet.nn.optimizers import SGD
from glassnet.nn.tracing.explanation import AFTER
from glassnet.types import Array, Arrays


def take_step(
    network: Network, x: Array, labels: Array, learning_rate: float, loss_function: Loss
) -> Arrays:
    """Go forward, backward, downhill and forward again, and copy what passes by.

    Parameters
    ----------
    network : Network
        Dense layers alone, each with a bias; left as it is.
    x : ndarray, (n, n_in)
        A batch of floats in the network's dtype.
    labels : ndarray, (n,) int or (n, n_classes)
        The truth.
    learning_rate : float
        eta.
    loss_function : callable
        A loss function.

    Returns
    -------
    dict of str to ndarray
        In order of their computation.
    """
    n_layers = len(network.dense)
    truth = labels if labels.ndim == 2 else one_hot(labels, network.n_classes)
    arrays: Arrays = {"x": x.copy(), "y": truth.astype(network.dtype)}

    a, backs = _go_forward(network, x, arrays)
    value, dlogits = loss_function(a, labels)
    arrays["loss"] = np.array(value)

    grads = network.empty_grads()
    da: Array = dlogits
    for number in range(n_layers, 0, -1):
        affine_backward, activation_backward = backs[number - 1]
        if number < n_layers:
            phi = ACTIVATIONS[network.dense[number - 1].activation]
            slope = phi(arrays[f"z{number}"].copy())[1](np.ones_like(da))
            arrays |= {f"da{number}": da.copy(), f"slope{number}": slope}
        dz = activation_backward(da)
        arrays[f"dz{number}"] = dz.copy()
        da = _back(affine_backward, dz, grads, number)
        arrays |= {f"d{letter}{number}": grads[f"{letter}{number}"] for letter in ("W", "b")}

    after, optimizer = network.copy(), SGD()
    state = optimizer.init(after.params)
    optimizer.update(after.params, grads, state, learning_rate=learning_rate)
    logits, _ = _go_forward(after, x, arrays, AFTER)
    arrays["loss_after"] = np.array(loss_function(logits, labels)[0])
    return arrays


def _go_forward(
    network: Network, x: Array, arrays: Arrays, after: str = ""
) -> tuple[Array, list[tuple[LayerBackward, ElementBackward]]]:
    a, backs = x, []
    for number, layer in enumerate(network.dense, start=1):
        W, b = network.params[f"W{number}"], network.params[f"b{number}"]
        z, affine_backward = affine(a, W, b)
        arrays |= {f"{letter}{number}{after}": theta for letter, theta in (("W", W), ("b", b))}
        arrays[f"z{number}{after}"] = z.copy()
        a, activation_backward = ACTIVATIONS[layer.activation](z)
        backs.append((affine_backward, activation_backward))
        if number < len(network.dense):
            arrays[f"a{number}{after}"] = a.copy()
    arrays[f"p{after}"] = softmax(a.copy())[0]
    return a, backs


def _back(backward: LayerBackward, dz: Array, grads: Arrays, number: int) -> Array:
    own = {"W": grads[f"W{number}"], "b": grads[f"b{number}"]}
    da = backward(dz, own, needs_dx=number > 1)
    return dz if da is None else da  # below the first layer nobody asks
