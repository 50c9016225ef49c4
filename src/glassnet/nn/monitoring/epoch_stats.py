"""Course: how an epoch goes, step by step, in a handful of numbers."""

import math
from dataclasses import dataclass, field

import numpy as np

from glassnet.nn.network import Network
from glassnet.types import Array

N_STRETCHES = 20  # that an epoch is cut into, at most


@dataclass
class EpochStats:
    """What is kept of the steps of one epoch.

    Parameters
    ----------
    first_loss, peak_loss : float or None
        Of the first batch, and of the worst; None before there is any.
    totals : list of float
        Sum of the batches' losses in each stretch.
    counts : list of int
        Batches in each stretch so far.
    update_ratios : list of float
        Of each layer with weights, the longest step so far beside the weights' own length,
        ||W after - W before|| / ||W before||, among those looked at.
    first_update : float or None
        The same of the first step alone, the most of any layer.
    """

    first_loss: float | None = None
    peak_loss: float | None = None
    totals: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    update_ratios: list[float] = field(default_factory=list)
    first_update: float | None = None

    def note_loss(self, loss: float, batch: int, n_batches: int) -> None:
        """Take in the loss of a batch.

        Parameters
        ----------
        loss : float
            Its mean, before its update.
        batch, n_batches : int
            Which, from 0, of how many.
        """
        if self.first_loss is None or self.peak_loss is None:
            self.first_loss = self.peak_loss = loss
            n_stretches = min(N_STRETCHES, n_batches)
            self.totals, self.counts = [0.0] * n_stretches, [0] * n_stretches
        elif not loss <= self.peak_loss:  # NaN is the worst
            self.peak_loss = loss
        stretch = batch * len(self.totals) // n_batches
        self.totals[stretch] += loss
        self.counts[stretch] += 1

    def note_update(self, before: list[Array], network: Network) -> None:
        """Take in how far a step moved the weights.

        Parameters
        ----------
        before : list of ndarray
            As `copy_weights` gave them; overwritten.
        network : Network
            After the step.
        """
        ratios = []
        for number, W in enumerate(before, start=1):
            length = _norm(W)
            W -= network.params[f"W{number}"]
            moved = _norm(W)
            # Weights that were all zero have no length to compare with: any step is a whole one.
            ratios.append(moved / length if length else float(moved > 0))
        if self.first_update is None:
            self.first_update = max(ratios)
        kept = self.update_ratios or [0.0] * len(ratios)
        self.update_ratios = [max(pair) for pair in zip(kept, ratios, strict=True)]

    @property
    def trajectory(self) -> tuple[float, ...]:
        """Return the mean loss of each stretch; NaN where none was reached."""
        return tuple(
            total / count if count else math.nan
            for total, count in zip(self.totals, self.counts, strict=True)
        )


def is_sampled(batch: int) -> bool:
    """Tell whether a step's length is measured: the 1st, 2nd, 4th, 8th, ... of the epoch.

    Parameters
    ----------
    batch : int
        From 0.

    Returns
    -------
    bool
        A dozen times in an epoch of thousands, and most often where it matters, at its start.
    """
    return batch + 1 & batch == 0


def copy_weights(network: Network) -> list[Array]:
    """Copy every layer's weights, to compare with after a step.

    Parameters
    ----------
    network : Network
        Before the step.

    Returns
    -------
    list of ndarray
        Memory of their own.
    """
    return [network.params[f"W{number}"].copy() for number in range(1, len(network.dense) + 1)]


def _norm(W: Array) -> float:
    return float(np.linalg.norm(W))
