"""EpochRecord: the statistics of one epoch of a training run."""

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """Statistics of one epoch.

    Parameters
    ----------
    epoch : int
        From 1.
    step : int
        Updates made so far.
    train_loss, train_accuracy : float
        On the training part: the mean over the epoch's batches, each computed before its update,
        with noise, distortions and label smoothing; with ``full_pass``, those of the network
        after the epoch, without them.
    validation_loss, validation_accuracy : float or None
        On the validation part, after the epoch; None without one.
    learning_rate : float
        At the last step.
    gradient_norms : tuple of float
        Euclidean norm of each layer's gradient, weights and biases together, at the last step.
    dead, saturated_units : tuple of float
        Share of each hidden layer's units; see `glassnet.nn.monitoring.health.Health`.
    seconds : float
        Time spent on the epoch's updates, without the evaluation afterwards.
    images_per_second : float
        Training images divided by ``seconds``.
    trajectory : tuple of float
        Training loss during the epoch: the mean over each of 20 equal stretches, or over each
        batch where there are fewer; NaN for a stretch that was not reached.
    first_loss, peak_loss : float or None
        Loss of the epoch's first batch, and the highest of any batch.
    update_ratios : tuple of float
        For each layer, the largest ||W after - W before|| / ||W before|| of the epoch's steps
        number 1, 2, 4, 8, ...
    first_update : float or None
        Largest such ratio, over the layers, of the epoch's first step.
    saturated_activations : tuple of float
        Share of each hidden layer's activations; see `glassnet.nn.monitoring.health.Health`.
    unit_similarity : tuple of float
        For each hidden layer; see `glassnet.nn.monitoring.health.measure_unit_similarity`.
    label_order : float or None
        From 0 to 1; see `glassnet.nn.monitoring.data_stats.measure_label_order`.
    input_scale, majority, label_dependence : float or None
        The same for all epochs; see `glassnet.nn.monitoring.data_stats.DataStats`.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    gradient_norms: tuple[float, ...]
    dead: tuple[float, ...]
    saturated_units: tuple[float, ...]
    seconds: float
    images_per_second: float
    trajectory: tuple[float, ...] = ()
    first_loss: float | None = None
    peak_loss: float | None = None
    update_ratios: tuple[float, ...] = ()
    first_update: float | None = None
    saturated_activations: tuple[float, ...] = ()
    unit_similarity: tuple[float, ...] = ()
    label_order: float | None = None
    input_scale: float | None = None
    majority: float | None = None
    label_dependence: float | None = None

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build a record from ``dataclasses.asdict``, also after JSON made lists of its tuples."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**fields)
