"""Configure: make a run's configuration from a recipe and options."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from glassnet.data.dataset import VALIDATION_FRACTION
from glassnet.data.readers.gzip_io import MAX_BYTES
from glassnet.data.sources.locate import find
from glassnet.data.sources.registry import NAMES
from glassnet.data.transforms.corruption import CORRUPTIONS
from glassnet.errors import ConfigError, canonical, lookup
from glassnet.hyperparameters import hyperparameters
from glassnet.recipe import OPTIMIZERS, Recipe
from glassnet.recipes import RECIPES
from glassnet.runs.config import RunConfig, check_config


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
    corrupt: str | None = None,
    **overrides: Any,
) -> RunConfig:
    """Make a validated configuration; parameters not listed below are those of `RunConfig`.

    Parameters
    ----------
    recipe : str
        Name of the recipe that gives the defaults.
    data : str
        Name or path of a dataset.
    **overrides : object
        New values for fields of the recipe, as values or as the text of an option; None keeps the
        recipe's value. A new optimizer sets its default learning rate and momentum; an override of
        the epochs or the batch size sets ``min_updates`` to 0.

    Raises
    ------
    ConfigError
        If a name is unknown or a number is out of range.
    """
    config = RunConfig(
        recipe=complete_recipe(recipe, **overrides),
        data=resolve_data(data),
        validation=validation,
        test=test,
        seed=seed,
        label=label,
        shape=shape,
        max_bytes=max_bytes,
        pictures=pictures,
        corrupt=None if corrupt is None else canonical("corrupt", CORRUPTIONS, corrupt),
    )
    check_config(config)
    return config


def complete_recipe(recipe: str, **overrides: Any) -> Recipe:
    """Return a recipe with the `overrides` of `configure` applied, without checking ranges.

    Raises
    ------
    ConfigError
        If a name is unknown.
    """
    chosen = RECIPES[canonical("recipe", RECIPES, recipe)]
    declared = hyperparameters(type(chosen))
    changes = {
        name: lookup("hyper-parameter", declared, name).complete(value)
        for name, value in overrides.items()
        if value is not None
    }
    if "preprocess" in changes and chosen.members:
        raise ConfigError(
            f"preprocess: needs a recipe of a single network, got {chosen.name}, whose networks "
            f"use {', '.join(chosen.members)}; leave this option out"
        )
    if changes.get("optimizer", chosen.optimizer) != chosen.optimizer:
        other = OPTIMIZERS[changes["optimizer"]]
        chosen = replace(
            chosen,
            learning_rate=other.learning_rate,
            momentum=other.momentum or 0.0,
            beta2=None,
            weight_decay=None,
        )
    if "epochs" in changes or "batch_size" in changes:
        chosen = replace(chosen, min_updates=0)
    return replace(chosen, **changes)


def resolve_data(data: str) -> str:
    """Return the name of a dataset unchanged, or its path as an absolute path.

    Raises
    ------
    DataNotFoundError
        If it is neither a name nor a path.
    """
    if data in NAMES:
        return data
    path = find(data)
    return str(path.resolve()) if Path(data).exists() else data
