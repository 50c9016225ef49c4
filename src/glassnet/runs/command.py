"""Commands: the command line that repeats a run, or changes one option of it."""

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

    Parameters
    ----------
    config : RunConfig
        Of a run.

    Returns
    -------
    str or None
        For a shell; None where no options lead there: a recipe that has changed since, or one
        network of an ensemble.
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
        Of a run.
    change : mapping
        Fields of the recipe, or of the configuration, and their new values.

    Returns
    -------
    str
        For a shell. What no option can say, as a recipe's own beta2, is left to the recipe.
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
    # An experiment is made to be looked at: with its pictures.
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
        changes["epochs"] = str(recipe.epochs)  # typed, even where it is the recipe's own
    try:
        # In the order of the fields: another optimiser brings its own learning rate.
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
    """Return the hyper-parameters that ``glassnet train`` has an option for."""
    return {name: h for name, h in hyperparameters(type(recipe)).items() if h.has_option}
