"""EpochStats: running statistics over the steps of one epoch."""

import math
from dataclasses import dataclass, field

import numpy as np

from glassnet.nn.network import Network
from glassnet.types import Array

N_STRETCHES = 20  # maximum number of parts of an epoch, each with a mean loss


@dataclass(kw_only=True)
class EpochStats:
    """Running statistics over the steps of one epoch.

    Parameters
    ----------
    total_loss : float
        Sum of the loss over the images so far.
    n_correct : int
        Number of images classified correctly so far, each before its update.
    seconds : float
        Time spent on the steps.
    first_loss, peak_loss : float or None
        Loss of the first batch, and the highest loss of a batch; None before the first batch.
    totals : list of float
        Sum of the batches' losses in each part of the epoch.
    counts : list of int
        Number of batches so far in each part.
    update_ratios : list of float
        For each layer with weights W, the largest ||W after - W before|| / ||W before|| over the
        sampled steps.
    first_update : float or None
        Largest of these ratios, over all layers, for the first step.
    """

    total_loss: float = 0.0
    n_correct: int = 0
    seconds: float = 0.0
    first_loss: float | None = None
    peak_loss: float | None = None
    totals: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    update_ratios: list[float] = field(default_factory=list)
    first_update: float | None = None

    def add_loss(self, loss: float, batch: int, n_batches: int) -> None:
        """Record the mean loss over batch `batch`, counted from 0, out of `n_batches`."""
        if self.first_loss is None or self.peak_loss is None:
            self.first_loss = self.peak_loss = loss
            n_stretches = min(N_STRETCHES, n_batches)
            self.totals, self.counts = [0.0] * n_stretches, [0] * n_stretches
        elif not loss <= self.peak_loss:  # also true for NaN
            self.peak_loss = loss
        stretch = batch * len(self.totals) // n_batches
        self.totals[stretch] += loss
        self.counts[stretch] += 1

    def add_update(self, before: list[Array], network: Network) -> None:
        """Record the relative change in the weights over a step.

        Parameters
        ----------
        before : list of ndarray
            Weights before the step, from `copy_weights`; overwritten.
        network : Network
            The network after the step.
        """
        ratios = []
        for kept, W in zip(before, _weights(network), strict=True):
            length = _norm(kept)
            kept -= W
            moved = _norm(kept)
            # Relative to zero weights, any change counts as 1.
            ratios.append(moved / length if length else float(moved > 0))
        if self.first_update is None:
            self.first_update = max(ratios, default=0.0)
        largest = self.update_ratios or [0.0] * len(ratios)
        self.update_ratios = [max(pair) for pair in zip(largest, ratios, strict=True)]

    @property
    def trajectory(self) -> tuple[float, ...]:
        """Mean loss of each part of the epoch; NaN for parts that were not reached."""
        return tuple(
            total / count if count else math.nan
            for total, count in zip(self.totals, self.counts, strict=True)
        )


def is_sampled(batch: int) -> bool:
    """Return whether the update for batch `batch` is measured: the 1st, 2nd, 4th, 8th, ..."""
    return batch + 1 & batch == 0


def copy_weights(network: Network) -> list[Array]:
    """Copy the weights W of all layers that have them, for comparison after a step."""
    return [W.copy() for W in _weights(network)]


def _weights(network: Network) -> list[Array]:
    return [bound.params["W"] for bound in network.bound_layers if "W" in bound.params]


def _norm(W: Array) -> float:
    return float(np.linalg.norm(W))
