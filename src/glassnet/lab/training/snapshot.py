"""Snapshot: the complete state of a run after a step, from which it can be resumed."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.nn.network import Network
from glassnet.nn.schedules import Schedule
from glassnet.nn.training import Training


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state of a training run between two steps.

    Parameters
    ----------
    step : int
        Number of updates made so far.
    state : dict
        Deep copy of `Training.state_dict`.
    schedule : callable
    """

    step: int
    state: dict[str, Any]
    schedule: Schedule

    @property
    def nbytes(self) -> int:
        """Memory used by the arrays, in bytes, excluding the records."""
        return _count_bytes(self.state)

    def network(self, like: Network) -> Network:
        """Return a copy of the network `like` with the parameters and buffers from the snapshot."""
        network = like.copy()
        for arrays, saved in (
            (network.params, self.state["network"]["params"]),
            (network.buffers, self.state["network"]["buffers"]),
        ):
            for name, array in arrays.items():
                array[...] = saved[name]
        return network


def take_snapshot(training: Training) -> Snapshot:
    """Take a snapshot of a training run."""
    state = copy.deepcopy(training.state_dict())
    return Snapshot(training.step, state, training.schedule)


def restore_snapshot(training: Training, snapshot: Snapshot) -> None:
    """Restore a snapshot of the same training run."""
    training.load_state_dict(copy.deepcopy(snapshot.state))
    training.schedule = snapshot.schedule


def _count_bytes(state: dict[str, Any]) -> int:
    return sum(
        value.nbytes if isinstance(value, np.ndarray) else _count_bytes(value)
        for value in state.values()
        if isinstance(value, np.ndarray | dict)
    )
