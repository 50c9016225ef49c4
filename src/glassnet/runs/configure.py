"""Complete a user's options into a configuration."""

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
    """Complete and validate a user's options; those without an entry are fields of `RunConfig`.

    Parameters
    ----------
    recipe : str
        Name of the recipe to start from.
    data : str
        A dataset's name or path.
    **overrides : object
        Fields of the recipe to replace, as values or as the text of an option; None leaves a
        field as it is. Another optimiser brings its own learning rate and momentum; an override
        of the epochs or the batch size sets ``min_updates`` to 0.

    Raises
    ------
    ConfigError
        If a name is unknown or a number out of range.
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
    """Return a named recipe with the `overrides` of `configure`; ranges are not checked yet.

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
            f"have {', '.join(chosen.members)}; leave this out"
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
    """Return a dataset's name unchanged, or its path as an absolute one.

    Raises
    ------
    DataNotFoundError
        If it is neither a name nor a path.
    """
    if data in NAMES:
        return data
    path = find(data)
    return str(path.resolve()) if Path(data).exists() else data
