"""Training: what goes in is checked here, once; what comes out is a record after each epoch."""

import math
from typing import Literal

import numpy as np

from glassnet.errors import ConfigError, lookup, whole_number
from glassnet.nn.inputs import Examples, check_examples
from glassnet.nn.loop import Augment, Training
from glassnet.nn.losses import LOSSES, Loss
from glassnet.nn.network import Network
from glassnet.nn.optimizers import Optimizer, check_optimizer, check_range
from glassnet.nn.schedules import Schedule, constant
from glassnet.nn.sgd import SGD


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
    averaging: float | None = None,
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
        each time that it is used; see `glassnet.data.augment`.
    strength : float or callable
        How strongly, from 0 to 1; or a schedule, step -> strength.
    averaging : float, optional
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
    check_range("averaging", averaging or 0.0, below=1)
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
        averaging=averaging,
        shuffle=shuffle,
    )
