"""Snapshot history: snapshots of a run within a memory limit."""

import math

import numpy as np

from glassnet.errors import ConfigError
from glassnet.lab.training.snapshot import Snapshot

N_SNAPSHOTS = 35


class SnapshotHistory:
    """Snapshots of a run within a memory limit.

    Parameters
    ----------
    n_steps : int
        Number of steps of the run.
    max_bytes : int
        Memory limit of all snapshots, in bytes.
    start : Snapshot
        Snapshot before the first step, which is always kept.

    Attributes
    ----------
    snapshots : list of Snapshot
        Snapshots in the order of their steps.
    """

    def __init__(self, n_steps: int, max_bytes: int, start: Snapshot) -> None:
        self.snapshots = [start]
        self._planned_steps, self._max_bytes = plan_snapshots(n_steps), max_bytes

    @property
    def reserved_bytes(self) -> int:
        """Maximum memory that the snapshots can use, in bytes."""
        return min(self._max_bytes, len(self._planned_steps) * self.snapshots[0].nbytes)

    @property
    def nbytes(self) -> int:
        """Memory used by the snapshots, in bytes."""
        return sum(snapshot.nbytes for snapshot in self.snapshots)

    def is_due(self, step: int) -> bool:
        """Return whether a snapshot is planned after `step`."""
        return step in self._planned_steps

    def append(self, snapshot: Snapshot) -> None:
        """Append a snapshot; above the memory limit, drop alternate earlier ones."""
        self.snapshots.append(snapshot)
        while self.nbytes > self._max_bytes and len(self.snapshots) > 3:
            self.snapshots = [*self.snapshots[:-1:2], self.snapshots[-1]]

    def find(self, step: int) -> Snapshot:
        """Return the snapshot taken after `step`.

        Raises
        ------
        ConfigError
            If there is none.
        """
        for snapshot in self.snapshots:
            if snapshot.step == step:
                return snapshot
        steps = ", ".join(str(snapshot.step) for snapshot in self.snapshots)
        raise ConfigError(f"step: needs a step with a snapshot, one of {steps}, got {step}")

    def truncate(self, step: int) -> None:
        """Drop the snapshots taken after `step`."""
        if self.snapshots[-1].step > step:
            self.snapshots = [snapshot for snapshot in self.snapshots if snapshot.step <= step]


def plan_snapshots(n_steps: int) -> frozenset[int]:
    """Return 0 and up to `N_SNAPSHOTS` - 1 steps spaced logarithmically from 1 to `n_steps`."""
    exponents = np.linspace(0, math.log(max(1, n_steps)), N_SNAPSHOTS - 1)
    return frozenset({0, *np.rint(np.exp(exponents)).astype(int).tolist()})
