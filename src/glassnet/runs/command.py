"""The command that repeats a run, or tries another: from a configuration to what a user types."""

import shlex
from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from typing import Any

from glassnet.data.dataset import VALIDATION_FRACTION
from glassnet.data.readers.gzip_io import MAX_BYTES
from glassnet.data.transforms.augment import Augment
from glassnet.errors import ConfigError
from glassnet.recipe import Recipe
from glassnet.recipes import RECIPES
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import complete_recipe

# Fields of a recipe that `glassnet train` has an option for. One that brings others along with it
# stands before them: another optimiser has its own learning rate.
OPTIONS = (
    "optimizer",
    "hidden",
    "activation",
    "initializer",
    "epochs",
    "batch_size",
    "loss",
    "momentum",
    "learning_rate",
    "schedule",
    "weight_decay",
    "input_scale",
    "gain",
    "bias",
    "shuffle",
    "batch_norm",
    "dropout",
    "input_dropout",
    "noise",
    "max_norm",
    "label_smoothing",
    "ema_decay",
    "preprocess",
    "augment",
    "augment_decay_fraction",
)


def train_command(config: RunConfig) -> str | None:
    """Write the command line that trains as a configuration says.

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
    """Write the command line that trains as a configuration says, but for a change.

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
    names = {field.name for field in fields(Recipe)}
    recipe = replace(config.recipe, **{n: v for n, v in change.items() if n in names})
    others = {n: v for n, v in change.items() if n not in names}
    overrides = _overrides(recipe)
    if overrides is None:
        usual = RECIPES.get(recipe.name, recipe)
        unlike = [name for name in OPTIONS if getattr(recipe, name) != getattr(usual, name)]
        overrides = {name: _said(getattr(recipe, name)) for name in unlike}
    # An experiment is made to be looked at: with its pictures.
    return _line(replace(config, recipe=recipe, pictures=True, **others), overrides)


def _line(config: RunConfig, overrides: Mapping[str, str]) -> str:
    words = ["glassnet", "train", "--data", config.data, "--recipe", config.recipe.name]
    for name, text in overrides.items():
        option = name.replace("_", "-")
        if name in ("batch_norm", "shuffle"):
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
    """Find the options that make a recipe of the one that has its name; None if there are none."""
    if recipe.name not in RECIPES:
        return None
    changes: dict[str, Any] = {}
    if recipe.min_updates != RECIPES[recipe.name].min_updates:
        changes["epochs"] = recipe.epochs  # a number of one's own, even if it is the same
    try:
        for name in OPTIONS:
            wanted = getattr(recipe, name)
            if getattr(complete_recipe(recipe.name, **changes), name) != wanted:
                changes[name] = _said(wanted) if name == "augment" else wanted
        is_there = complete_recipe(recipe.name, **changes) == recipe
    except ConfigError:
        return None
    if not is_there:
        return None
    return {name: _said(changes[name]) for name in OPTIONS if name in changes}


def _said(value: object) -> str:
    """Write a value as an option takes it."""
    if value is None:
        return "none"
    if isinstance(value, Augment):
        strengths = (
            f"{field.name}={getattr(value, field.name)}"
            for field in fields(Augment)
            if field.default is not MISSING and getattr(value, field.name) != field.default
        )
        return ",".join(strengths) or "rotation=0"
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return repr(value) if isinstance(value, float) else str(value)
