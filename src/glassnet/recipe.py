"""Recipe: everything about a training but the data and the seed, as plain data."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from glassnet.data.transforms.augment import Augment
from glassnet.errors import ConfigError, canonical
from glassnet.nn.optimizers import SGD, Adam, AdamW, MaxNorm, Optimizer


@dataclass(frozen=True)
class Recipe:
    """Everything about a training but the data and the seed.

    Parameters
    ----------
    name : str
        What to call it.
    hidden : tuple of int
        Units of each hidden layer; empty for none.
    activation : tuple of str
        One for all hidden layers, or one each.
    initializer, loss : str
        Names from `glassnet.nn`.
    optimizer : str
        ``"sgd"``, ``"nesterov"``, ``"adam"`` or ``"adamw"``.
    learning_rate : float
        The highest rate of the schedule.
    momentum : float
        For sgd and nesterov.
    schedule : str
        ``"constant"``, ``"step_decay"`` or ``"warmup_cosine"``.
    batch_size : int or "full"
        Images an update.
    epochs : int
        Passes over the training part, at least.
    min_updates : int
        A small set is passed over more often, until there are so many updates.
    weight_decay : float or None
        None leaves it to the optimiser's default.
    beta2 : float or None
        The same, for adam and adamw.
    batch_norm : bool
        Whether hidden layers are normalised over the batch.
    dropout, input_dropout : float
        Share of hidden units, and of inputs, silenced at each step.
    noise : float
        Standard deviation of the noise added to what enters each layer.
    max_norm : float or None
        The longest that the weights into a unit may be; None for any length.
    label_smoothing : float
        Share of each label that is spread evenly over the classes.
    ema_decay : float or None
        Decay of the moving average of the weights that is kept; None to keep the last ones.
    augment : Augment or None
        How training images are distorted; None for not at all.
    augment_decay_fraction : float
        Share of the training, at its end, in which images are distorted half as strongly.
    preprocess : str
        How every image is looked at, as `glassnet.data.transforms.preprocessing` names it.
    members : tuple of str
        The views of an ensemble's networks, one each, in the place of `view`; none for a single
        network.
    full_pass : bool
        Whether training loss and accuracy are measured by a pass of their own.
    input_scale : float
        What pixels, as floats from 0 to 1, are multiplied by.
    gain : float
        What the initialiser's weights are multiplied by.
    bias : float
        Where the biases of the hidden units start.
    shuffle : bool
        Whether each epoch deals the rows out in a fresh order.
    """

    name: str
    hidden: tuple[int, ...]
    activation: tuple[str, ...]
    initializer: str
    loss: str
    optimizer: str
    learning_rate: float
    momentum: float = 0.0
    schedule: str = "constant"
    batch_size: int | Literal["full"] = 128
    epochs: int = 10
    min_updates: int = 0
    weight_decay: float | None = None
    beta2: float | None = None
    batch_norm: bool = False
    dropout: float = 0.0
    input_dropout: float = 0.0
    noise: float = 0.0
    max_norm: float | None = None
    label_smoothing: float = 0.0
    ema_decay: float | None = None
    augment: Augment | None = None
    augment_decay_fraction: float = 0.0
    preprocess: str = "plain"
    members: tuple[str, ...] = ()
    full_pass: bool = False
    input_scale: float = 1.0
    gain: float = 1.0
    bias: float = 0.0
    shuffle: bool = True

    def n_epochs(self, n_train: int) -> int:
        """Tell how many epochs a training part needs.

        Parameters
        ----------
        n_train : int
            Its images.

        Returns
        -------
        int
            ``epochs``, or more where ``min_updates`` asks for it.
        """
        return max(self.epochs, math.ceil(self.min_updates / self.steps_per_epoch(n_train)))

    def steps_per_epoch(self, n_train: int) -> int:
        """Tell how many updates make an epoch.

        Parameters
        ----------
        n_train : int
            Images of the training part.

        Returns
        -------
        int
            Batches, the last partial one included.
        """
        return 1 if self.batch_size == "full" else math.ceil(n_train / self.batch_size)


@dataclass(frozen=True)
class OptimizerChoice:
    """An optimiser by the name that a user types.

    Parameters
    ----------
    build : type
        Its class.
    learning_rate : float
        Where to start when nobody says.
    momentum : float or None
        The same; None for one that has none.
    options : dict
        What the name stands for beside the class.
    """

    build: type[SGD] | type[Adam] | type[AdamW]
    learning_rate: float
    momentum: float | None = None
    options: dict[str, Any] = field(default_factory=dict)


OPTIMIZERS = {
    "adam": OptimizerChoice(Adam, 2e-3),
    "adamw": OptimizerChoice(AdamW, 2e-3),
    "nesterov": OptimizerChoice(SGD, 0.02, momentum=0.9, options={"nesterov": True}),
    "sgd": OptimizerChoice(SGD, 0.2, momentum=0.0),
}


def make_optimizer(recipe: Recipe) -> Optimizer:
    """Build a recipe's optimiser.

    Parameters
    ----------
    recipe : Recipe
        Names it, with momentum and weight decay.

    Returns
    -------
    Optimizer
        Ready for `glassnet.train`.

    Raises
    ------
    ConfigError
        If the name is unknown, or an option does not go with it.
    """
    name = canonical("optimizer", OPTIMIZERS, recipe.optimizer)
    choice = OPTIMIZERS[name]
    options = dict(choice.options)
    if choice.momentum is not None:
        options["momentum"] = recipe.momentum
    elif recipe.momentum:
        raise ConfigError(
            f"momentum: is for sgd and nesterov, got {recipe.momentum:g} with {name}, "
            "which keeps a mean of its own"
        )
    if recipe.weight_decay is not None:
        options["weight_decay"] = recipe.weight_decay
    if recipe.beta2 is not None:
        if choice.build is SGD:
            raise ConfigError(f"beta2: is for adam and adamw, got {recipe.beta2:g} with {name}")
        options["beta2"] = recipe.beta2
    optimizer = choice.build(**options)
    return optimizer if recipe.max_norm is None else MaxNorm(optimizer, recipe.max_norm)
