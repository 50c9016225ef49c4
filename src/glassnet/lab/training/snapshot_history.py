"""SnapshotHistory: the snapshots of a training, in the order of its steps, in bounded memory."""

import math

import numpy as np

from glassnet.errors import ConfigError
from glassnet.lab.training.snapshot import Snapshot

N_SNAPSHOTS = 35


class SnapshotHistory:
    """The snapshots of a training, in the order of its steps.

    Parameters
    ----------
    n_steps : int
        Of the whole training.
    most_bytes : int
        That they may take.
    start : Snapshot
        Taken before the first step.

    Attributes
    ----------
    snapshots : list of Snapshot
        That are kept, the start always among them.
    """

    def __init__(self, n_steps: int, most_bytes: int, start: Snapshot) -> None:
        self.snapshots = [start]
        self._plan, self._most_bytes = plan(n_steps), most_bytes

    @property
    def reserved(self) -> int:
        """Return the memory that the snapshots will take at most.

        Returns
        -------
        int
            Bytes.
        """
        return min(self._most_bytes, len(self._plan) * self.snapshots[0].nbytes)

    @property
    def nbytes(self) -> int:
        """Return the memory that the snapshots take.

        Returns
        -------
        int
            Bytes.
        """
        return sum(snapshot.nbytes for snapshot in self.snapshots)

    def is_due(self, step: int) -> bool:
        """Tell whether a snapshot is to be taken.

        Parameters
        ----------
        step : int
            After which.

        Returns
        -------
        bool
            As was planned.
        """
        return step in self._plan

    def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot; where memory is short, every second of the others goes.

        Parameters
        ----------
        snapshot : Snapshot
            Taken after all that are kept.
        """
        self.snapshots.append(snapshot)
        while self.nbytes > self._most_bytes and len(self.snapshots) > 3:
            self.snapshots = [*self.snapshots[:-1:2], self.snapshots[-1]]

    def find(self, step: int) -> Snapshot:
        """Find a snapshot.

        Parameters
        ----------
        step : int
            After which it was taken.

        Returns
        -------
        Snapshot
            To look at.

        Raises
        ------
        ConfigError
            If none was taken there.
        """
        for one in self.snapshots:
            if one.step == step:
                return one
        steps = ", ".join(str(one.step) for one in self.snapshots)
        raise ConfigError(f"step: there are snapshots after steps {steps}; got {step}")

    def cut(self, step: int) -> None:
        """Drop what was taken later.

        Parameters
        ----------
        step : int
            After which the training goes on.
        """
        if self.snapshots[-1].step > step:
            self.snapshots = [one for one in self.snapshots if one.step <= step]


def plan(n_steps: int) -> frozenset[int]:
    """Choose after which steps to take a snapshot: evenly by the logarithm.

    Parameters
    ----------
    n_steps : int
        Of the whole training.

    Returns
    -------
    frozenset of int
        At most `N_SNAPSHOTS`, with the start and the end.
    """
    exponents = np.linspace(0, math.log(max(1, n_steps)), N_SNAPSHOTS - 1)
    return frozenset({0, *np.rint(np.exp(exponents)).astype(int).tolist()})
