"""Live: a training that can be watched, halted, taken a step further, and back."""

import threading
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

from glassnet.data.dataset import Dataset
from glassnet.data.transforms.corruption import corrupt
from glassnet.errors import ConfigError, NotFiniteError
from glassnet.lab.encoding import finite, tell_layers
from glassnet.lab.training.findings import Findings
from glassnet.lab.training.metrics import Metrics
from glassnet.lab.training.options import TrainingOptions
from glassnet.lab.training.snapshot import put_back, take
from glassnet.lab.training.snapshot_history import SnapshotHistory
from glassnet.models.model import Model
from glassnet.nn.schedules import constant
from glassnet.runs.build import build_training
from glassnet.runs.command import changed_command

N_READINGS = 200  # of the metrics, over a whole training
AWAY_SECONDS = 0.01  # for which it rests after a step while somebody draws
SLICE_SECONDS = 0.02  # after which whoever waits for the training gets its turn


class LiveRun:
    """A training that can be watched, halted, taken a step further, and back.

    Parameters
    ----------
    name : str
        Of its own.
    knobs : TrainingOptions
        What was chosen.
    dataset : Dataset
        What it learns from, before any corruption.
    most_bytes : int
        That its snapshots may take.

    Attributes
    ----------
    history : SnapshotHistory
        Its snapshots.
    status : str
        ``"waiting"``, ``"running"``, ``"paused"``, ``"done"`` or ``"failed"``.
    pace : float or None
        Steps a second at most; None for as fast as it goes.
    lock : threading.RLock
        Held while it is stepped or looked at.
    """

    def __init__(
        self, name: str, knobs: TrainingOptions, dataset: Dataset, most_bytes: int
    ) -> None:
        self.name, self.knobs = name, knobs
        self.config = knobs.config(dataset.name)
        self.dataset = corrupt(dataset, self.config.corrupt, self.config.seed)
        self.training = build_training(self.config, self.dataset)
        self.training.full_pass = False  # the curves are read by metrics
        self.lock = threading.RLock()
        self.status, self.message = "waiting", ""
        self.pace: float | None = None
        self._halted, self._turn = threading.Event(), 0
        self.n_steps = self.training.epochs * self.config.recipe.steps_per_epoch(
            len(self.training.images)
        )
        self._metrics = Metrics(self.training)
        self._every = max(1, self.n_steps // N_READINGS)
        self._steps = self.training.steps()
        self._busy, self._n_busy = 0.0, 0  # seconds and images of the steps timed
        self._findings = Findings(self.config, self.training, self.dataset)
        self.readings = [self._metrics.read()]
        self.history = SnapshotHistory(self.n_steps, most_bytes, take(self.training))

    @property
    def step(self) -> int:
        """Return the number of updates made.

        Returns
        -------
        int
            From 0 to ``n_steps``.
        """
        return self.training.step

    def begin(self) -> int:
        """Take a turn: whoever ran it before no longer does.

        Returns
        -------
        int
            For `run`.
        """
        self._halted.clear()
        self.status, self._turn = "running", self._turn + 1
        return self._turn

    def halt(self) -> None:
        """Let it run no longer; one that is over stays so."""
        if self.status in ("waiting", "running"):
            self.status = "paused"
        self._halted.set()

    def run(self, turn: int, may_go_on: Callable[[], bool], gives_way: Callable[[], bool]) -> None:
        """Train until it is done, fails, is halted, or somebody else has the turn.

        Parameters
        ----------
        turn : int
            From `begin`.
        may_go_on : callable
            Asked between steps.
        gives_way : callable
            Asked after each step whether something more urgent is to be done.
        """

        def _is_on() -> bool:
            return self.status == "running" and self._turn == turn and may_go_on()

        while _is_on():
            with self.lock:
                until = time.perf_counter() + SLICE_SECONDS
                while _is_on() and time.perf_counter() < until:
                    self.advance()
                    if self.pace is not None or gives_way():
                        break
            # Drawing goes first, and whoever wants to watch sets the pace.
            rest = AWAY_SECONDS if gives_way() else 0.001
            self._halted.wait(rest if self.pace is None else 1 / self.pace)

    def advance(self) -> None:
        """Make one step: a batch, forward, backward, update."""
        with self.lock:
            self.forget_what_comes()
            started = time.perf_counter()
            try:
                is_over = next(self._steps, self) is self
            except NotFiniteError as error:
                self.status, self.message = "failed", str(error)
                return
            self._busy += time.perf_counter() - started
            self._n_busy += self.training.batch_size
            if is_over:
                self.status = "done"
                return
            if self.step % self._every == 0 or self.history.is_due(self.step):
                self.readings.append(self._metrics.read())
            if self.history.is_due(self.step):
                self.history.keep(take(self.training))
            if self.step >= self.n_steps:
                self.status = "done"

    def rewind(self, step: int) -> None:
        """Go back, or forward again, to a snapshot; to the very weights.

        Parameters
        ----------
        step : int
            After which it was taken.

        Raises
        ------
        ConfigError
            If none was taken there.
        """
        with self.lock:
            put_back(self.training, self.history.find(step))
            self._steps = self.training.steps()
            self.status, self.message = "paused", ""

    def set_learning_rate(self, value: float) -> None:
        """Go on with another rate.

        Parameters
        ----------
        value : float
            Above 0.

        Raises
        ------
        ConfigError
            If it is none.
        """
        if not 0 < value < float("inf"):
            raise ConfigError(f"learning_rate: needs a number above 0, got {value}")
        with self.lock:
            self.training.schedule = constant(value)

    def model(self, step: int | None = None) -> Model:
        """Return the model as it is, or as it was.

        Parameters
        ----------
        step : int, optional
            Of a snapshot.

        Returns
        -------
        Model
            With arrays of its own.
        """
        with self.lock:
            network = self.training.network
            network = network.copy() if step is None else self.history.find(step).network(network)
        return Model.of(network, (28, 28))

    def tell(self, since: int = 0) -> dict[str, Any]:
        """Tell how it goes.

        Parameters
        ----------
        since : int
            Readings that are already known.

        Returns
        -------
        dict
            Status, readings, snapshots and findings.
        """
        with self.lock:
            shown = min(since, len(self.readings))
            rate = self._n_busy / self._busy if self._busy else None
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
                "n_before": shown,
                "n_readings": len(self.readings),
                "readings": self.readings[shown:],
                "snapshots": [one.step for one in self.history.snapshots],
                "findings": self._findings.tell(),
                "layers": tell_layers(self.training.network),
                **self._told,
            }

    @cached_property
    def _told(self) -> dict[str, Any]:
        knobs = vars(self.knobs) | {"hidden": list(self.knobs.hidden)}
        return {
            "knobs": knobs,
            "data": self.dataset.name,
            "n_train": len(self.training.images),
            "command": changed_command(self.config, {}),
        }

    def forget_what_comes(self) -> None:
        """Drop what was written down after the step from which it now goes on."""
        if self.readings[-1]["step"] > self.step:
            self.readings = [one for one in self.readings if one["step"] <= self.step]
        self.history.cut(self.step)
