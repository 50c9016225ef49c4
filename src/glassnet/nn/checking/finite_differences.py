"""Central differences: the slope of the loss from two forward passes."""

from dataclasses import dataclass

import numpy as np

from glassnet.nn.activations import KINKED
from glassnet.nn.losses import Loss
from glassnet.nn.network import Network
from glassnet.types import Array


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Network and batch for evaluating the loss at perturbed parameters.

    Parameters
    ----------
    network : Network
        Network in float64; each evaluation changes and restores its parameters.
    x : ndarray, (n, n_in)
    labels : ndarray, (n,) int or (n, n_classes)
    eps : float
        Size of the perturbation.
    training : bool
        Whether layers compute as in training.
    seed : int
        Seed for the noise of the layers.
    """

    network: Network
    x: Array
    labels: Array
    loss: Loss
    eps: float
    training: bool = True
    seed: int = 0

    def slope(self, name: str, direction: Array) -> float | None:
        """Compute the directional derivative of the loss by central differences (equation 29).

        Return None if a ReLU switches between the two points, even for smaller steps.
        """
        for eps in (self.eps, self.eps / 10, self.eps / 100):
            loss_above, switches_above = self.evaluate(name, eps * direction)
            loss_below, switches_below = self.evaluate(name, -eps * direction)
            if switches_above == switches_below:
                return (loss_above - loss_below) / (2 * eps)
        return None

    def evaluate(self, name: str, offset: Array) -> tuple[float, bytes]:
        """Compute the loss with an offset, an array of the same shape, added to the parameter.

        Returns
        -------
        loss : float
            Mean over the batch.
        switches : bytes
            Packed bits, 1 for each ReLU that is on.
        """
        theta = self.network.params[name]
        kept = theta.copy()
        theta += offset
        switches = b""
        # The same seed each time: other noise would change the loss and be mistaken for a slope.
        rng = np.random.default_rng(self.seed)
        outputs = self.network.activations(self.x, training=self.training, rng=rng)
        for layer, (a, _) in zip(self.network.layers, outputs, strict=True):
            if getattr(layer, "activation", None) in KINKED:
                switches += np.packbits(a > 0).tobytes()
        theta[...] = kept
        return self.loss(a, self.labels)[0], switches


def find_worst(probe: Probe, name: str, gradient: Array, direction: Array) -> tuple[int, ...]:
    """Bisect to find the index of an entry with a wrong derivative.

    `gradient`, from backpropagation, and finite differences disagree along `direction`. The half
    of its entries with the larger disagreement is kept until a single entry is left.
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
