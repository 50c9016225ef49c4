"""Runs: actions on a live run, and images of its weights."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.errors import ConfigError
from glassnet.lab.training.live_run import LiveRun
from glassnet.lab.training.queue import TrainingQueue
from glassnet.types import Array

MAX_UNITS = 64  # per layer, whose weights are sent as images


@dataclass(frozen=True)
class WeightPictures:
    """Weights of the first units in a layer, (n_units, n_in) int8; 127 represents `largest`."""

    levels: Array
    largest: float


def describe_run(run: LiveRun, queue: TrainingQueue, since: int = 0) -> dict[str, Any]:
    """Return the state of a run and its place in the queue; see `LiveRun.describe`."""
    return run.describe(since) | {"place": queue.place(run)}


def act(
    run: LiveRun,
    queue: TrainingQueue,
    action: str,
    *,
    step: int | None = None,
    learning_rate: float | None = None,
    pace: float | None = None,
) -> None:
    """Pause, resume, step or rewind a run, or change its learning rate or pace.

    Parameters
    ----------
    run : LiveRun
    queue : TrainingQueue
        Queue that trains the run.
    action : str
        ``"pause"``, ``"resume"``, ``"step"``, ``"rewind"``, ``"learning_rate"`` or ``"pace"``.
    step : int, optional
        Step of the snapshot to rewind to.
    learning_rate : float, optional
        New learning rate, above 0.
    pace : float, optional
        Steps per second; None for full speed.

    Raises
    ------
    ConfigError
        If a value is missing or out of range, or the run has ended.
    """
    match action:
        case "learning_rate":
            if learning_rate is None:
                raise ConfigError("learning_rate: needs a number above 0, got null")
            run.set_learning_rate(learning_rate)
        case "pace":
            run.pace = pace
        case "resume":
            run.drop_future()
            queue.enter(run)
        case "pause":
            queue.leave(run)
        case "step":
            queue.leave(run)
            if run.status != "paused":
                raise ConfigError(f"action: step needs a paused run, got one that is {run.status}")
            run.advance()
        case "rewind":
            queue.leave(run)
            if step is None:
                raise ConfigError("step: needs the step of a snapshot, got null")
            run.rewind(step)
        case _:
            raise ConfigError(
                f"action: needs pause, resume, step, rewind, learning_rate or pace, got {action!r}"
            )


def picture_weights(run: LiveRun, layer: int, step: int | None = None) -> WeightPictures:
    """Return the weights of the first `MAX_UNITS` units in a dense layer (numbered from 1).

    Raises
    ------
    ConfigError
        If there is no such layer or snapshot.
    """
    network = run.model(step).members[0].network
    if layer > len(network.dense):
        raise ConfigError(f"layer: needs a number from 1 to {len(network.dense)}, got {layer}")
    W = network.params[f"W{layer}"][:, :MAX_UNITS].T
    W = np.nan_to_num(W, nan=0.0, posinf=0.0, neginf=0.0)
    largest = float(np.abs(W).max())
    return WeightPictures(np.rint(W / (largest or 1) * 127).astype(np.int8), largest)
