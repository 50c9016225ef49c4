"""Training: minibatches, the training loop, and a record for each epoch."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from glassnet.errors import (
    ConfigError,
    check_positive,
    check_range,
    lookup,
    whole_number,
)
from glassnet.nn.losses import LOSSES, Loss, smooth
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.monitoring.epoch_stats import EpochStats
from glassnet.nn.monitoring.monitor import Monitor, NonFiniteLossError, Position
from glassnet.nn.network import Network
from glassnet.nn.optimizers import SCRATCH, SGD, Optimizer, check_optimizer, update_ema
from glassnet.nn.schedules import Schedule, constant
from glassnet.nn.validation import Examples, check_examples, to_unit
from glassnet.types import Array, Rng

Augment = Callable[[Array, Rng, float], Array]  # (x, rng, strength) -> x


def minibatches(n_samples: int, batch_size: int, rng: Rng | None) -> Iterator[Array]:
    """Yield the row numbers of each batch, in random order, or in sequence if `rng` is None.

    The last batch may be smaller.
    """
    order = np.arange(n_samples) if rng is None else rng.permutation(n_samples)
    for start in range(0, n_samples, batch_size):
        yield order[start : start + batch_size]


@dataclass(kw_only=True, eq=False, repr=False)
class Training(Iterator[EpochRecord]):
    """A training run: an iterator over its epoch records, created by `train`.

    The fields are the validated arguments of `train`; `schedule` is the learning-rate schedule.

    Attributes
    ----------
    epoch, batch : int
        Number of completed epochs, and of completed batches of the current epoch.
    optimizer_state : dict
        State allocated by ``optimizer.init``.
    average : Network or None
        Network with the moving average of the weights; None without `ema_decay`.
    records : list of EpochRecord
        Records so far; the last may be that of an epoch ended by `NotFiniteError`.
    monitor : Monitor
        Statistics of the current epoch.
    noise, distortion : numpy.random.Generator
        Random streams for the noise of layers and for the distortion of images.
    """

    network: Network
    images: Array
    labels: Array
    validation: tuple[Array, Array] | None
    loss: Loss
    optimizer: Optimizer
    schedule: Schedule
    epochs: int
    batch_size: int
    full_pass: bool
    label_smoothing: float
    augment: Augment | None
    strength: Schedule
    ema_decay: float | None
    shuffle: bool
    rng: Rng

    def __post_init__(self) -> None:
        """Allocate the state."""
        self.optimizer_state = self.optimizer.init(self.network.params)
        self.average = None if self.ema_decay is None else self.network.copy()
        self.epoch, self.batch = 0, 0
        self.monitor = Monitor(self.network, self.images, self.labels)
        self.records = self.monitor.records
        self._grads = self.network.empty_grads()
        # State of `rng` before the order of the current epoch's rows was drawn, to draw it again
        # after a resume; None between two epochs.
        self._epoch_rng_state: dict[str, Any] | None = None
        # Child streams, so that noise does not change the order of the rows.
        self.noise, self.distortion = self.rng.spawn(2)

    @property
    def trained(self) -> Network:
        """Network to evaluate and save: the moving average if there is one."""
        return self.network if self.average is None else self.average

    @property
    def step(self) -> int:
        """Number of updates so far."""
        return int(self.optimizer_state["step"])

    def __next__(self) -> EpochRecord:
        """Train to the end of the epoch, and return its record."""
        for record in self.steps():
            if record is not None:
                return record
        raise StopIteration

    def steps(self) -> Iterator[EpochRecord | None]:
        """Train from the current position, and yield after each step.

        Yields
        ------
        EpochRecord or None
            The epoch's record after its last step, else None.
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
            self.epoch, self.batch, self._epoch_rng_state = self.epoch + 1, 0, None
            self.monitor.stats = EpochStats()
            yield record

    def _draw_batches(self) -> list[Array]:
        """Draw the batches for the epoch; after resuming, draw the same ones again."""
        if self._epoch_rng_state is None:
            self._epoch_rng_state = dict(self.rng.bit_generator.state)
        else:
            self.rng.bit_generator.state = self._epoch_rng_state
        rng = self.rng if self.shuffle else None
        batches = list(minibatches(len(self.images), self.batch_size, rng))
        self.monitor.batches = batches
        return batches

    # No warnings about overflow: a value that is not finite raises NotFiniteError.
    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def _step(self, rows: Array) -> None:
        """Update the network once: forward, loss, backward, update."""
        x, labels, targets = self._load_batch(rows)
        loss = self.monitor.observe_loss(self.loss, labels, self.batch)
        try:
            self.network.loss_and_grads(x, targets, self._grads, loss=loss, rng=self.noise)
        except NonFiniteLossError:
            raise self.monitor.not_finite(self.trained, x, self._position) from None
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
        """Return the images of a batch as floats, its labels, and the targets for the loss."""
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
        """Evaluate the network and build the epoch's record."""
        return self.monitor.record(
            self.trained,
            loss=self.loss,
            training=(self.images, self.labels) if self.full_pass else None,
            validation=self.validation,
            position=self._position,
        )

    @property
    def _position(self) -> Position:
        learning_rate = self.schedule(max(0, self.step - 1))
        return Position(self.epoch + 1, self.step, learning_rate, self._grads)

    def state_dict(self) -> dict[str, Any]:
        """Return the state from which the run can be resumed bit for bit.

        The state is a nested dictionary of JSON values and arrays, which are not copied. It does
        not contain the arguments of `train`.
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
        """Restore the `state_dict` of a run with the same arguments; arrays are copied."""
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
        self.records[:] = map(EpochRecord.from_dict, state["records"])


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
    rng: Rng | int,
) -> Training:
    """Train a network in place, one epoch for each record that the returned iterator yields.

    Training begins when the first record is requested.

    Parameters
    ----------
    examples : Split or (X, y)
        Training images, integers from 0 to 255 or floats in [0, 1], and their labels, (n,) int
        or (n, n_classes).
    validation : Split or (X, y), optional
        Images and labels to evaluate after each epoch.
    loss : str or callable
        ``"cross_entropy"``, ``"mean_squared_error"``, or a function as in
        `Network.loss_and_grads`.
    optimizer : Optimizer, optional
        Optimiser such as ``Adam()``; ``SGD()`` by default.
    learning_rate : float or callable
        A rate above 0, or a schedule, a function from step to rate.
    batch_size : int or "full"
        Number of images per update; ``"full"`` for all of them.
    full_pass : bool
        Whether to evaluate on the training set after each epoch, instead of averaging over the
        epoch's batches.
    label_smoothing : float
        Fraction of each label that is spread evenly over the classes, in [0, 1).
    augment : callable, optional
        ``augment(x, rng, strength) -> x`` distorts each batch, (n, n_in) floats in [0, 1], before
        it is used; see `Augment`.
    strength : float or callable
        Strength of the distortions, from 0 to 1, or a schedule, a function from step to strength.
    ema_decay : float, optional
        Decay of an exponential moving average of the weights, in [0, 1). The average,
        ``Training.trained``, is evaluated instead of the network.
    shuffle : bool
        Whether to draw a new order of the rows in each epoch. Without shuffling, rows must not be
        sorted by class.
    rng : numpy.random.Generator or int
        Source of randomness for the order, the noise and the distortions; an int is a seed.

    Returns
    -------
    Training
        Iterator of `EpochRecord`.

    Raises
    ------
    ShapeError, DataError, ConfigError
        If an argument is invalid, before training begins.
    NotFiniteError
        If the loss or a parameter becomes infinite or NaN. Its ``record`` is that of the epoch so
        far, for `diagnose`.

    Examples
    --------
    >>> import glassnet as gn
    >>> data, net = gn.load_dataset("sample"), gn.mlp([784, 32, 10], rng=0)
    >>> for record in gn.train(net, data.train, validation=data.validation, epochs=2, rng=0):
    ...     print(f"epoch {record.epoch}: {record.step} steps")
    epoch 1: 29 steps
    epoch 2: 58 steps
    >>> record.validation_accuracy > 0.7
    True
    """
    n_in, n_classes = network.n_in, network.n_classes
    # Contiguous, since NumPy would otherwise copy all of a slice for each batch taken from it.
    images, labels = map(np.ascontiguousarray, check_examples(examples, n_in, n_classes))
    held_out = None if validation is None else check_examples(validation, n_in, n_classes)
    check_range("label_smoothing", label_smoothing, below=1)
    check_range("ema_decay", ema_decay or 0.0, below=1)
    if not callable(strength) and not 0 <= strength <= 1:
        raise ConfigError(f"strength: needs a number from 0 to 1, got {strength}")
    if not callable(learning_rate):
        check_positive("learning_rate", learning_rate)
    optimizer = SGD() if optimizer is None else optimizer
    check_optimizer(optimizer)
    size = len(images) if batch_size == "full" else whole_number("batch_size", batch_size, 1)
    return Training(
        network=network,
        images=images,
        labels=labels,
        validation=held_out,
        loss=loss if callable(loss) else lookup("loss", LOSSES, loss),
        optimizer=optimizer,
        schedule=learning_rate if callable(learning_rate) else constant(learning_rate),
        epochs=whole_number("epochs", epochs, 0),
        batch_size=size,
        full_pass=full_pass,
        label_smoothing=label_smoothing,
        augment=augment,
        strength=strength if callable(strength) else constant(strength),
        ema_decay=ema_decay,
        shuffle=shuffle,
        rng=np.random.default_rng(rng),
    )
