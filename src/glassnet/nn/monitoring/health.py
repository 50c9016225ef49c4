"""What a layer's units are doing: the share that is dead, the share that is saturated.

Both stop learning, since their derivative is next to nothing: a ReLU that is off for every image
(dead), a sigmoid or tanh that is pressed against an end of its range (saturated).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.nn.network import Network
from glassnet.types import Array

N_PROBES = 1_000  # images looked at
NEAR = 0.01  # of the range: as near to one of its ends counts as pressed against it
MOSTLY = 0.9  # of the images: a unit that is saturated for so many is saturated

_IS_OFF: dict[str, Callable[[Array], Array]] = {"relu": lambda a: a == 0}
_IS_PRESSED: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda a: (a < NEAR) | (a > 1 - NEAR),
    "tanh": lambda a: np.abs(a) > 1 - 2 * NEAR,
}


@dataclass(frozen=True)
class Health:
    """The state of the hidden layers, from the first to the last.

    Parameters
    ----------
    dead : tuple of float
        Share of ReLUs that are 0 for every image looked at; 0 for other activations.
    saturated_units : tuple of float
        Share of sigmoid or tanh units within 1 % of an end of their range for at least 90 % of
        the images; 0 for other activations.
    saturated_activations : tuple of float
        Share of a layer's activations, over units and images, that lie so near to an end.
    is_finite : bool
        Whether all logits are finite.
    """

    dead: tuple[float, ...]
    saturated_units: tuple[float, ...]
    saturated_activations: tuple[float, ...]
    is_finite: bool


def measure_health(network: Network, x: Array) -> Health:
    """Look at the hidden units while a batch passes.

    Parameters
    ----------
    network : Network
        Trained or not.
    x : ndarray, (n, n_in)
        A batch of floats in the network's dtype.

    Returns
    -------
    Health
        Shares from 0 to 1, one for each hidden layer.
    """
    dead, saturated, saturated_activations = [], [], []
    network = network.for_inference()
    outputs = [a for a, _ in network.activations(x)]
    for layer, a in zip(network.dense[:-1], outputs[:-1], strict=True):
        is_off, is_pressed = _IS_OFF.get(layer.activation), _IS_PRESSED.get(layer.activation)
        dead.append(float(is_off(a).all(axis=0).mean()) if is_off else 0.0)
        shares = is_pressed(a).mean(axis=0) if is_pressed else np.zeros(1)  # of each unit
        saturated.append(float((shares >= MOSTLY).mean()))
        saturated_activations.append(float(shares.mean()))
    return Health(
        tuple(dead),
        tuple(saturated),
        tuple(saturated_activations),
        bool(np.isfinite(outputs[-1]).all()),
    )


def measure_unit_similarity(network: Network) -> tuple[float, ...]:
    """Tell how alike the units of each hidden layer are.

    Of the squared length of a layer's weights, the share that lies in the mean over its units.
    Units drawn at random give about 1 / n_out, units that are copies of one another 1.

    Parameters
    ----------
    network : Network
        Trained or not.

    Returns
    -------
    tuple of float
        From 0 to 1, one for each hidden layer; 1 where all weights are 0, and 0 for a single unit,
        which has nobody to be like.
    """
    shares = []
    for number, layer in enumerate(network.dense[:-1], start=1):
        W = network.params[f"W{number}"]
        sums = W @ np.ones(layer.n_out, W.dtype)  # products are quicker than means along rows
        whole, common = float(np.vdot(W, W)), math.hypot(*sums.tolist()) ** 2 / layer.n_out
        shares.append(0.0 if layer.n_out == 1 else common / whole if whole else 1.0)
    return tuple(shares)
