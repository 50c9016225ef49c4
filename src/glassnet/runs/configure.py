"""From what a user typed to a complete configuration."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from glassnet.data import sources
from glassnet.data.dataset import VALIDATION_FRACTION
from glassnet.data.packed import MAX_BYTES
from glassnet.errors import canonical
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.losses import LOSSES
from glassnet.recipes import OPTIMIZERS, RECIPES
from glassnet.runs.config import NAMES_OF, RunConfig, check_config


def configure(
    recipe: str,
    data: str,
    *,
    validation: float = VALIDATION_FRACTION,
    test: float | None = None,
    seed: int = 0,
    label: str | None = None,
    shape: tuple[int, int] | None = None,
    max_bytes: int = MAX_BYTES,
    pictures: bool = True,
    **overrides: Any,
) -> RunConfig:
    """Complete what a user typed into a configuration.

    Parameters
    ----------
    recipe : str
        Name of the recipe to start from.
    data : str
        A dataset's name or path.
    validation : float
        Share of the training images to hold out.
    test : float, optional
        Share to hold out for the test.
    seed : int
        At least 0.
    label : str, optional
        The column of labels of a table.
    shape : tuple of int, optional
        Height and width of the images of a CSV table.
    max_bytes : int
        The limit to what a file may unpack to.
    pictures : bool
        Whether to draw at the end.
    **overrides : object
        Fields of the recipe to replace; None leaves a field as it is. Another optimiser brings
        its own learning rate and momentum; with a number of epochs or a batch size of the user's
        own, the recipe's least number of updates no longer counts.

    Returns
    -------
    RunConfig
        Every name known, every number in range.

    Raises
    ------
    ConfigError
        Otherwise.
    """
    chosen = RECIPES[canonical("recipe", RECIPES, recipe)]
    changes = {name: value for name, value in overrides.items() if value is not None}
    for name, family in NAMES_OF.items():
        if name in changes:
            changes[name] = canonical(name, family, changes[name])
    if "activation" in changes:
        changes["activation"] = tuple(
            canonical("activation", ACTIVATIONS, name) for name in changes["activation"]
        )
    if changes.get("optimizer", chosen.optimizer) != chosen.optimizer:
        other = OPTIMIZERS[changes["optimizer"]]
        chosen = replace(chosen, learning_rate=other.learning_rate, momentum=other.momentum or 0.0)
    if "loss" in changes:
        changes["loss"] = LOSSES[changes["loss"]].__name__  # "mse" is only typed, never kept
    if "epochs" in changes or "batch_size" in changes:
        chosen = replace(chosen, min_updates=0)
    complete = replace(chosen, **changes)
    config = RunConfig(
        complete, settle(data), validation, test, seed, label, shape, max_bytes, pictures
    )
    check_config(config)
    return config


def settle(data: str) -> str:
    """Make a path mean the same from every folder; leave a name alone.

    Parameters
    ----------
    data : str
        A dataset's name or path.

    Returns
    -------
    str
        The name, or the absolute path.

    Raises
    ------
    DataNotFoundError
        If it is neither.
    """
    if data in sources.NAMES:
        return data
    path = sources.find(data)
    return str(path.resolve()) if Path(data).exists() else data
