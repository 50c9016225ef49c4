"""EpochRecord: statistics of one epoch of a training run."""

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """Statistics of one epoch of a training run.

    Parameters
    ----------
    epoch : int
        Number of the epoch, from 1.
    step : int
        Number of updates so far.
    train_loss, train_accuracy : float
        Loss and accuracy on the training set: means over the epoch's batches, each computed
        before its update, with noise, distortions and label smoothing. With ``full_pass`` they are
        computed after the epoch, without any of these.
    validation_loss, validation_accuracy : float or None
        Loss and accuracy on the validation set after the epoch; None without one.
    learning_rate : float
        Learning rate of the last step.
    gradient_norms : tuple of float
        Euclidean norm of each layer's gradient, weights and biases together, at the last step.
    dead, saturated_units : tuple of float
        Fraction of dead and of saturated units in each hidden layer; see
        `glassnet.nn.monitoring.health.Health`.
    seconds : float
        Time spent on the epoch's updates, without the evaluation.
    images_per_second : float
        Number of training images divided by ``seconds``.
    trajectory : tuple of float
        Training loss during the epoch: the mean over each of 20 equal parts, or each batch if
        there are fewer; NaN for parts that were not reached.
    first_loss, peak_loss : float or None
        Loss of the epoch's first batch, and the highest loss of a batch.
    update_ratios : tuple of float
        For each layer, the largest ||W after - W before|| / ||W before|| over the epoch's
        1st, 2nd, 4th, 8th, ... steps.
    first_update : float or None
        Largest of these ratios, over all layers, for the epoch's first step.
    saturated_activations : tuple of float
        Fraction of saturated activations in each hidden layer; see
        `glassnet.nn.monitoring.health.Health`.
    unit_similarity : tuple of float
        Similarity of the units of each hidden layer; see
        `glassnet.nn.monitoring.health.measure_unit_similarity`.
    label_order : float or None
        How strongly the epoch is sorted by class, from 0 to 1; see
        `glassnet.nn.monitoring.data_stats.measure_label_order`.
    input_scale, majority, label_dependence : float or None
        Statistics of the training data; see `glassnet.nn.monitoring.data_stats.DataStats`.

    Examples
    --------
    >>> import glassnet as gn
    >>> data, net = gn.load_dataset("sample"), gn.mlp([784, 16, 10], rng=0)
    >>> record = next(gn.train(net, data.train, validation=data.validation, rng=0))
    >>> record.epoch, record.step  # 3,667 images in batches of 128
    (1, 29)
    >>> record.validation_accuracy > 0.5
    True
    >>> len(record.gradient_norms), len(record.dead)  # layers, hidden layers
    (2, 1)
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
        """Build a record from the result of ``dataclasses.asdict``, or from its JSON form."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**fields)
