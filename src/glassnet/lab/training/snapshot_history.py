"""SnapshotHistory: the snapshots of a run, in the order of its steps, in bounded memory."""

import math

import numpy as np

from glassnet.errors import ConfigError
from glassnet.lab.training.snapshot import Snapshot

N_SNAPSHOTS = 35


class SnapshotHistory:
    """The snapshots of a run, in the order of its steps.

    Parameters
    ----------
    n_steps : int
        Of the whole run.
    max_bytes : int
        Memory limit.
    start : Snapshot
        Taken before the first step; it is always kept.

    Attributes
    ----------
    snapshots : list of Snapshot
        Those that are kept.
    """

    def __init__(self, n_steps: int, max_bytes: int, start: Snapshot) -> None:
        self.snapshots = [start]
        self._planned_steps, self._max_bytes = plan_snapshots(n_steps), max_bytes

    @property
    def reserved_bytes(self) -> int:
        """The memory that the snapshots will take at most."""
        return min(self._max_bytes, len(self._planned_steps) * self.snapshots[0].nbytes)

    @property
    def nbytes(self) -> int:
        """The memory that the snapshots take."""
        return sum(snapshot.nbytes for snapshot in self.snapshots)

    def is_due(self, step: int) -> bool:
        """Return whether a snapshot is planned after `step`."""
        return step in self._planned_steps

    def append(self, snapshot: Snapshot) -> None:
        """Append a snapshot; above the memory limit, drop every second one before it."""
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
        raise ConfigError(f"step: there are snapshots after steps {steps}; got {step}")

    def truncate(self, step: int) -> None:
        """Drop the snapshots taken after `step`."""
        if self.snapshots[-1].step > step:
            self.snapshots = [kept for kept in self.snapshots if kept.step <= step]


def plan_snapshots(n_steps: int) -> frozenset[int]:
    """Return at most `N_SNAPSHOTS` steps, evenly spaced by the logarithm, from 0 to `n_steps`."""
    exponents = np.linspace(0, math.log(max(1, n_steps)), N_SNAPSHOTS - 1)
    return frozenset({0, *np.rint(np.exp(exponents)).astype(int).tolist()})
