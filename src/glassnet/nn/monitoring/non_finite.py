"""Locate the first infinite or NaN value in a training run."""

import numpy as np

from glassnet.nn.network import Network
from glassnet.types import Array


def describe_non_finite(network: Network, x: Array, step: int, rate: float) -> str:
    """Describe the first infinite or NaN value, and suggest a remedy.

    Parameters
    ----------
    network : Network
        Network with an infinite or NaN parameter, or such an output for `x`.
    x : ndarray, (n, n_in)
        A batch of floats in the network's dtype.
    step : int
        Number of updates so far.
    rate : float
        Learning rate of the last update.
    """
    where = _find_parameter(network, step) or _find_output(network, x, step)
    return (
        f"training stopped: {where} is not finite. Try a smaller learning rate "
        f"(it was {rate:g}; a tenth, {rate / 10:g}, is a good next try) or the initializer 'he'"
    )


def _find_parameter(network: Network, step: int) -> str | None:
    for bound in network.bound_layers:
        for letter, theta in bound.params.items():
            if not np.isfinite(theta).all():
                # Possibly by an earlier update of the epoch, after which a ReLU replaced the
                # infinite value by 0 and the loss stayed finite.
                when = f"by step {step}" if step else "before the first step"
                return f"parameter {letter}{bound.number} (layer {bound.number}), {when},"
    return None


def _find_output(network: Network, x: Array, step: int) -> str:
    network = network.for_inference()
    for number, (a, _) in zip(network.numbers, network.activations(x), strict=True):
        if not np.isfinite(a).all():
            return f"the output of layer {number} at step {step + 1}"
    return f"the loss at step {step + 1}"
