"""Slopes without calculus: nudge, run forward, compare."""

from dataclasses import dataclass

import numpy as np

from glassnet.nn.activations import KINKED
from glassnet.nn.losses import Loss
from glassnet.nn.network import Network
from glassnet.types import Array


@dataclass(frozen=True)
class Probe:
    """A network held still, whose loss can be asked for beside the point where it stands.

    Parameters
    ----------
    network : Network
        In float64.
    x : ndarray, (n, n_in)
        A batch.
    labels : ndarray, (n,) int or (n, n_classes)
        Its labels.
    loss : callable
        A loss function.
    eps : float
        How far to step aside.
    seed : int
        Of the noise, in a network that has any.
    """

    network: Network
    x: Array
    labels: Array
    loss: Loss
    eps: float
    seed: int = 0

    def slope(self, name: str, direction: Array) -> float | None:
        """Measure the slope of the loss along a direction, by equation 29.

        Parameters
        ----------
        name : str
            Of the parameter to nudge.
        direction : ndarray
            Shaped like it.

        Returns
        -------
        float or None
            The slope; None where a ReLU switches between the two nudges, however small.
        """
        for eps in (self.eps, self.eps / 10, self.eps / 100):
            loss_above, switches_above = self._look(name, eps * direction)
            loss_below, switches_below = self._look(name, -eps * direction)
            if switches_above == switches_below:
                return (loss_above - loss_below) / (2 * eps)
        return None

    def _look(self, name: str, nudge: Array) -> tuple[float, bytes]:
        """Return the loss beside the point, and which ReLUs are on there."""
        theta = self.network.params[name]
        here = theta.copy()
        theta += nudge
        switches = b""
        # The same seed each time: noise that moved would be taken for a slope.
        passing = self.network.activations(
            self.x, training=True, rng=np.random.default_rng(self.seed)
        )
        for layer, (a, _) in zip(self.network.layers, passing, strict=True):
            if getattr(layer, "activation", None) in KINKED:
                switches += np.packbits(a > 0).tobytes()
        theta[...] = here
        return self.loss(a, self.labels)[0], switches


def find_worst(probe: Probe, name: str, gradient: Array, direction: Array) -> tuple[int, ...]:
    """Follow the larger disagreement into one half of the entries, until one is left.

    Parameters
    ----------
    probe : Probe
        Measures.
    name : str
        Of the parameter.
    gradient : ndarray
        What backpropagation says of it.
    direction : ndarray
        Along which the two disagree.

    Returns
    -------
    tuple of int
        Index of the entry.
    """
    low, high = 0, direction.size
    while high - low > 1:
        middle = (low + high) // 2
        part = np.zeros_like(direction)
        part.flat[low:middle] = direction.flat[low:middle]
        rest = np.zeros_like(direction)
        rest.flat[middle:high] = direction.flat[middle:high]
        if _disagreement(probe, name, gradient, part) >= _disagreement(probe, name, gradient, rest):
            high = middle
        else:
            low = middle
    return tuple(int(i) for i in np.unravel_index(low, direction.shape))


def _disagreement(probe: Probe, name: str, gradient: Array, direction: Array) -> float:
    numeric = probe.slope(name, direction)
    return 0.0 if numeric is None else abs(float((gradient * direction).sum()) - numeric)
