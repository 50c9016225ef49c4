"""Training: minibatches, forward, loss, backward, update, and a record after each epoch."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, Literal

import numpy as np

from glassnet.errors import ConfigError, NotFiniteError, check_range, lookup, whole_number
from glassnet.nn.losses import LOSSES, Loss, smooth
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.monitoring.epoch_stats import EpochStats
from glassnet.nn.monitoring.monitor import Monitor, NonFiniteError, Position
from glassnet.nn.monitoring.non_finite import describe_non_finite
from glassnet.nn.network import Network
from glassnet.nn.optimizers import SCRATCH, SGD, Optimizer, check_optimizer, update_ema
from glassnet.nn.schedules import Schedule, constant
from glassnet.nn.validation import Examples, check_examples, to_unit
from glassnet.types import Array

Augment = Callable[[Array, np.random.Generator, float], Array]


def minibatches(
    n_samples: int, batch_size: int, rng: np.random.Generator | None
) -> Iterator[Array]:
    """Divide the rows into batches, in a random order.

    Parameters
    ----------
    n_samples : int
        Number of rows.
    batch_size : int
        Rows in a batch; the last one may have fewer.
    rng : numpy.random.Generator or None
        Source of the order; None keeps the rows in theirs.

    Yields
    ------
    ndarray of int
        Row numbers of one batch.
    """
    order = np.arange(n_samples) if rng is None else rng.permutation(n_samples)
    for start in range(0, n_samples, batch_size):
        yield order[start : start + batch_size]


class Training(Iterator[EpochRecord]):
    """A training run under way, an iterator of its records. Made by `train`.

    The arguments are those of `train`, validated.

    Attributes
    ----------
    epoch, batch : int
        Epochs completed, and batches completed of the current one.
    optimizer_state : dict
        State of the optimiser.
    average : Network or None
        Moving average of the weights, if there is one.
    records : list of EpochRecord
        Records of the epochs so far; the last may be that of an epoch that a `NotFiniteError`
        ended early.
    monitor : Monitor
        Statistics of the current epoch.
    noise, distortion : numpy.random.Generator
        Sources of the layers' noise and of the distortions of the images.
    """

    def __init__(
        self,
        network: Network,
        images: Array,
        labels: Array,
        *,
        loss: Loss,
        optimizer: Optimizer,
        schedule: Schedule,
        batch_size: int,
        validation: tuple[Array, Array] | None,
        epochs: int,
        full_pass: bool,
        label_smoothing: float,
        augment: Augment | None,
        strength: Schedule,
        ema_decay: float | None,
        shuffle: bool,
        rng: np.random.Generator,
    ) -> None:
        self.network, self.images, self.labels, self.loss = network, images, labels, loss
        self.optimizer, self.schedule, self.batch_size = optimizer, schedule, batch_size
        self.validation, self.epochs, self.full_pass, self.rng = validation, epochs, full_pass, rng
        self.label_smoothing, self.ema_decay = label_smoothing, ema_decay
        self.augment, self.strength, self.shuffle = augment, strength, shuffle
        self.optimizer_state = optimizer.init(network.params)
        self.average = None if ema_decay is None else network.copy()
        self.epoch, self.batch = 0, 0
        self.records: list[EpochRecord] = []
        self.monitor = Monitor(network, images, labels)
        self._grads = network.empty_grads()
        # State of `rng` at the start of the current epoch, from which the order of its rows can
        # be drawn again; None between two epochs.
        self._epoch_rng_state: dict[str, Any] | None = None
        # Child streams, so that noise does not change the order of the rows.
        self.noise, self.distortion = rng.spawn(2)

    @property
    def trained(self) -> Network:
        """Return the network to measure and keep: the average if there is one."""
        return self.network if self.average is None else self.average

    @property
    def step(self) -> int:
        """Return the number of updates so far."""
        return int(self.optimizer_state["step"])

    def __next__(self) -> EpochRecord:
        """Train to the end of the epoch."""
        for record in self.steps():
            if record is not None:
                return record
        raise StopIteration

    def steps(self) -> Iterator[EpochRecord | None]:
        """Train step by step, from the current position.

        Yields
        ------
        EpochRecord or None
            After each step: the epoch's record if it was the epoch's last, else None.
        """
        while self.epoch < self.epochs:
            batches = self._draw_batches()
            for rows in batches[self.batch :]:
                started = time.perf_counter()
                self._step(rows)
                self.monitor.stats.seconds += time.perf_counter() - started
                self.batch += 1
                if self.batch < len(batches):
                    yield None
            record = self._record_epoch()
            self.records.append(record)
            self.epoch, self.batch, self._epoch_rng_state = self.epoch + 1, 0, None
            self.monitor.stats = EpochStats()
            yield record

    def _draw_batches(self) -> list[Array]:
        """Draw the order of the epoch's rows, or draw it again after a resume."""
        if self._epoch_rng_state is None:
            self._epoch_rng_state = dict(self.rng.bit_generator.state)
        else:
            self.rng.bit_generator.state = self._epoch_rng_state
        rng = self.rng if self.shuffle else None
        batches = list(minibatches(len(self.images), self.batch_size, rng))
        self.monitor.batches = batches
        return batches

    # Overflow is not warned about: the run stops with its cause.
    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def _step(self, rows: Array) -> None:
        """Update the network once: forward, loss, backward, update."""
        x, labels, targets = self._load_batch(rows)
        loss = self.monitor.observe_loss(self.loss, labels, self.batch)
        try:
            self.network.loss_and_grads(x, targets, self._grads, loss=loss, rng=self.noise)
        except NonFiniteError:
            raise self._not_finite(x) from None
        step = self.step
        with self.monitor.observe_update(self.batch):
            self.optimizer.update(
                self.network.params,
                self._grads,
                self.optimizer_state,
                learning_rate=self.schedule(step),
            )
        if self.average is not None and self.ema_decay is not None:
            update_ema(self.average.params, self.network.params, self.ema_decay, step)
            update_ema(self.average.buffers, self.network.buffers, self.ema_decay, step)

    def _load_batch(self, rows: Array) -> tuple[Array, Array, Array]:
        """Return the images of a batch as floats, its labels, and the targets of the loss."""
        x = to_unit(self.images.take(rows, axis=0), self.network.dtype)
        if self.augment is not None:
            x = self.augment(x, self.distortion, self.strength(self.step))
        labels = self.labels.take(rows, axis=0)
        if not self.label_smoothing:
            return x, labels, labels
        n_classes, dtype = self.network.n_classes, self.network.dtype
        return x, labels, smooth(labels, n_classes, self.label_smoothing, dtype)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def _record_epoch(self) -> EpochRecord:
        try:
            return self.monitor.record(
                self.trained,
                loss=self.loss,
                training=(self.images, self.labels) if self.full_pass else None,
                validation=self.validation,
                position=self._position,
            )
        except NonFiniteError:
            raise self._not_finite(self.monitor.probes) from None

    @property
    def _position(self) -> Position:
        learning_rate = self.schedule(max(0, self.step - 1))
        return Position(self.epoch + 1, self.step, learning_rate, self._grads)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def _not_finite(self, x: Array) -> NotFiniteError:
        """Record the epoch so far, and locate the first value that is infinite or NaN."""
        position = self._position
        message = describe_non_finite(self.network, x, position.step, position.learning_rate)
        record = self.monitor.record_non_finite(self.trained, position)
        self.records.append(record)
        return NotFiniteError(message, record)

    def state_dict(self) -> dict[str, Any]:
        """Return everything that the run needs to go on to the same bits.

        Returns
        -------
        dict
            Nested dictionaries of arrays, the run's own and not copies, and of values that JSON
            can hold. The learning rate's schedule is not part of it.
        """
        return {
            "network": _arrays(self.network),
            "average": {} if self.average is None else _arrays(self.average),
            "optimizer": {k: v for k, v in self.optimizer_state.items() if k not in SCRATCH},
            "generators": {
                "epoch": self._epoch_rng_state or self.rng.bit_generator.state,
                "noise": self.noise.bit_generator.state,
                "distortion": self.distortion.bit_generator.state,
            },
            "epoch": self.epoch,
            "batch": self.batch,
            "stats": asdict(self.monitor.stats),
            "records": [asdict(record) for record in self.records],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a state: arrays are copied into the run's own.

        Parameters
        ----------
        state : dict
            From `state_dict` of a run with the same network and optimiser.
        """
        own = self.state_dict()
        for part in ("network", "average", "optimizer"):
            _copy_into(own[part], state[part])
        self.optimizer_state["step"] = state["optimizer"]["step"]
        generators = state["generators"]
        self._epoch_rng_state = generators["epoch"]
        self.noise.bit_generator.state = generators["noise"]
        self.distortion.bit_generator.state = generators["distortion"]
        self.epoch, self.batch = state["epoch"], state["batch"]
        self.monitor.stats = EpochStats(**state["stats"])
        self.records = [EpochRecord.from_dict(record) for record in state["records"]]


def _arrays(network: Network) -> dict[str, Any]:
    return {"params": network.params, "buffers": network.buffers}


def _copy_into(own: dict[str, Any], other: dict[str, Any]) -> None:
    for name, value in own.items():
        if isinstance(value, dict):
            _copy_into(value, other[name])
        elif isinstance(value, np.ndarray):
            value[...] = other[name]


def train(
    network: Network,
    examples: Examples,
    *,
    validation: Examples | None = None,
    loss: str | Loss = "cross_entropy",
    optimizer: Optimizer | None = None,
    learning_rate: float | Schedule = 0.1,
    epochs: int = 10,
    batch_size: int | Literal["full"] = 128,
    full_pass: bool = False,
    label_smoothing: float = 0.0,
    augment: Augment | None = None,
    strength: float | Schedule = 1.0,
    ema_decay: float | None = None,
    shuffle: bool = True,
    rng: np.random.Generator | int,
) -> Training:
    """Train a network in place, one epoch each time the next record is asked for.

    Parameters
    ----------
    network : Network
        What learns.
    examples : Split or (X, y)
        Training images, whole numbers 0 to 255 or floats in [0, 1], and their labels, (n,) int
        or (n, n_classes).
    validation : Split or (X, y), optional
        Measured after each epoch, never learnt from.
    loss : str or callable
        A key of ``LOSSES``, or such a function.
    optimizer : SGD, Adam, AdamW or alike, optional
        ``SGD()`` when left out.
    learning_rate : float or callable
        A rate, or a schedule: step -> rate.
    epochs : int
        Passes over the training part.
    batch_size : int or "full"
        Images an update.
    full_pass : bool
        Whether to measure the training part after each epoch, as the network then is, in place
        of the running mean over the epoch's batches.
    label_smoothing : float
        Share of each label that is spread evenly over the classes, from 0 to below 1.
    augment : callable, optional
        ``augment(x, rng, strength) -> x``, which distorts a batch, (n, n_in) floats in [0, 1],
        each time that it is used; see `glassnet.data.transforms.augment`.
    strength : float or callable
        How strongly, from 0 to 1; or a schedule, step -> strength.
    ema_decay : float, optional
        Decay of a moving average of the weights, from 0 to below 1: the average is what is
        measured, and found in ``Training.trained``. The network itself goes on.
    shuffle : bool
        Whether each epoch deals the rows out in a fresh random order; False for as they come,
        which teaches nothing where rows are sorted by class.
    rng : numpy.random.Generator or int
        Shuffles; an int is a seed.

    Returns
    -------
    Training
        An iterator of `EpochRecord`, one after each epoch.

    Raises
    ------
    ShapeError, DataError, ConfigError
        At once, if an argument cannot be used.
    NotFiniteError
        When a loss or a parameter becomes infinite or NaN; its ``record`` says how far the epoch
        came, for `glassnet.diagnose`.
    """
    # One piece of memory each: to take a batch out of a slice, NumPy would copy all of it first.
    images, labels = map(
        np.ascontiguousarray, check_examples(examples, network.n_in, network.n_classes)
    )
    held_out = (
        None if validation is None else check_examples(validation, network.n_in, network.n_classes)
    )
    check_range("label_smoothing", label_smoothing, below=1)
    check_range("ema_decay", ema_decay or 0.0, below=1)
    if not callable(strength) and not 0 <= strength <= 1:
        raise ConfigError(f"strength: needs a number from 0 to 1, got {strength}")
    size = len(images) if batch_size == "full" else whole_number("batch_size", batch_size, 1)
    epochs = whole_number("epochs", epochs, 0)
    optimizer = SGD() if optimizer is None else optimizer
    check_optimizer(optimizer)
    if not callable(learning_rate):
        if not (math.isfinite(learning_rate) and learning_rate > 0):
            raise ConfigError(f"learning_rate: needs a number above 0, got {learning_rate}")
        learning_rate = constant(learning_rate)
    return Training(
        network,
        images,
        labels,
        loss=loss if callable(loss) else lookup("loss", LOSSES, loss),
        optimizer=optimizer,
        schedule=learning_rate,
        batch_size=size,
        validation=held_out,
        epochs=epochs,
        full_pass=full_pass,
        label_smoothing=label_smoothing,
        augment=augment,
        strength=strength if callable(strength) else constant(strength),
        ema_decay=ema_decay,
        shuffle=shuffle,
        rng=np.random.default_rng(rng),
    )
