"""EpochStats: running statistics of the steps of one epoch."""

import math
from dataclasses import dataclass, field

import numpy as np

from glassnet.nn.network import Network
from glassnet.types import Array

N_STRETCHES = 20  # parts of an epoch, at most, with a mean loss each


@dataclass(kw_only=True)
class EpochStats:
    """Running statistics of the steps of one epoch.

    Parameters
    ----------
    total_loss : float
        Sum of the loss over the images so far.
    n_correct : int
        Images so far that were classified correctly, each before its update.
    seconds : float
        Time spent on the steps.
    first_loss, peak_loss : float or None
        Loss of the first batch, and the highest of any batch; None before there is one.
    totals : list of float
        Sum of the batches' losses in each stretch of the epoch.
    counts : list of int
        Batches in each stretch so far.
    update_ratios : list of float
        For each layer with weights W, the largest ||W after - W before|| / ||W before|| of the
        sampled steps.
    first_update : float or None
        The largest ratio of the first step.
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
        """Record the mean loss of a batch, number `batch` from 0 of `n_batches`."""
        if self.first_loss is None or self.peak_loss is None:
            self.first_loss = self.peak_loss = loss
            n_stretches = min(N_STRETCHES, n_batches)
            self.totals, self.counts = [0.0] * n_stretches, [0] * n_stretches
        elif not loss <= self.peak_loss:  # true for NaN
            self.peak_loss = loss
        stretch = batch * len(self.totals) // n_batches
        self.totals[stretch] += loss
        self.counts[stretch] += 1

    def add_update(self, before: list[Array], network: Network) -> None:
        """Record how far a step moved the weights.

        Parameters
        ----------
        before : list of ndarray
            From `copy_weights`, before the step; overwritten.
        network : Network
            After the step.
        """
        ratios = []
        for kept, W in zip(before, _weights(network), strict=True):
            length = _norm(kept)
            kept -= W
            moved = _norm(kept)
            # Zero weights have no length to compare with: any step counts as 1.
            ratios.append(moved / length if length else float(moved > 0))
        if self.first_update is None:
            self.first_update = max(ratios, default=0.0)
        largest = self.update_ratios or [0.0] * len(ratios)
        self.update_ratios = [max(pair) for pair in zip(largest, ratios, strict=True)]

    @property
    def trajectory(self) -> tuple[float, ...]:
        """Return the mean loss of each stretch; NaN for one that was not reached."""
        return tuple(
            total / count if count else math.nan
            for total, count in zip(self.totals, self.counts, strict=True)
        )


def is_sampled(batch: int) -> bool:
    """Return whether the update of a batch, from 0, is measured: the 1st, 2nd, 4th, 8th, ..."""
    return batch + 1 & batch == 0


def copy_weights(network: Network) -> list[Array]:
    """Copy the weights W of every layer that has them, to compare with after a step."""
    return [W.copy() for W in _weights(network)]


def _weights(network: Network) -> list[Array]:
    return [bound.params["W"] for bound in network.bound_layers if "W" in bound.params]


def _norm(W: Array) -> float:
    return float(np.linalg.norm(W))
