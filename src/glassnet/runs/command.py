"""Command lines that repeat a run with the same or a changed configuration."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from glassnet.data.dataset import VALIDATION_FRACTION
from glassnet.data.readers.gzip_io import MAX_BYTES
from glassnet.errors import ConfigError
from glassnet.hyperparameters import Hyperparameter, hyperparameters
from glassnet.recipe import Recipe
from glassnet.recipes import RECIPES
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import complete_recipe


def train_command(config: RunConfig) -> str | None:
    """Return the command line that trains with a configuration.

    Returns
    -------
    str or None
        Shell command; None if no options give the configuration, which happens when a recipe has
        changed since, and for the members of an ensemble.
    """
    overrides = _overrides(config.recipe)
    if overrides is None or config.split_seed is not None:
        return None
    return _line(config, overrides)


def changed_command(config: RunConfig, change: Mapping[str, Any]) -> str:
    """Return the command line that trains with a changed configuration.

    Parameters
    ----------
    config : RunConfig
    change : mapping
        New values for fields of the recipe or of the configuration.

    Returns
    -------
    str
        Shell command. Fields that have no option, such as ``beta2``, keep the recipe's values.
    """
    declared = hyperparameters(type(config.recipe))
    recipe = replace(config.recipe, **{n: v for n, v in change.items() if n in declared})
    others = {n: v for n, v in change.items() if n not in declared}
    overrides = _overrides(recipe)
    if overrides is None:
        base = RECIPES.get(recipe.name, recipe)
        overrides = {
            name: option.format(getattr(recipe, name))
            for name, option in _options(recipe).items()
            if getattr(recipe, name) != getattr(base, name)
        }
    # The pictures show the effect of the change.
    return _line(replace(config, recipe=recipe, pictures=True, **others), overrides)


def _line(config: RunConfig, overrides: Mapping[str, str]) -> str:
    words = ["glassnet", "train", "--data", config.data, "--recipe", config.recipe.name]
    for name, text in overrides.items():
        option = name.replace("_", "-")
        if isinstance(getattr(config.recipe, name), bool):
            words.append(f"--{'' if getattr(config.recipe, name) else 'no-'}{option}")
        else:
            words += [f"--{option}", text]
    words += ["--seed", str(config.seed)]
    if config.validation != VALIDATION_FRACTION:
        words += ["--validation", repr(config.validation)]
    if config.test is not None:
        words += ["--test", repr(config.test)]
    if config.label is not None:
        words += ["--label", config.label]
    if config.shape is not None:
        words += ["--shape", ",".join(map(str, config.shape))]
    if config.max_bytes != MAX_BYTES:
        words += ["--max-bytes", str(config.max_bytes)]
    if config.corrupt is not None:
        words += ["--corrupt", config.corrupt]
    if not config.pictures:
        words.append("--no-pictures")
    return shlex.join(words)


def _overrides(recipe: Recipe) -> dict[str, str] | None:
    """Return the options that turn the named recipe into this one; None if no options do."""
    if recipe.name not in RECIPES:
        return None
    changes: dict[str, str] = {}
    if recipe.min_updates != RECIPES[recipe.name].min_updates:
        changes["epochs"] = str(recipe.epochs)  # needed even if it equals the recipe's value
    try:
        # In the order of the fields: a new optimizer sets its default learning rate.
        for name, option in _options(recipe).items():
            wanted = getattr(recipe, name)
            if getattr(complete_recipe(recipe.name, **changes), name) != wanted:
                changes[name] = option.format(wanted)
        is_reached = complete_recipe(recipe.name, **changes) == recipe
    except ConfigError:
        return None
    if not is_reached:
        return None
    return {name: changes[name] for name in _options(recipe) if name in changes}


def _options(recipe: Recipe) -> dict[str, Hyperparameter]:
    """Return the hyper-parameters that are options of ``glassnet train``."""
    return {name: h for name, h in hyperparameters(type(recipe)).items() if h.has_option}
