"""Snapshots: a training as it stood after a step, whole, so that it can go on from there."""

import copy
from dataclasses import dataclass
from typing import Any

from glassnet.nn.network import Network
from glassnet.nn.optimizers import SCRATCH
from glassnet.nn.schedules import Schedule
from glassnet.nn.training import Training
from glassnet.types import Array


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A training between two steps.

    Parameters
    ----------
    step : int
        Updates made.
    arrays : dict of str to ndarray
        Parameters, buffers and the optimiser's memory.
    position : dict
        All else of its state.
    schedule : callable
        Its learning rate.
    n_records : int
        Epochs recorded.
    """

    step: int
    arrays: dict[str, Array]
    position: dict[str, Any]
    schedule: Schedule
    n_records: int

    @property
    def nbytes(self) -> int:
        """Return the memory that it takes.

        Returns
        -------
        int
            Of its arrays, in bytes.
        """
        return sum(array.nbytes for array in self.arrays.values())

    def network(self, like: Network) -> Network:
        """Return the network as it was.

        Parameters
        ----------
        like : Network
            With its layers.

        Returns
        -------
        Network
            With arrays of its own.
        """
        params = {name: self.arrays[f"params/{name}"].copy() for name in like.params}
        buffers = {name: self.arrays[f"buffers/{name}"].copy() for name in like.buffers}
        return Network(like.layers, params, buffers)


def take(training: Training) -> Snapshot:
    """Copy all that a training is.

    Parameters
    ----------
    training : Training
        Between two steps.

    Returns
    -------
    Snapshot
        With arrays of its own.
    """
    state = training.state
    position = {
        "shuffling": copy.deepcopy(state.shuffling),
        "epoch": state.epoch,
        "batch": state.batch,
        "total_loss": state.total_loss,
        "n_correct": state.n_correct,
        "seconds": state.seconds,
        "course": copy.deepcopy(state.course),
        "rng": training.rng.bit_generator.state,
        "noise": training.noise.bit_generator.state,
        "distortion": training.distortion.bit_generator.state,
    }
    arrays = {name: array.copy() for name, array in _arrays(training).items()}
    step = state.optimizer["step"]
    return Snapshot(step, arrays, position, training.schedule, len(training.records))


def put_back(training: Training, snapshot: Snapshot) -> None:
    """Make a training what it was.

    Parameters
    ----------
    training : Training
        The same; its parameters and state are overwritten.
    snapshot : Snapshot
        Taken of it.
    """
    for name, array in _arrays(training).items():
        array[...] = snapshot.arrays[name]
    state, position = training.state, copy.deepcopy(snapshot.position)
    state.optimizer["step"] = snapshot.step
    for name in ("rng", "noise", "distortion"):
        getattr(training, name).bit_generator.state = position.pop(name)
    for name, value in position.items():
        setattr(state, name, value)
    training.schedule = snapshot.schedule
    del training.records[snapshot.n_records :]


def _arrays(training: Training) -> dict[str, Array]:
    network = training.network
    arrays = {f"params/{name}": theta for name, theta in network.params.items()}
    arrays |= {f"buffers/{name}": kept for name, kept in network.buffers.items()}
    for part, group in training.state.optimizer.items():
        if isinstance(group, dict) and part not in SCRATCH:
            arrays |= {f"{part}/{name}": array for name, array in group.items()}
    return arrays
