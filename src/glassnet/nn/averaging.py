"""Averaging: a second set of weights, the moving average of those that training visits.

The steps of a high learning rate jump around a minimum; their mean lies nearer to it.
"""

from glassnet.nn.network import Network


def follow(average: Network, network: Network, decay: float, step: int) -> None:
    """Move an average towards the newest weights: average <- d average + (1 - d) theta.

    Parameters
    ----------
    average : Network
        Parameters and buffers, written to.
    network : Network
        The newest.
    decay : float
        d, from 0 to below 1. Early on a smaller one, (1 + t) / (10 + t) at step t, lets go of
        the weights that training started from.
    step : int
        t, from 0.

    References
    ----------
    Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging"; the
    exponential form and its start as in TensorFlow's ``ExponentialMovingAverage``.
    """
    d = min(decay, (1 + step) / (10 + step))
    for kept, newest in ((average.params, network.params), (average.buffers, network.buffers)):
        for name, mean in kept.items():
            # Equation 44 as theta + d (average - theta): in place, and where the two agree, they
            # stay equal to the bit.
            mean -= newest[name]
            mean *= d
            mean += newest[name]
