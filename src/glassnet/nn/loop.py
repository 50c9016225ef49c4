"""The loop: batch after batch, forward, loss, backward, update."""

import math
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import NotFiniteError
from glassnet.nn.averaging import follow
from glassnet.nn.breakdown import describe_breakdown
from glassnet.nn.course import copy_weights, is_looked_at
from glassnet.nn.givens import Givens, measure_givens, measure_order
from glassnet.nn.health import N_PROBES, Health, measure_health, measure_resemblance
from glassnet.nn.inputs import to_unit
from glassnet.nn.layers import Arrays
from glassnet.nn.losses import Loss, smooth
from glassnet.nn.measure import count_right, measure
from glassnet.nn.names import own
from glassnet.nn.network import Network
from glassnet.nn.optimizers import Optimizer
from glassnet.nn.record import EpochRecord
from glassnet.nn.schedules import Schedule, constant
from glassnet.nn.state import TrainingState

Array = NDArray[Any]
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
    averaging : float or None
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
        averaging: float | None = None,
        shuffle: bool = True,
    ) -> None:
        self.network, self.images, self.labels, self.loss = network, images, labels, loss
        self.optimizer, self.schedule, self.batch_size = optimizer, schedule, batch_size
        self.validation, self.epochs, self.full_pass, self.rng = validation, epochs, full_pass, rng
        self.label_smoothing, self.averaging = label_smoothing, averaging
        self.augment, self.strength, self.shuffle = augment, strength, shuffle
        average = None if averaging is None else network.copy()
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
        state.n_right += count_right(logits, labels)
        backward(dlogits, self._grads)
        before = copy_weights(network) if is_looked_at(state.batch) else None
        self.optimizer.update(
            network.params, self._grads, state.optimizer, learning_rate=self.schedule(step)
        )
        if before is not None:
            state.course.note_update(before, network)
        if state.average is not None and self.averaging is not None:
            follow(state.average, network, self.averaging, step)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def _record(self) -> EpochRecord:
        """Measure what the epoch did."""
        state, n_samples = self.state, len(self.images)
        network, x = self.trained, self._probes
        if not all(np.isfinite(theta).all() for theta in network.params.values()):
            raise self._not_finite(x)
        train = state.total_loss / n_samples, state.n_right / n_samples
        if self.full_pass:
            train = measure(network, self.images, self.labels, self.loss)
        held_out = (
            (None, None)
            if self.validation is None
            else measure(network, *self.validation, self.loss)
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
            health.saturated,
            state.seconds,
            len(self.images) / state.seconds if state.seconds else 0.0,
            state.course.trajectory,
            state.course.first_loss,
            state.course.peak_loss,
            tuple(state.course.update_ratios),
            state.course.first_update,
            health.pressed,
            measure_resemblance(network),
            measure_order(self._classes, self._batches),
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
    def _givens(self) -> Givens:
        return measure_givens(self.network, self._probes, self._classes[self._probe_rows])

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def _not_finite(self, x: Array) -> NotFiniteError:
        """Say where the first infinite or NaN number stands, and keep what the epoch was so far."""
        step = self.state.optimizer["step"]
        message = describe_breakdown(self.network, x, step, self.schedule(max(0, step - 1)))
        health = measure_health(self.trained, self._probes)
        self.records.append(self._write_down((math.nan, math.nan), (None, None), health))
        return NotFiniteError(message, self.records[-1])


def _norm(grads: Arrays, number: int) -> float:
    return math.hypot(*(float(np.linalg.norm(g)) for g in own(grads, number).values()))
