"""Training: batch after batch, forward, loss, backward, update; a record after each epoch."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import ConfigError, NotFiniteError, lookup
from glassnet.nn.health import N_PROBES, measure_health
from glassnet.nn.inputs import Examples, check_examples, to_unit
from glassnet.nn.layers import Arrays
from glassnet.nn.losses import LOSSES, Loss
from glassnet.nn.measure import count_right, measure
from glassnet.nn.network import Network
from glassnet.nn.optimizers import Optimizer
from glassnet.nn.record import EpochRecord
from glassnet.nn.schedules import Schedule, constant
from glassnet.nn.sgd import SGD

Array = NDArray[Any]


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
    rng: np.random.Generator | int,
) -> Iterator[EpochRecord]:
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
    rng : numpy.random.Generator or int
        Shuffles; an int is a seed.

    Yields
    ------
    EpochRecord
        After each epoch.

    Raises
    ------
    ShapeError, DataError, ConfigError
        At once, if an argument cannot be used.
    NotFiniteError
        When a loss or a parameter becomes infinite or NaN.
    """
    images, labels = check_examples(examples, network.n_in, network.n_classes)
    held_out = (
        None if validation is None else check_examples(validation, network.n_in, network.n_classes)
    )
    size = len(images) if batch_size == "full" else batch_size
    if size < 1:
        raise ConfigError(f"batch_size: needs a whole number above 0 or 'full', got {batch_size!r}")
    if epochs < 0:
        raise ConfigError(f"epochs: needs a whole number, at least 0, got {epochs!r}")
    if not callable(learning_rate):
        if not (math.isfinite(learning_rate) and learning_rate > 0):
            raise ConfigError(f"learning_rate: needs a number above 0, got {learning_rate}")
        learning_rate = constant(learning_rate)
    loop = _Loop(
        network,
        images,
        labels,
        loss if callable(loss) else lookup("loss", LOSSES, loss),
        SGD() if optimizer is None else optimizer,
        learning_rate,
        size,
        np.random.default_rng(rng),
    )
    return _records(loop, held_out, epochs, full_pass)


@dataclass
class _Loop:
    """Everything that stays the same from one step to the next."""

    network: Network
    images: Array
    labels: Array
    loss: Loss
    optimizer: Optimizer
    schedule: Schedule
    batch_size: int
    rng: np.random.Generator


def _records(
    loop: _Loop, validation: tuple[Array, Array] | None, epochs: int, full_pass: bool
) -> Iterator[EpochRecord]:
    network, n_samples = loop.network, len(loop.images)
    state = loop.optimizer.init(network.params)
    grads = network.empty_grads()
    # Spread evenly over the rows, so that a set sorted by class is seen whole.
    probes = np.linspace(0, n_samples - 1, min(n_samples, N_PROBES)).astype(int)
    for epoch in range(1, epochs + 1):
        started = time.perf_counter()
        train_loss, train_accuracy, learning_rate = _one_epoch(loop, state, grads)
        seconds = time.perf_counter() - started
        if full_pass:
            train_loss, train_accuracy = measure(network, loop.images, loop.labels, loop.loss)
        validation_loss, validation_accuracy = (
            (None, None) if validation is None else measure(network, *validation, loop.loss)
        )
        health = measure_health(network, to_unit(loop.images[probes], network.dtype))
        yield EpochRecord(
            epoch,
            state["step"],
            train_loss,
            train_accuracy,
            validation_loss,
            validation_accuracy,
            learning_rate,
            tuple(_norm(grads, number) for number in range(1, len(network.layers) + 1)),
            health.dead,
            health.saturated,
            seconds,
            n_samples / seconds,
        )


# What overflows is not warned about but stopped, with its cause.
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _one_epoch(loop: _Loop, state: dict[str, Any], grads: Arrays) -> tuple[float, float, float]:
    """Make one pass; return the running means of loss and accuracy, and the last rate."""
    network, n_samples = loop.network, len(loop.images)
    total_loss, n_right = 0.0, 0
    for rows in minibatches(n_samples, loop.batch_size, loop.rng):
        x, labels = to_unit(loop.images[rows], network.dtype), loop.labels[rows]
        logits, backward = network.forward(x)
        loss, dlogits = loop.loss(logits, labels)
        if not math.isfinite(loss):
            raise _not_finite(loop, state["step"], x)
        total_loss += loss * len(rows)
        n_right += count_right(logits, labels)
        backward(dlogits, grads)
        learning_rate = loop.schedule(state["step"])
        loop.optimizer.update(network.params, grads, state, learning_rate=learning_rate)
    if not all(np.isfinite(theta).all() for theta in network.params.values()):
        raise _not_finite(loop, state["step"], x)
    return total_loss / n_samples, n_right / n_samples, learning_rate


def _norm(grads: Arrays, number: int) -> float:
    return math.hypot(*(float(np.linalg.norm(grads[f"{short}{number}"])) for short in ("W", "b")))


def _not_finite(loop: _Loop, step: int, x: Array) -> NotFiniteError:
    """Say where the first infinite or NaN number stands, and what to try."""
    for name, theta in loop.network.params.items():
        if not np.isfinite(theta).all():
            where = f"parameter {name} (layer {name[1:]}) after the update of step {step}"
            break
    else:
        where = f"the loss at step {step + 1}"
        for number, (a, _) in enumerate(loop.network.activations(x), start=1):
            if not np.isfinite(a).all():
                where = f"the output of layer {number} at step {step + 1}"
                break
    rate = loop.schedule(max(0, step - 1))
    return NotFiniteError(
        f"training stopped: {where} is not finite. Try a smaller learning rate "
        f"(it was {rate:g}; a tenth, {rate / 10:g}, is a good next try) or the initializer 'he'"
    )
