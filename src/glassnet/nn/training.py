"""Training: what goes in is checked here, once; what comes out is a record after each epoch."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from glassnet.errors import ConfigError, NotFiniteError, check_range, lookup, whole_number
from glassnet.nn.layers.layer import layer_view
from glassnet.nn.losses import LOSSES, Loss, smooth
from glassnet.nn.monitoring.data_stats import DataStats, measure_data_stats, measure_label_order
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.monitoring.epoch_stats import EpochStats, copy_weights, is_sampled
from glassnet.nn.monitoring.evaluation import count_correct, evaluate_loss
from glassnet.nn.monitoring.health import N_PROBES, Health, measure_health, measure_unit_similarity
from glassnet.nn.monitoring.non_finite import describe_non_finite
from glassnet.nn.network import Network
from glassnet.nn.optimizers import SGD, Optimizer, State, check_optimizer, update_ema
from glassnet.nn.schedules import Schedule, constant
from glassnet.nn.validation import Examples, check_examples, to_unit
from glassnet.types import Array, Arrays


@dataclass
class TrainingState:
    """A position between two steps.

    Parameters
    ----------
    optimizer : dict
        The optimiser's state.
    shuffling : dict or None
        State of the generator's bits at the start of the current epoch, from which the epoch's
        order of the rows can be drawn again; None between two epochs.
    epoch, batch : int
        Epochs completed, and batches of the next one.
    total_loss : float
        Sum of the loss over the images of those batches.
    n_correct : int
        Images among them that were read correctly.
    seconds : float
        Time that those batches took.
    course : EpochStats
        How those batches went.
    average : Network or None
        The moving average of the weights, in a training that keeps one.
    """

    optimizer: State
    shuffling: Any = None
    epoch: int = 0
    batch: int = 0
    total_loss: float = 0.0
    n_correct: int = 0
    seconds: float = 0.0
    course: EpochStats = field(default_factory=EpochStats)
    average: Network | None = None

    def turn_epoch(self) -> None:
        """Go on to the next epoch."""
        self.shuffling = None
        self.epoch, self.batch = self.epoch + 1, 0
        self.total_loss, self.n_correct, self.seconds = 0.0, 0, 0.0
        self.course = EpochStats()


Augment = Callable[[Array, np.random.Generator, float], Array]
Measures = tuple[float, float]  # a loss and an accuracy
FULL = constant(1.0)


def minibatches(
    n_samples: int, batch_size: int, rng: np.random.Generator | None
) -> Iterator[Array]:
    """Deal all rows out once, in a fresh random order.

    Parameters
    ----------
    n_samples : int
        Rows there are.
    batch_size : int
        Rows in a batch; the last one may have fewer.
    rng : numpy.random.Generator or None
        Shuffles; None deals the rows out as they come.

    Yields
    ------
    ndarray of int
        Row numbers of one batch.
    """
    order = np.arange(n_samples) if rng is None else rng.permutation(n_samples)
    for start in range(0, n_samples, batch_size):
        yield order[start : start + batch_size]


class Training(Iterator[EpochRecord]):
    """A training under way: made by `train`, an iterator of its records.

    Parameters
    ----------
    network : Network
        What learns.
    images : ndarray, (n, n_in)
        Checked training images.
    labels : ndarray, (n,) int or (n, n_classes)
        Their labels.
    loss : callable
        A loss function.
    optimizer : Optimizer
        Makes the steps.
    schedule : callable
        Step -> learning rate.
    batch_size : int
        Images a step.
    validation : tuple of ndarray or None
        Checked validation images and labels.
    epochs : int
        When to end.
    full_pass : bool
        Whether to measure the training part after each epoch.
    rng : numpy.random.Generator
        Shuffles; its children draw the noise of each step, and the distortions.
    label_smoothing : float
        Share of each label that is spread evenly over the classes.
    augment : callable or None
        Distorts a batch of images each time that it is used.
    strength : callable
        Step -> how strongly, as a share.
    ema_decay : float or None
        Decay of the moving average of the weights; None for none.
    shuffle : bool
        Whether each epoch deals the rows out in a fresh order.

    Attributes
    ----------
    state : TrainingState
        Where it stands. Between two steps it may be saved, or replaced by one that was saved.
    records : list of EpochRecord
        Of the epochs so far; the last may be that of an epoch which was cut short by a
        `NotFiniteError`.
    noise, distortion : numpy.random.Generator
        Draw the noise of the layers and the distortions of the images; to be saved with it.
    """

    def __init__(
        self,
        network: Network,
        images: Array,
        labels: Array,
        loss: Loss,
        optimizer: Optimizer,
        schedule: Schedule,
        batch_size: int,
        validation: tuple[Array, Array] | None,
        epochs: int,
        full_pass: bool,
        rng: np.random.Generator,
        *,
        label_smoothing: float = 0.0,
        augment: Augment | None = None,
        strength: Schedule = FULL,
        ema_decay: float | None = None,
        shuffle: bool = True,
    ) -> None:
        self.network, self.images, self.labels, self.loss = network, images, labels, loss
        self.optimizer, self.schedule, self.batch_size = optimizer, schedule, batch_size
        self.validation, self.epochs, self.full_pass, self.rng = validation, epochs, full_pass, rng
        self.label_smoothing, self.ema_decay = label_smoothing, ema_decay
        self.augment, self.strength, self.shuffle = augment, strength, shuffle
        average = None if ema_decay is None else network.copy()
        self.state = TrainingState(optimizer.init(network.params), average=average)
        self.records: list[EpochRecord] = []
        self._grads = network.empty_grads()
        self._batches: list[Array] = []  # of the current epoch
        # Children of their own: noise leaves the order of the rows as it is without.
        self.noise, self.distortion = rng.spawn(2)

    @property
    def trained(self) -> Network:
        """Return what to measure and keep: the average if there is one, else the network."""
        return self.network if self.state.average is None else self.state.average

    def __next__(self) -> EpochRecord:
        """Train to the end of the epoch."""
        for record in self.steps():
            if record is not None:
                return record
        raise StopIteration

    def steps(self) -> Iterator[EpochRecord | None]:
        """Train step by step, from where the state says.

        Yields
        ------
        EpochRecord or None
            After each step: the epoch's record if it was the epoch's last, else None.
        """
        state = self.state
        while state.epoch < self.epochs:
            if state.shuffling is None:
                state.shuffling = self.rng.bit_generator.state
            else:
                self.rng.bit_generator.state = state.shuffling  # the epoch is taken up again
            shuffling = self.rng if self.shuffle else None
            self._batches = list(minibatches(len(self.images), self.batch_size, shuffling))
            for rows in self._batches[state.batch :]:
                started = time.perf_counter()
                self._step(rows)
                state.seconds += time.perf_counter() - started
                state.batch += 1
                if state.batch < len(self._batches):
                    yield None
            record = self._record()
            self.records.append(record)
            state.turn_epoch()
            yield record

    # What overflows is not warned about but stopped, with its cause.
    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def _step(self, rows: Array) -> None:
        network, state = self.network, self.state
        step = state.optimizer["step"]
        x = to_unit(self.images.take(rows, axis=0), network.dtype)
        if self.augment is not None:
            x = self.augment(x, self.distortion, self.strength(step))
        labels = self.labels.take(rows, axis=0)
        logits, backward = network.forward(x, training=True, rng=self.noise)
        truth = labels
        if self.label_smoothing:
            truth = smooth(labels, network.n_classes, self.label_smoothing, network.dtype)
        loss, dlogits = self.loss(logits, truth)
        state.course.note_loss(loss, state.batch, len(self._batches))
        if not math.isfinite(loss):
            raise self._not_finite(x)
        state.total_loss += loss * len(rows)
        state.n_correct += count_correct(logits, labels)
        backward(dlogits, self._grads)
        before = copy_weights(network) if is_sampled(state.batch) else None
        self.optimizer.update(
            network.params, self._grads, state.optimizer, learning_rate=self.schedule(step)
        )
        if before is not None:
            state.course.note_update(before, network)
        if state.average is not None and self.ema_decay is not None:
            update_ema(state.average.params, network.params, self.ema_decay, step)
            update_ema(state.average.buffers, network.buffers, self.ema_decay, step)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def _record(self) -> EpochRecord:
        """Measure what the epoch did."""
        state, n_samples = self.state, len(self.images)
        network, x = self.trained, self._probes
        if not all(np.isfinite(theta).all() for theta in network.params.values()):
            raise self._not_finite(x)
        train = state.total_loss / n_samples, state.n_correct / n_samples
        if self.full_pass:
            train = evaluate_loss(network, self.images, self.labels, self.loss)
        held_out = (
            (None, None)
            if self.validation is None
            else evaluate_loss(network, *self.validation, self.loss)
        )
        health = measure_health(network, x)
        losses = (train[0], held_out[0] or 0.0)
        if not (health.is_finite and all(math.isfinite(loss) for loss in losses)):
            raise self._not_finite(x)  # no batch has seen what the last update did
        return self._write_down(train, held_out, health)

    def _write_down(
        self, train: Measures, held_out: tuple[float | None, float | None], health: Health
    ) -> EpochRecord:
        network, state, givens = self.trained, self.state, self._givens
        return EpochRecord(
            state.epoch + 1,
            state.optimizer["step"],
            *train,
            *held_out,
            self.schedule(max(0, state.optimizer["step"] - 1)),
            tuple(_norm(self._grads, number) for number in range(1, len(network.dense) + 1)),
            health.dead,
            health.saturated_units,
            state.seconds,
            len(self.images) / state.seconds if state.seconds else 0.0,
            state.course.trajectory,
            state.course.first_loss,
            state.course.peak_loss,
            tuple(state.course.update_ratios),
            state.course.first_update,
            health.saturated_activations,
            measure_unit_similarity(network),
            measure_label_order(self._classes, self._batches),
            givens.input_scale,
            givens.majority,
            givens.label_dependence,
        )

    @cached_property
    def _classes(self) -> Array:
        return self.labels if self.labels.ndim == 1 else self.labels.argmax(axis=1)

    @property
    def _probe_rows(self) -> Array:
        # Spread evenly over the rows, so that a set sorted by class is seen whole.
        n_samples = len(self.images)
        return np.linspace(0, n_samples - 1, min(n_samples, N_PROBES)).astype(int)

    @property
    def _probes(self) -> Array:
        return to_unit(self.images[self._probe_rows], self.network.dtype)

    @cached_property
    def _givens(self) -> DataStats:
        return measure_data_stats(self.network, self._probes, self._classes[self._probe_rows])

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def _not_finite(self, x: Array) -> NotFiniteError:
        """Say where the first infinite or NaN number stands, and keep what the epoch was so far."""
        step = self.state.optimizer["step"]
        message = describe_non_finite(self.network, x, step, self.schedule(max(0, step - 1)))
        health = measure_health(self.trained, self._probes)
        self.records.append(self._write_down((math.nan, math.nan), (None, None), health))
        return NotFiniteError(message, self.records[-1])


def _norm(grads: Arrays, number: int) -> float:
    return math.hypot(*(float(np.linalg.norm(g)) for g in layer_view(grads, number).values()))


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
        loss if callable(loss) else lookup("loss", LOSSES, loss),
        optimizer,
        learning_rate,
        size,
        held_out,
        epochs,
        full_pass,
        np.random.default_rng(rng),
        label_smoothing=label_smoothing,
        augment=augment,
        strength=strength if callable(strength) else constant(strength),
        ema_decay=ema_decay,
        shuffle=shuffle,
    )
