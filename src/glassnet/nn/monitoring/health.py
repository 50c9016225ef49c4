"""Health of the hidden units: fractions of dead and of saturated units.

A dead ReLU is 0 for every image; a saturated sigmoid or tanh is close to an end of its range.
Neither learns, since its derivative is about 0.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.nn.layers.dense import Dense
from glassnet.nn.network import Network
from glassnet.types import Array

N_PROBES = 1_000  # maximum number of images on which units are measured
SATURATION_MARGIN = 0.01  # fraction of the range; an activation this close to an end is saturated
MIN_SATURATED_SHARE = 0.9  # fraction of the images for which a saturated unit is close to an end

_IS_ZERO: dict[object, Callable[[Array], Array]] = {"relu": lambda a: a == 0}
_IS_SATURATED: dict[object, Callable[[Array], Array]] = {
    "sigmoid": lambda a: (a < SATURATION_MARGIN) | (a > 1 - SATURATION_MARGIN),
    "tanh": lambda a: np.abs(a) > 1 - 2 * SATURATION_MARGIN,
}


@dataclass(frozen=True)
class Health:
    """Statistics of the hidden layers, from first to last.

    Parameters
    ----------
    dead : tuple of float
        Fraction of ReLU units that are 0 for every image; 0 for other activations.
    saturated_units : tuple of float
        Fraction of sigmoid or tanh units within 1% of an end of their range for at least 90% of
        the images; 0 for other activations.
    saturated_activations : tuple of float
        Fraction of the layer's activations, over all units and images, within 1% of an end.
    is_finite : bool
        Whether all logits are finite.
    """

    dead: tuple[float, ...]
    saturated_units: tuple[float, ...]
    saturated_activations: tuple[float, ...]
    is_finite: bool


def measure_health(network: Network, x: Array) -> Health:
    """Measure the health of the hidden dense layers on a batch, in inference mode.

    `x`, (n, n_in), has the network's dtype. All fractions are in [0, 1].
    """
    dead, saturated_units, saturated_activations = [], [], []
    network = network.for_inference()
    outputs = [a for a, _ in network.activations(x)]
    layers = zip(network.layers, outputs, strict=True)
    dense = [(layer.activation, a) for layer, a in layers if isinstance(layer, Dense)]
    for activation, a in dense[:-1]:
        is_zero, is_saturated = _IS_ZERO.get(activation), _IS_SATURATED.get(activation)
        dead.append(float(is_zero(a).all(axis=0).mean()) if is_zero else 0.0)
        shares = is_saturated(a).mean(axis=0) if is_saturated else np.zeros(1)  # of each unit
        saturated_units.append(float((shares >= MIN_SATURATED_SHARE).mean()))
        saturated_activations.append(float(shares.mean()))
    return Health(
        tuple(dead),
        tuple(saturated_units),
        tuple(saturated_activations),
        bool(np.isfinite(outputs[-1]).all()),
    )


def measure_unit_similarity(network: Network) -> tuple[float, ...]:
    """Measure the similarity of the units in each hidden dense layer.

    This is the fraction of the weights' squared norm due to their mean over the units: about
    1 / n_out for units drawn at random, 1 for identical units.

    Returns
    -------
    tuple of float
        One value from 0 to 1 for each hidden layer; 1 if all weights are 0, and 0 for a layer with
        one unit.
    """
    shares = []
    dense = [bound for bound in network.bound_layers if isinstance(bound.layer, Dense)]
    for bound in dense[:-1]:
        W = bound.params["W"]
        n_out = W.shape[1]
        sums = W @ np.ones(n_out, W.dtype)  # a product is faster than means along rows
        total, common = float(np.vdot(W, W)), math.hypot(*sums.tolist()) ** 2 / n_out
        shares.append(0.0 if n_out == 1 else common / total if total else 1.0)
    return tuple(shares)
