"""Nudge: move one weight a little, each way, and see what the loss does."""

from dataclasses import dataclass

import numpy as np

from glassnet.nn.losses import Loss
from glassnet.nn.network import Network
from glassnet.nn.tracing.explanation import Index
from glassnet.types import Array


@dataclass(frozen=True)
class Perturbation:
    """What happens to the loss when one weight is moved a little, each way.

    Parameters
    ----------
    name, index : str, tuple of int
        The weight.
    eps : float
        How far it was moved.
    loss_below, loss_above : float
        The loss with the weight moved down, and up.
    slope : float
        (loss_above - loss_below) / (2 eps).
    gradient : float
        What backpropagation says.
    """

    name: str
    index: Index
    eps: float
    loss_below: float
    loss_above: float
    slope: float
    gradient: float


def perturb_weight(
    network: Network,
    x: Array,
    labels: Array,
    loss: Loss,
    name: str,
    place: Index,
    eps: float,
    gradient: float,
) -> Perturbation:
    """Measure the slope of the loss along one weight, in float64; equation 29 of ``docs/math.md``.

    Parameters
    ----------
    network : Network
        Left as it is.
    x : ndarray, (n, n_in)
        A batch.
    labels : ndarray, (n,) int or (n, n_classes)
        Its labels.
    loss : callable
        A loss function.
    name : str
        Of a parameter.
    place : tuple of int
        Of the weight in it.
    eps : float
        How far to move it, above 0.
    gradient : float
        What backpropagation says.

    Returns
    -------
    Perturbation
        Both beside each other.
    """
    params = {key: theta.astype(np.float64) for key, theta in network.params.items()}
    moved = Network(network.layers, params)
    theta, x = params[name], x.astype(np.float64)
    here, losses = float(theta[place]), []
    for value in (here - eps, here + eps):
        theta[place] = value
        losses.append(loss(moved.forward(x)[0], labels)[0])
    below, above = losses
    return Perturbation(name, place, eps, below, above, (above - below) / (2 * eps), gradient)
