"""Live run: a training run that can be monitored, paused, stepped and rewound."""

import threading
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

from glassnet.data.dataset import Dataset
from glassnet.data.transforms.corruption import corrupt
from glassnet.errors import ConfigError, NotFiniteError
from glassnet.lab.encoding import describe_layers, finite
from glassnet.lab.training.findings import Findings
from glassnet.lab.training.metrics import Metrics
from glassnet.lab.training.options import TrainingOptions
from glassnet.lab.training.snapshot import restore_snapshot, take_snapshot
from glassnet.lab.training.snapshot_history import SnapshotHistory
from glassnet.models.model import Model
from glassnet.nn.schedules import constant
from glassnet.runs.build import build_training
from glassnet.runs.command import changed_command

N_READINGS = 200  # of the metrics, over the run
YIELD_SECONDS = 0.01  # pause after a step while a drawing is being classified
SLICE_SECONDS = 0.02  # longest time for which the lock is held


class LiveRun:
    """A training run that can be monitored, paused, stepped and rewound.

    Parameters
    ----------
    name : str
        Identifier within the session.
    options : TrainingOptions
        Options chosen by the visitor.
    dataset : Dataset
        Images before the corruption, if an experiment corrupts them.
    max_bytes : int
        Memory limit of the snapshots, in bytes.

    Attributes
    ----------
    history : SnapshotHistory
    status : str
        ``"waiting"``, ``"running"``, ``"paused"``, ``"done"`` or ``"failed"``.
    pace : float or None
        Maximum number of steps per second; None for full speed.
    lock : threading.RLock
        Held while the run is stepped or read.
    """

    def __init__(
        self, name: str, options: TrainingOptions, dataset: Dataset, max_bytes: int
    ) -> None:
        self.name, self.options = name, options
        self.config = options.config(dataset.name)
        self.dataset = corrupt(dataset, self.config.corrupt, self.config.seed)
        self.training = build_training(self.config, self.dataset)
        self.training.full_pass = False  # the charts show the metrics instead
        self.lock = threading.RLock()
        self.status, self.message = "waiting", ""
        self.pace: float | None = None
        self._paused, self._turn = threading.Event(), 0
        self.n_steps = self.training.epochs * self.config.recipe.steps_per_epoch(
            len(self.training.images)
        )
        self._metrics = Metrics(self.training)
        self._every = max(1, self.n_steps // N_READINGS)
        self._steps = self.training.steps()
        self._timed_seconds, self._n_timed = 0.0, 0  # seconds and images of all steps
        self._findings = Findings(self.config, self.training, self.dataset)
        self.readings = [self._metrics.read()]
        self.history = SnapshotHistory(self.n_steps, max_bytes, take_snapshot(self.training))

    @property
    def step(self) -> int:
        """Number of updates made so far, from 0 to ``n_steps``."""
        return self.training.step

    def begin(self) -> int:
        """Set the status to running, end earlier turns, and return a new turn for `run`."""
        self._paused.clear()
        self.status, self._turn = "running", self._turn + 1
        return self._turn

    def pause(self) -> None:
        """Pause a run that is waiting or running."""
        if self.status in ("waiting", "running"):
            self.status = "paused"
        self._paused.set()

    def run(
        self, turn: int, may_continue: Callable[[], bool], should_yield: Callable[[], bool]
    ) -> None:
        """Train until the run is done, fails or is paused, or a later turn begins.

        Parameters
        ----------
        turn : int
            Return value of `begin`.
        may_continue : callable
            Called between steps; training stops when it returns False.
        should_yield : callable
            Called after each step; returns whether a classification is pending.
        """

        def _is_running() -> bool:
            return self.status == "running" and self._turn == turn and may_continue()

        while _is_running():
            with self.lock:
                until = time.perf_counter() + SLICE_SECONDS
                while _is_running() and time.perf_counter() < until:
                    self.advance()
                    if self.pace is not None or should_yield():
                        break
            rest = YIELD_SECONDS if should_yield() else 0.001
            self._paused.wait(rest if self.pace is None else 1 / self.pace)

    def advance(self) -> None:
        """Train on one batch: forward, loss, backward, update."""
        with self.lock:
            self.drop_future()
            started = time.perf_counter()
            try:
                is_over = next(self._steps, self) is self
            except NotFiniteError as error:
                self.status, self.message = "failed", str(error)
                return
            self._timed_seconds += time.perf_counter() - started
            self._n_timed += self.training.batch_size
            if is_over:
                self.status = "done"
                return
            if self.step % self._every == 0 or self.history.is_due(self.step):
                self.readings.append(self._metrics.read())
            if self.history.is_due(self.step):
                self.history.append(take_snapshot(self.training))
            if self.step >= self.n_steps:
                self.status = "done"

    def rewind(self, step: int) -> None:
        """Restore the snapshot taken after `step`, bit for bit.

        Raises
        ------
        ConfigError
            If there is no such snapshot.
        """
        with self.lock:
            restore_snapshot(self.training, self.history.find(step))
            self._steps = self.training.steps()
            self.status, self.message = "paused", ""

    def set_learning_rate(self, value: float) -> None:
        """Set a constant learning rate for the rest of the run.

        Raises
        ------
        ConfigError
            If it is not a finite number above 0.
        """
        if not 0 < value < float("inf"):
            raise ConfigError(f"learning_rate: needs a number above 0, got {value}")
        with self.lock:
            self.training.schedule = constant(value)

    def model(self, step: int | None = None) -> Model:
        """Return a model with copies of the current parameters, or of those in a snapshot."""
        with self.lock:
            network = self.training.network
            network = network.copy() if step is None else self.history.find(step).network(network)
        return Model.of(network, (28, 28))

    def describe(self, since: int = 0) -> dict[str, Any]:
        """Return the state of the run in JSON-serialisable form.

        Parameters
        ----------
        since : int
            Number of readings to leave out, because they are already known.

        Returns
        -------
        dict
            Status, position, readings, snapshots and findings.
        """
        with self.lock:
            n_known = min(since, len(self.readings))
            rate = self._n_timed / self._timed_seconds if self._timed_seconds else None
            return {
                "id": self.name,
                "status": self.status,
                "message": self.message,
                "step": self.step,
                "n_steps": self.n_steps,
                "epoch": self.training.epoch,
                "epochs": self.training.epochs,
                "batch": self.training.batch,
                "pace": self.pace,
                "learning_rate": finite(self.training.schedule(max(0, self.step - 1))),
                "images_per_second": rate,
                "n_before": n_known,
                "n_readings": len(self.readings),
                "readings": self.readings[n_known:],
                "snapshots": [snapshot.step for snapshot in self.history.snapshots],
                "findings": self._findings.describe(),
                "layers": describe_layers(self.training.network),
                **self._constants,
            }

    @cached_property
    def _constants(self) -> dict[str, Any]:
        return {
            "options": self.options.values(),
            "data": self.dataset.name,
            "n_train": len(self.training.images),
            "command": changed_command(self.config, {}),
        }

    def drop_future(self) -> None:
        """Drop readings and snapshots after the current step when a rewound run is resumed."""
        if self.readings[-1]["step"] > self.step:
            self.readings = [reading for reading in self.readings if reading["step"] <= self.step]
        self.history.truncate(self.step)
