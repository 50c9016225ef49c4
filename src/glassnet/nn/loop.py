"""The loop: batch after batch, forward, loss, backward, update."""

import math
import time
from collections.abc import Callable, Iterator
from string import ascii_letters
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import NotFiniteError
from glassnet.nn.averaging import follow
from glassnet.nn.health import N_PROBES, measure_health
from glassnet.nn.inputs import to_unit
from glassnet.nn.layers import Arrays
from glassnet.nn.losses import Loss, smooth
from glassnet.nn.measure import count_right, measure
from glassnet.nn.network import Network, fold, own
from glassnet.nn.optimizers import Optimizer
from glassnet.nn.record import EpochRecord
from glassnet.nn.schedules import Schedule, constant
from glassnet.nn.state import TrainingState

Array = NDArray[Any]
Augment = Callable[[Array, np.random.Generator, float], Array]
FULL = constant(1.0)


def minibatches(n_samples: int, batch_size: int, rng: np.random.Generator) -> Iterator[Array]:
    """Deal all rows out once, in a fresh random order.

    Parameters
    ----------
    n_samples : int
        Rows there are.
    batch_size : int
        Rows in a batch; the last one may have fewer.
    rng : numpy.random.Generator
        Shuffles.

    Yields
    ------
    ndarray of int
        Row numbers of one batch.
    """
    order = rng.permutation(n_samples)
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

    Attributes
    ----------
    state : TrainingState
        Where it stands. Between two steps it may be saved, or replaced by one that was saved.
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
    ) -> None:
        self.network, self.images, self.labels, self.loss = network, images, labels, loss
        self.optimizer, self.schedule, self.batch_size = optimizer, schedule, batch_size
        self.validation, self.epochs, self.full_pass, self.rng = validation, epochs, full_pass, rng
        self.label_smoothing, self.averaging = label_smoothing, averaging
        self.augment, self.strength = augment, strength
        average = None if averaging is None else network.copy()
        self.state = TrainingState(optimizer.init(network.params), average=average)
        self._grads = network.empty_grads()
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
            batches = list(minibatches(len(self.images), self.batch_size, self.rng))
            for rows in batches[state.batch :]:
                started = time.perf_counter()
                self._step(rows)
                state.seconds += time.perf_counter() - started
                state.batch += 1
                if state.batch < len(batches):
                    yield None
            record = self._record()
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
        if not math.isfinite(loss):
            raise self._not_finite(x)
        state.total_loss += loss * len(rows)
        state.n_right += count_right(logits, labels)
        backward(dlogits, self._grads)
        self.optimizer.update(
            network.params, self._grads, state.optimizer, learning_rate=self.schedule(step)
        )
        if state.average is not None and self.averaging is not None:
            follow(state.average, network, self.averaging, step)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def _record(self) -> EpochRecord:
        """Measure what the epoch did."""
        network, state, n_samples = self.trained, self.state, len(self.images)
        # Spread evenly over the rows, so that a set sorted by class is seen whole.
        probes = np.linspace(0, n_samples - 1, min(n_samples, N_PROBES)).astype(int)
        x = to_unit(self.images[probes], network.dtype)
        if not all(np.isfinite(theta).all() for theta in network.params.values()):
            raise self._not_finite(x)
        train_loss, train_accuracy = state.total_loss / n_samples, state.n_right / n_samples
        if self.full_pass:
            train_loss, train_accuracy = measure(network, self.images, self.labels, self.loss)
        validation_loss, validation_accuracy = (
            (None, None)
            if self.validation is None
            else measure(network, *self.validation, self.loss)
        )
        health = measure_health(network, x)
        losses = (train_loss, validation_loss or 0.0)
        if not (health.is_finite and all(math.isfinite(loss) for loss in losses)):
            raise self._not_finite(x)  # no batch has seen what the last update did
        return EpochRecord(
            state.epoch + 1,
            state.optimizer["step"],
            train_loss,
            train_accuracy,
            validation_loss,
            validation_accuracy,
            self.schedule(state.optimizer["step"] - 1),
            tuple(_norm(self._grads, number) for number in range(1, len(network.dense) + 1)),
            health.dead,
            health.saturated,
            state.seconds,
            n_samples / state.seconds,
        )

    def _not_finite(self, x: Array) -> NotFiniteError:
        """Say where the first infinite or NaN number stands, and what to try."""
        step = self.state.optimizer["step"]
        for name, theta in self.network.params.items():
            if not np.isfinite(theta).all():
                # The update that did it may be an earlier one of the same epoch, where a ReLU
                # cut an infinite number off and the loss stayed finite.
                when = f"by step {step}" if step else "before the first step"
                where = f"parameter {name} (layer {name.lstrip(ascii_letters)}), {when},"
                break
        else:
            where = f"the loss at step {step + 1}"
            network = fold(self.network)
            for number, (a, _) in enumerate(network.activations(x), start=1):
                if not np.isfinite(a).all():
                    where = f"the output of layer {number} at step {step + 1}"
                    break
        rate = self.schedule(max(0, step - 1))
        return NotFiniteError(
            f"training stopped: {where} is not finite. Try a smaller learning rate "
            f"(it was {rate:g}; a tenth, {rate / 10:g}, is a good next try) or the initializer 'he'"
        )


def _norm(grads: Arrays, number: int) -> float:
    return math.hypot(*(float(np.linalg.norm(g)) for g in own(grads, number).values()))
