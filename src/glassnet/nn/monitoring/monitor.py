"""Monitor: statistics of each step of a training run, and a record for each epoch."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import NamedTuple

import numpy as np

from glassnet.errors import NotFiniteError
from glassnet.nn.losses import Loss
from glassnet.nn.monitoring.data_stats import DataStats, measure_data_stats, measure_label_order
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.monitoring.epoch_stats import EpochStats, copy_weights, is_sampled
from glassnet.nn.monitoring.evaluation import count_correct, evaluate_loss
from glassnet.nn.monitoring.health import (
    N_PROBES,
    Health,
    measure_health,
    measure_unit_similarity,
)
from glassnet.nn.monitoring.non_finite import describe_non_finite
from glassnet.nn.network import Network
from glassnet.nn.validation import to_unit
from glassnet.types import Array, Arrays


class NonFiniteLossError(Exception):
    """The loss of a batch is infinite or NaN."""


class Position(NamedTuple):
    """Latest step of a training run.

    Parameters
    ----------
    epoch, step : int
        Number of the epoch, from 1, and of updates so far.
    learning_rate : float
        Learning rate of the step.
    grads : dict of str to ndarray
        Gradients of the step.
    """

    epoch: int
    step: int
    learning_rate: float
    grads: Arrays


class Monitor:
    """Recorder of a training run's statistics; it does not affect the run.

    Parameters
    ----------
    network : Network
        The network that is trained.
    images : ndarray, (n, n_in)
        Validated images of the training set.
    labels : ndarray, (n,) int or (n, n_classes)
        Validated labels of the training set.

    Attributes
    ----------
    records : list of EpochRecord
        Records of the epochs so far.
    stats : EpochStats
        Statistics of the current epoch.
    batches : sequence of ndarray
        Row numbers of the current epoch's batches.
    """

    def __init__(self, network: Network, images: Array, labels: Array) -> None:
        self._network, self._images = network, images
        self._classes = labels if labels.ndim == 1 else labels.argmax(axis=1)
        self.records: list[EpochRecord] = []
        self.stats = EpochStats()
        self.batches: Sequence[Array] = ()

    def observe_loss(self, loss: Loss, labels: Array, batch: int) -> Loss:
        """Wrap a loss function to record its value and the number of correct predictions.

        Parameters
        ----------
        labels : ndarray, (n,) int or (n, n_classes)
            Labels of the batch, before smoothing.
        batch : int
            Number of the batch in the epoch, from 0.

        Returns
        -------
        callable
            The loss function; it raises NonFiniteLossError if the loss is infinite or NaN.
        """

        def observed(logits: Array, targets: Array) -> tuple[float, Array]:
            """Compute the loss and record it."""
            value, dlogits = loss(logits, targets)
            self.stats.add_loss(value, batch, len(self.batches))
            if not math.isfinite(value):
                raise NonFiniteLossError
            self.stats.total_loss += value * len(logits)
            self.stats.n_correct += count_correct(logits, labels)
            return value, dlogits

        return observed

    @contextmanager
    def observe_update(self, batch: int) -> Iterator[None]:
        """Measure the relative change in the weights over the ``with`` block, if sampled."""
        before = copy_weights(self._network) if is_sampled(batch) else None
        yield
        if before is not None:
            self.stats.add_update(before, self._network)

    def record(
        self,
        network: Network,
        *,
        loss: Loss,
        training: tuple[Array, Array] | None,
        validation: tuple[Array, Array] | None,
        position: Position,
    ) -> EpochRecord:
        """Evaluate the network at the end of an epoch and record the epoch.

        Parameters
        ----------
        network : Network
            The network to evaluate: the moving average if there is one.
        training : tuple of ndarray or None
            Images and labels for a full pass; None for the running means of the epoch.
        validation : tuple of ndarray or None
            Images and labels; None without a validation set.

        Raises
        ------
        NotFiniteError
            If a parameter, a logit or a loss is infinite or NaN.
        """
        if not all(np.isfinite(theta).all() for theta in self._network.params.values()):
            raise self.not_finite(network, self.probes, position)
        n_samples = len(self._images)
        train = self.stats.total_loss / n_samples, self.stats.n_correct / n_samples
        if training is not None:
            train = evaluate_loss(network, *training, loss)
        held_out = None if validation is None else evaluate_loss(network, *validation, loss)
        health = measure_health(network, self.probes)
        losses = (train[0], held_out[0] if held_out else 0.0)
        if not (health.is_finite and all(math.isfinite(value) for value in losses)):
            # Caused by the last update, after which no loss was computed.
            raise self.not_finite(network, self.probes, position)
        return self._append_record(network, health, train, held_out, position)

    def not_finite(self, network: Network, x: Array, position: Position) -> NotFiniteError:
        """Record the epoch so far, and return an error that names the first non-finite value.

        Parameters
        ----------
        network : Network
            The network to evaluate: the moving average if there is one.
        x : ndarray, (n, n_in)
            A batch for which a value is infinite or NaN.
        """
        message = describe_non_finite(self._network, x, position.step, position.learning_rate)
        health = measure_health(network, self.probes)
        record = self._append_record(network, health, (math.nan, math.nan), None, position)
        return NotFiniteError(message, record)

    def _append_record(
        self,
        network: Network,
        health: Health,
        train: tuple[float, float],
        validation: tuple[float, float] | None,
        position: Position,
    ) -> EpochRecord:
        stats, data = self.stats, self._data_stats
        record = EpochRecord(
            epoch=position.epoch,
            step=position.step,
            train_loss=train[0],
            train_accuracy=train[1],
            validation_loss=validation[0] if validation else None,
            validation_accuracy=validation[1] if validation else None,
            learning_rate=position.learning_rate,
            gradient_norms=tuple(
                math.hypot(*(float(np.linalg.norm(g)) for g in group))
                for group in network.group_by_number(position.grads).values()
            ),
            dead=health.dead,
            saturated_units=health.saturated_units,
            seconds=stats.seconds,
            images_per_second=len(self._images) / stats.seconds if stats.seconds else 0.0,
            trajectory=stats.trajectory,
            first_loss=stats.first_loss,
            peak_loss=stats.peak_loss,
            update_ratios=tuple(stats.update_ratios),
            first_update=stats.first_update,
            saturated_activations=health.saturated_activations,
            unit_similarity=measure_unit_similarity(network),
            label_order=measure_label_order(self._classes, self.batches),
            input_scale=data.input_scale,
            majority=data.majority,
            label_dependence=data.label_dependence,
        )
        self.records.append(record)
        return record

    @property
    def probes(self) -> Array:
        """Up to 1,000 training images, evenly spaced over the rows, as floats."""
        return to_unit(self._images[self._probe_rows], self._network.dtype)

    @property
    def _probe_rows(self) -> Array:
        n_samples = len(self._images)
        return np.linspace(0, n_samples - 1, min(n_samples, N_PROBES)).astype(int)

    @cached_property
    def _data_stats(self) -> DataStats:
        return measure_data_stats(self._network, self.probes, self._classes[self._probe_rows])
