"""Trying: the line to type for a run that differs from another in a few options."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from glassnet.data.augment import Augment
from glassnet.data.dataset import VALIDATION_FRACTION
from glassnet.recipe import Recipe
from glassnet.recipes import RECIPES
from glassnet.runs.config import RunConfig

SWITCHES = ("batch_norm", "shuffle")  # --batch-norm or --no-batch-norm
UNTYPED = ("name", "min_updates", "beta2", "members", "full_pass")  # no option of glassnet train


def command(config: RunConfig, change: Mapping[str, Any]) -> str:
    """Write the command of a run, changed.

    Parameters
    ----------
    config : RunConfig
        Of the run.
    change : mapping
        Fields of the recipe, or of the configuration, and their new values.

    Returns
    -------
    str
        ``glassnet train --data ...``. What no option can say, as a recipe's own beta2, is left to
        the recipe.
    """
    names = {field.name for field in fields(Recipe)}
    recipe = replace(config.recipe, **{n: v for n, v in change.items() if n in names})
    config = replace(config, **{n: v for n, v in change.items() if n not in names})
    words = ["glassnet", "train", "--data", config.data, "--recipe", recipe.name]
    usual = RECIPES.get(recipe.name, recipe)
    for name, value in asdict(recipe).items():
        if name not in UNTYPED and value != asdict(usual)[name]:
            words += _option(name, getattr(recipe, name))
    if config.validation != VALIDATION_FRACTION:
        words += ["--validation", f"{config.validation:g}"]
    for name in ("test", "label", "shape", "spoil"):
        value = getattr(config, name)
        if value is not None:
            words += _option(name, value)
    return shlex.join([*words, "--seed", str(config.seed)])


def _option(name: str, value: Any) -> list[str]:
    flag = name.replace("_", "-")
    if name in SWITCHES:
        return [f"--{flag}" if value else f"--no-{flag}"]
    if value is None:
        text = "none"
    elif isinstance(value, Augment):
        strengths = {n: v for n, v in asdict(value).items() if n != "shape"}
        text = ",".join(f"{n}={v:g}" for n, v in strengths.items())
    elif isinstance(value, tuple):
        text = ",".join(map(str, value)) or "none"
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value)
    return [f"--{flag}", text]
