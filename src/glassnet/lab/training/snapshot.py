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
    """A training run between two steps.

    Parameters
    ----------
    step : int
        Updates made.
    state : dict
        Copy of `Training.state_dict`.
    schedule : callable
        Its learning rate.
    """

    step: int
    state: dict[str, Any]
    schedule: Schedule

    @property
    def nbytes(self) -> int:
        """Return the memory of its arrays, in bytes.

        Returns
        -------
        int
            Without the records.
        """
        return _count_bytes(self.state)

    def network(self, like: Network) -> Network:
        """Return the network of that step, with the layers of `like`.

        Returns
        -------
        Network
            With copies of the arrays.
        """
        network = like.copy()
        for arrays, kept in (
            (network.params, self.state["network"]["params"]),
            (network.buffers, self.state["network"]["buffers"]),
        ):
            for name, array in arrays.items():
                array[...] = kept[name]
        return network


def take(training: Training) -> Snapshot:
    """Copy the state of a training run between two steps."""
    state = copy.deepcopy(training.state_dict())
    return Snapshot(training.step, state, training.schedule)


def put_back(training: Training, snapshot: Snapshot) -> None:
    """Restore the state of a training run; `snapshot` was taken of it."""
    training.load_state_dict(copy.deepcopy(snapshot.state))
    training.schedule = snapshot.schedule


def _count_bytes(state: dict[str, Any]) -> int:
    return sum(
        value.nbytes if isinstance(value, np.ndarray) else _count_bytes(value)
        for value in state.values()
        if isinstance(value, np.ndarray | dict)
    )
