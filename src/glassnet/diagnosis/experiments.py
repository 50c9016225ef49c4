"""Experiments: for each cause, a change that breaks a healthy training run."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Experiment:
    """One way to break a training run.

    Parameters
    ----------
    cause : str
        Cause that `glassnet.diagnose` finds in the broken run.
    description : str
        Description of the change.
    change : mapping
        Fields of a `glassnet.recipe.Recipe` and their new values; ``corrupt`` is a field of a
        run's configuration and names a corruption (`glassnet.data.transforms.corruption`).
    """

    cause: str
    description: str
    change: Mapping[str, Any]


# Configuration that learns MNIST; each experiment changes it.
HEALTHY: Mapping[str, Any] = MappingProxyType(
    {
        "hidden": (64,),
        "activation": ("relu",),
        "initializer": "he",
        "optimizer": "sgd",
        "learning_rate": 0.1,
        "momentum": 0.0,
        "schedule": "constant",
        "batch_size": 64,
        "epochs": 5,
        "beta2": None,
        "batch_norm": False,
    }
)

_ALL = (
    Experiment("not-finite", "Initial weights 1e25 times too large.", {"gain": 1e25}),
    Experiment(
        "learning-rate-too-high",
        "Learning rate of 30, three hundred times too high.",
        {"learning_rate": 30.0},
    ),
    Experiment(
        "learning-rate-too-low",
        "Learning rate of 1e-6, a hundred thousand times too low.",
        {"learning_rate": 1e-6},
    ),
    Experiment("dead-relus", "Initial biases of -20.", {"activation": ("relu",), "bias": -20.0}),
    Experiment(
        "saturated-sigmoids",
        "Sigmoids with initial weights 50 times too large.",
        {"activation": ("sigmoid",), "initializer": "glorot", "gain": 50.0},
    ),
    Experiment(
        "vanishing-gradients",
        "Six hidden sigmoid layers.",
        {"hidden": (64,) * 6, "activation": ("sigmoid",), "initializer": "glorot"},
    ),
    Experiment("zero-initialisation", "Initial weights of 0.", {"initializer": "zeros"}),
    Experiment("unscaled-input", "Pixels from 0 to 255 instead of 0 to 1.", {"input_scale": 255.0}),
    Experiment(
        "rows-not-shuffled",
        "Rows sorted by class, in the same order in each epoch.",
        {"shuffle": False, "corrupt": "sorted"},
    ),
    Experiment("labels-shuffled", "Labels shuffled among the images.", {"corrupt": "labels"}),
    Experiment(
        "over-fitting",
        "Only 300 images, and 80 epochs to memorise them.",
        {"corrupt": "few", "epochs": 80, "optimizer": "adam", "learning_rate": 2e-3},
    ),
    Experiment(
        "train-test-leak", "Half of the test set replaced by training images.", {"corrupt": "leak"}
    ),
)

EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {experiment.cause: experiment for experiment in _ALL}
)
