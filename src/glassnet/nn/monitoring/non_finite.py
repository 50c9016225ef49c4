"""Breakdown: where the first infinite or NaN number of a training stands, and what to try."""

from string import ascii_letters

import numpy as np

from glassnet.nn.network import Network
from glassnet.types import Array


def describe_non_finite(network: Network, x: Array, step: int, rate: float) -> str:
    """Say what broke.

    Parameters
    ----------
    network : Network
        With a number in it, or coming out of it, that is not finite.
    x : ndarray, (n, n_in)
        A batch that shows it.
    step : int
        Updates made so far.
    rate : float
        The last learning rate.

    Returns
    -------
    str
        One line.
    """
    for name, theta in network.params.items():
        if not np.isfinite(theta).all():
            # The update that did it may be an earlier one of the same epoch, where a ReLU
            # cut an infinite number off and the loss stayed finite.
            when = f"by step {step}" if step else "before the first step"
            where = f"parameter {name} (layer {name.lstrip(ascii_letters)}), {when},"
            break
    else:
        where = f"the loss at step {step + 1}"
        for number, (a, _) in enumerate(network.for_inference().activations(x), start=1):
            if not np.isfinite(a).all():
                where = f"the output of layer {number} at step {step + 1}"
                break
    return (
        f"training stopped: {where} is not finite. Try a smaller learning rate "
        f"(it was {rate:g}; a tenth, {rate / 10:g}, is a good next try) or the initializer 'he'"
    )
