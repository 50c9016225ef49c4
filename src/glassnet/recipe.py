"""Recipe: the hyper-parameters of a run, each declared once."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from glassnet.data.transforms.augment import Augment
from glassnet.data.transforms.preprocessing import Preprocessing
from glassnet.errors import ConfigError, canonical, check_positive
from glassnet.hyperparameters import declare
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import SGD, Adam, AdamW, MaxNorm, Optimizer
from glassnet.nn.schedules import SCHEDULES


@dataclass(frozen=True)
class OptimizerChoice:
    """Class and default hyper-parameters of a named optimiser.

    Parameters
    ----------
    momentum : float or None
        None for an optimiser without momentum.
    options : dict
        Constructor arguments implied by the name.
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


PREPROCESS_FORMS = "plain, deskew, width-N, deskew-width-N, with N from 1 to 9999"


def _normalize_preprocess(text: str) -> str:
    return str(Preprocessing.parse(text))


def _normalize_loss(name: str) -> str:
    return LOSSES[name].__name__  # "mse" becomes "mean_squared_error"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Complete training set-up, except for the data and the seed.

    Each field's `declare` states its meaning and range. A field that resets others (changing the
    optimiser resets the learning rate) comes before them.
    """

    name: str
    hidden: tuple[int, ...] = field(
        metadata=declare("Number of units in each hidden layer, such as 256,128, or none.", above=0)
    )
    activation: tuple[str, ...] = field(
        metadata=declare(
            "Activation function of all hidden layers, or one per layer, such as relu,tanh.",
            choices=ACTIVATIONS,
        )
    )
    initializer: str = field(
        metadata=declare("Distribution of the initial weights.", choices=INITIALIZERS)
    )
    loss: str = field(
        metadata=declare(
            "Loss function; mse is short for mean_squared_error.",
            choices=LOSSES,
            normalize=_normalize_loss,
        )
    )
    optimizer: str = field(
        metadata=declare(
            "Update rule; changing the recipe's rule resets the learning rate to the new default.",
            choices=OPTIMIZERS,
        )
    )
    learning_rate: float = field(metadata=declare("Peak learning rate of the schedule.", above=0))
    momentum: float = field(
        default=0.0, metadata=declare("Momentum for sgd and nesterov.", at_least=0, below=1)
    )
    schedule: str = field(
        default="constant",
        metadata=declare("Learning-rate schedule.", choices=SCHEDULES),
    )
    batch_size: int | Literal["full"] = field(
        default=128, metadata=declare("Images per update; full: all training images.", above=0)
    )
    epochs: int = field(
        default=10, metadata=declare("Passes over the training images.", at_least=0)
    )
    min_updates: int = field(
        default=0,
        metadata=declare(
            "Minimum number of updates: small datasets get more epochs; 0 if --epochs or "
            "--batch-size is given.",
            at_least=0,
            has_option=False,
        ),
    )
    weight_decay: float | None = field(
        default=None,
        metadata=declare(
            "Weight decay for the weights, not the biases; none: the optimiser's default.",
            at_least=0,
        ),
    )
    beta2: float | None = field(
        default=None,
        metadata=declare(
            "Decay rate of the average squared gradient in adam and adamw; none: the default.",
            at_least=0,
            below=1,
            has_option=False,
        ),
    )
    batch_norm: bool = field(
        default=False, metadata=declare("Batch normalisation in the hidden layers.")
    )
    dropout: float = field(
        default=0.0,
        metadata=declare("Fraction of the hidden units zeroed at each step.", at_least=0, below=1),
    )
    input_dropout: float = field(
        default=0.0,
        metadata=declare("Fraction of the pixels zeroed at each step.", at_least=0, below=1),
    )
    noise: float = field(
        default=0.0,
        metadata=declare(
            "Standard deviation of the Gaussian noise added to each layer's input.", at_least=0
        ),
    )
    max_norm: float | None = field(
        default=None,
        metadata=declare("Maximum norm of each unit's incoming weights; none: no limit.", above=0),
    )
    label_smoothing: float = field(
        default=0.0,
        metadata=declare(
            "Fraction of each label spread evenly over all classes.", at_least=0, below=1
        ),
    )
    ema_decay: float | None = field(
        default=None,
        metadata=declare(
            "Decay rate of a moving average of the weights, such as 0.999; none: no averaging.",
            at_least=0,
            below=1,
        ),
    )
    augment: Augment | None = field(
        default=None,
        metadata=declare(
            "Random distortions of training images, such as "
            "rotation=10,shear=5,scale=0.1,shift=1,elastic=1, or none."
        ),
    )
    augment_decay_fraction: float = field(
        default=0.0,
        metadata=declare(
            "Final fraction of the run in which the distortions have half strength.",
            at_least=0,
            at_most=1,
        ),
    )
    preprocess: str = field(
        default="plain",
        metadata=declare(
            "Preprocessing of each image, such as plain, deskew, width-12 or deskew-width-12.",
            normalize=_normalize_preprocess,
            forms=f"one of {PREPROCESS_FORMS}",
        ),
    )
    members: tuple[str, ...] = field(
        default=(),
        metadata=declare(
            "Preprocessing for each network in an ensemble; none: a single network.",
            normalize=_normalize_preprocess,
            forms=f"any of {PREPROCESS_FORMS}",
            has_option=False,
        ),
    )
    full_pass: bool = field(
        default=False,
        metadata=declare(
            "Evaluate training loss and accuracy in a separate pass after each epoch.",
            has_option=False,
        ),
    )
    input_scale: float = field(
        default=1.0,
        metadata=declare("Scale factor applied to the inputs (pixels in [0, 1]).", above=0),
    )
    gain: float = field(
        default=1.0, metadata=declare("Scale factor applied to the initial weights.", above=0)
    )
    bias: float = field(default=0.0, metadata=declare("Initial bias of the hidden units."))
    shuffle: bool = field(
        default=True, metadata=declare("Shuffle the training images in each epoch.")
    )

    def n_epochs(self, n_train: int) -> int:
        """Return the number of epochs: `epochs`, or more if `min_updates` requires it."""
        return max(self.epochs, math.ceil(self.min_updates / self.steps_per_epoch(n_train)))

    def steps_per_epoch(self, n_train: int) -> int:
        """Return the number of updates per epoch, including a last partial batch."""
        return 1 if self.batch_size == "full" else math.ceil(n_train / self.batch_size)


def make_optimizer(recipe: Recipe) -> Optimizer:
    """Build a recipe's optimiser.

    Raises
    ------
    ConfigError
        If the name is unknown, or the optimiser lacks an option that is set.
    """
    name = canonical("optimizer", OPTIMIZERS, recipe.optimizer)
    choice = OPTIMIZERS[name]
    options = dict(choice.options)
    if choice.momentum is not None:
        options["momentum"] = recipe.momentum
    elif recipe.momentum:
        raise ConfigError(
            f"momentum: needs sgd or nesterov, got {recipe.momentum:g} with {name}, which has "
            "beta1 instead; leave it out"
        )
    if recipe.weight_decay is not None:
        options["weight_decay"] = recipe.weight_decay
    if recipe.beta2 is not None:
        if choice.build is SGD:
            raise ConfigError(f"beta2: needs adam or adamw, got {recipe.beta2:g} with {name}")
        options["beta2"] = recipe.beta2
    optimizer = choice.build(**options)
    if recipe.max_norm is None:
        return optimizer
    check_positive("max_norm", recipe.max_norm)
    return MaxNorm(optimizer, recipe.max_norm)
