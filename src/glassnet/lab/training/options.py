"""Training options: hyper-parameters that visitors may choose, within the Lab's limits.

`OPTIONS` is derived from the declarations of `Recipe`; the API's schema and the form of the page
are generated from it, so that a new hyper-parameter needs no change here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from types import MappingProxyType
from typing import Any

from glassnet.diagnosis.experiments import EXPERIMENTS
from glassnet.errors import ConfigError
from glassnet.hyperparameters import Hyperparameter, declare, hyperparameters
from glassnet.recipe import OPTIMIZERS, Recipe
from glassnet.recipes import TEXTBOOK
from glassnet.runs.config import RunConfig, check_config

# The other values are those of the textbook recipe, so that the command of a run is short.
BASE: Recipe = replace(
    TEXTBOOK, min_updates=0, hidden=(32,), initializer="he", learning_rate=0.1, epochs=6
)
# Shown first; the other options are collapsed.
MAIN = (
    *("hidden", "activation", "initializer", "optimizer", "learning_rate", "batch_size", "epochs"),
    *("n_train", "seed", "experiment"),
)
# An ensemble has several runs; the others would contradict the charts or the network's input.
EXCLUDED = ("members", "preprocess", "min_updates", "full_pass")
MAX_NUMBER = 1_000.0  # largest absolute value of a number without a declared bound
MAX_LENGTH = 8  # of a tuple: number of hidden layers
NARROWED: Mapping[str, Mapping[str, Any]] = {
    "hidden": {"at_most": 256},
    "batch_size": {"type": int, "at_most": 1_024, "help": "Images per update."},
    "epochs": {"at_least": 1, "at_most": 100},
    "momentum": {"type": float | None, "default": None},  # None: the optimiser's default
}


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """The options of a training run.

    Parameters
    ----------
    recipe : Recipe
        Hyper-parameters, before the experiment changes them.
    n_train, seed : int
    experiment : str or None
        A key of ``EXPERIMENTS``.
    """

    recipe: Recipe = BASE
    n_train: int = field(
        default=60_000, metadata=declare("Number of training images.", at_least=100, at_most=60_000)
    )
    seed: int = field(
        default=0, metadata=declare("Seed for all random numbers.", at_least=0, at_most=2**31 - 1)
    )
    experiment: str | None = field(
        default=None, metadata=declare("Experiment that breaks the run.", choices=EXPERIMENTS)
    )

    @classmethod
    def choose(cls, **values: Any) -> "TrainingOptions":
        """Create options from the values that differ from the defaults.

        Raises
        ------
        ConfigError
            If an option is unknown or its value out of range.

        Examples
        --------
        >>> TrainingOptions.choose(hidden=(64, 32), epochs=3).recipe.hidden
        (64, 32)
        """
        chosen = {name: _complete(name, value) for name, value in values.items()}
        own = {name: chosen.pop(name) for name in hyperparameters(cls) if name in chosen}
        optimizer = OPTIMIZERS[chosen.get("optimizer", BASE.optimizer)]
        if chosen.get("momentum") is None:
            chosen["momentum"] = optimizer.momentum or 0.0
        return cls(recipe=replace(BASE, **chosen), **own)

    def values(self) -> dict[str, Any]:
        """Return the value of each option in JSON-serialisable form."""
        own = hyperparameters(type(self))
        return to_json(
            {name: getattr(self if name in own else self.recipe, name) for name in OPTIONS}
        )

    def config(self, data: str) -> RunConfig:
        """Return the configuration of a run on a named dataset.

        Raises
        ------
        ConfigError
            If two options contradict each other.
        """
        change = {} if self.experiment is None else dict(EXPERIMENTS[self.experiment].change)
        corrupt = change.pop("corrupt", None)
        recipe = replace(self.recipe, **change)
        config = RunConfig(recipe=recipe, data=data, seed=self.seed, corrupt=corrupt)
        check_config(config)
        return config


def describe_options() -> list[dict[str, Any]]:
    """Return the options for the page's form, in JSON-serialisable form."""
    return [describe_option(option) for option in OPTIONS.values()]


def to_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert option values to JSON types: tuples to lists, settings to text."""
    return {
        name: OPTIONS[name].format(value)
        if is_dataclass(value)
        else (list(value) if isinstance(value, tuple) else value)
        for name, value in values.items()
    }


def _complete(name: str, value: Any) -> Any:
    if name not in OPTIONS:
        raise ConfigError(f"options: needs names among {', '.join(OPTIONS)}, got {name!r}")
    option = OPTIONS[name]
    if value is None and option.is_optional:
        return None
    if isinstance(value, list):
        value = tuple(value)
    value = option.complete(value)
    option.check(value)
    if option.is_tuple and len(value) > MAX_LENGTH:
        raise ConfigError(f"{name}: needs at most {MAX_LENGTH} values, got {len(value)}")
    return value


def read_options(owner: type[Recipe]) -> Mapping[str, Hyperparameter]:
    """Return the options by name: those of a recipe and those of a run, with the Lab's limits."""
    declared = {
        name: replace(option, default=getattr(BASE, name, option.default))
        for name, option in hyperparameters(owner).items()
        if name not in EXCLUDED
    }
    declared.update(hyperparameters(TrainingOptions))
    return MappingProxyType({name: _narrow(option) for name, option in declared.items()})


def _narrow(option: Hyperparameter) -> Hyperparameter:
    narrowed = replace(option, **NARROWED.get(option.name, {}))
    if narrowed.element_type not in (int, float):
        return narrowed
    if math.isinf(min(narrowed.below, narrowed.at_most)):
        narrowed = replace(narrowed, at_most=MAX_NUMBER)
    if math.isinf(max(narrowed.above, narrowed.at_least)):
        narrowed = replace(narrowed, at_least=-MAX_NUMBER)
    return narrowed


OPTIONS = read_options(Recipe)


def describe_option(option: Hyperparameter) -> dict[str, Any]:
    """Return an option for the page's form, in JSON-serialisable form."""
    number = option.element_type if option.element_type in (int, float) else None
    low, high = max(option.above, option.at_least), min(option.below, option.at_most)
    if number is int:
        low = max(option.above + 1, option.at_least)
    return {
        "name": option.name,
        "is_main": option.name in MAIN,
        "kind": _kind(option),
        "choices": None if option.choices is None else list(option.choices),
        "is_optional": option.is_optional,
        "is_list": option.is_tuple,
        "is_whole": number is int,
        "low": None if number is None else low,
        "high": None if number is None else high,
        "default": to_json({option.name: option.default})[option.name],
    }


def _kind(option: Hyperparameter) -> str:
    if option.choices is not None:
        return "choice"
    if option.element_type is bool:
        return "flag"
    is_number = option.element_type in (int, float) and not option.is_tuple
    return "number" if is_number else "text"
