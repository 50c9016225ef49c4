"""EpochRecord: what is written down after each epoch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EpochRecord:
    """What one epoch did.

    Parameters
    ----------
    epoch : int
        From 1.
    step : int
        Updates made so far.
    train_loss, train_accuracy : float
        On the training part: the mean over the epoch's batches, each measured before its update,
        with the noise, distortions and smoothing that it was trained with; after a ``full_pass``,
        that of the network as the epoch left it, without them.
    validation_loss, validation_accuracy : float or None
        On the validation part, after the epoch; None without one.
    learning_rate : float
        At the last step.
    gradient_norms : tuple of float
        Euclidean norm of each layer's gradient, weights and biases together, at the last step.
    dead, saturated : tuple of float
        Share of each hidden layer's units; see `glassnet.nn.health.Health`.
    seconds : float
        Spent on the epoch's updates; measuring afterwards is not counted.
    images_per_second : float
        Training images over ``seconds``.
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
    saturated: tuple[float, ...]
    seconds: float
    images_per_second: float
