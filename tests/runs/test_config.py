"""Configurations: completed from options, written and read."""

import dataclasses
import json
import math
import platform
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.compute import describe_cpu
from glassnet.data.transforms.augment import Augment
from glassnet.errors import ConfigError, DataNotFoundError
from glassnet.recipes import FAST, RECIPES, TEXTBOOK
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure, resolve_data


@pytest.mark.parametrize(
    "config",
    [
        RunConfig(recipe=FAST, data="mnist"),
        RunConfig(
            recipe=TEXTBOOK,
            data="/a/path/with spaces/é.csv",
            validation=0.0,
            test=0.1,
            seed=7,
        ),
        RunConfig(
            recipe=dataclasses.replace(
                FAST,
                hidden=(),
                activation=("tanh",),
                batch_size="full",
                weight_decay=0.1 + 0.2,
                learning_rate=math.pi / 1e9,
            ),
            data="sample",
            seed=2**63,
        ),
    ],
)
def test_a_configuration_survives_a_round_trip(tmp_path: Path, config: RunConfig) -> None:
    path = tmp_path / "config.json"
    path.write_text(config.to_json(), encoding="utf-8")
    assert RunConfig.read(path) == config


def test_a_configuration_records_versions_and_processor() -> None:
    content = json.loads(RunConfig(recipe=FAST, data="sample").to_json())
    assert content["format"] == 1
    versions = content["versions"]
    assert versions["glassnet"] == gn.__version__
    assert versions["numpy"] == np.__version__
    assert versions["python"] == platform.python_version()
    assert versions.keys() >= {"blas", "kernel", "threads", "machine"}
    assert versions["threads"] >= 1
    assert content["computer"] == describe_cpu()
    assert content["recipe"]["hidden"] == [112, 96]
    assert content["seed"] == 0


COMPLETE: dict[str, Any] = json.loads(RunConfig(recipe=FAST, data="two").to_json())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b"{}",
        json.dumps(COMPLETE | {"format": 2}).encode(),
        json.dumps(COMPLETE | {"format": None}).encode(),
        json.dumps({"format": 1}).encode(),
        json.dumps(COMPLETE | {"recipe": None}).encode(),
        json.dumps(COMPLETE | {"recipe": {}}).encode(),
        json.dumps(COMPLETE | {"recipe": COMPLETE["recipe"] | {"unknown": 1}}).encode(),
        json.dumps(COMPLETE | {"recipe": COMPLETE["recipe"] | {"hidden": 5}}).encode(),
        json.dumps({k: v for k, v in COMPLETE.items() if k != "seed"}).encode(),
        json.dumps(COMPLETE | {"seed": None}).encode(),
        json.dumps(COMPLETE | {"data": 5}).encode(),
        json.dumps(COMPLETE | {"validation": "a"}).encode(),
    ],
)
def test_a_damaged_or_newer_configuration_is_rejected(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        RunConfig.read(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)


def test_a_missing_configuration_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"needs a run's folder, with a config\.json; got none"):
        RunConfig.read(tmp_path / "config.json")


def test_without_overrides_the_recipe_is_unchanged() -> None:
    assert configure("fast", "two") == RunConfig(recipe=FAST, data="two", validation=1 / 12, seed=0)
    fields = ["optimizer", "epochs", "hidden", "activation", "learning_rate"]
    nothing: dict[str, Any] = dict.fromkeys(fields)
    assert configure("textbook", "two", **nothing).recipe == TEXTBOOK


@pytest.mark.parametrize(
    ("recipe", "overrides", "expected"),
    [
        ("FAST", {}, {}),
        ("fast", {"hidden": (32,)}, {"hidden": (32,)}),
        ("fast", {"hidden": ()}, {"hidden": ()}),
        ("fast", {"batch_size": "full"}, {"batch_size": "full", "min_updates": 0}),
        ("fast", {"epochs": 3}, {"epochs": 3, "min_updates": 0}),
        ("fast", {"epochs": 0}, {"epochs": 0, "min_updates": 0}),
        ("fast", {"weight_decay": 0.0}, {"weight_decay": 0.0}),
        ("fast", {"loss": "Cross-Entropy"}, {"loss": "cross_entropy"}),
        ("fast", {"loss": "mse"}, {"loss": "mean_squared_error"}),
        ("fast", {"schedule": "STEP-decay"}, {"schedule": "step_decay"}),
        ("fast", {"initializer": "Glorot"}, {"initializer": "glorot"}),
        ("fast", {"activation": ("ReLU",)}, {"activation": ("relu",)}),
        (
            "fast",
            {"hidden": (9, 9), "activation": ("Tanh", "SIGMOID")},
            {"hidden": (9, 9), "activation": ("tanh", "sigmoid")},
        ),
        # The recipe's optimizer keeps the recipe's learning rate.
        ("fast", {"optimizer": "Adam"}, {"optimizer": "adam", "learning_rate": 3e-2}),
        ("textbook", {"optimizer": "sgd"}, {"optimizer": "sgd", "learning_rate": 0.2}),
        # A new optimizer sets its default learning rate,
        (
            "fast",
            {"optimizer": "sgd"},
            {"optimizer": "sgd", "learning_rate": 0.2, "beta2": None},
        ),
        (
            "fast",
            {"optimizer": "adamw"},
            {"optimizer": "adamw", "learning_rate": 2e-3, "beta2": None},
        ),
        ("textbook", {"optimizer": "adam"}, {"optimizer": "adam", "learning_rate": 2e-3}),
        (
            "textbook",
            {"optimizer": "Nesterov"},
            {"optimizer": "nesterov", "learning_rate": 0.02, "momentum": 0.9},
        ),
        # unless there is an override.
        (
            "textbook",
            {"optimizer": "nesterov", "learning_rate": 0.5, "momentum": 0.1},
            {"optimizer": "nesterov", "learning_rate": 0.5, "momentum": 0.1},
        ),
        ("textbook", {"momentum": 0.9}, {"momentum": 0.9}),
        ("fast", {"augment": "none"}, {"augment": None}),
        (
            "fast",
            {"label_smoothing": 0.1, "batch_norm": True},
            {"label_smoothing": 0.1, "batch_norm": True},
        ),
    ],
)
def test_overrides_replace_only_their_fields(
    recipe: str, overrides: dict[str, Any], expected: dict[str, Any]
) -> None:
    original = FAST if recipe.lower() == "fast" else TEXTBOOK
    before = dataclasses.asdict(original)
    assert dataclasses.asdict(configure(recipe, "two", **overrides).recipe) == before | expected
    assert dataclasses.asdict(original) == before


def test_augmentation_strengths_are_parsed() -> None:
    text = "rotation=12, shear=6,scale=0.1,SHIFT=1,elastic=1.5,smoothness=3,group=4"
    config = configure("fast", "two", augment=text)
    assert config.recipe.augment == Augment(
        rotation=12, shear=6, scale=0.1, shift=1, elastic=1.5, smoothness=3, group=4
    )


def test_other_options_are_kept_next_to_the_recipe() -> None:
    config = configure("fast", "two", validation=0.25, test=0.5, seed=9)
    assert (config.validation, config.test, config.seed) == (0.25, 0.5, 9)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"recipe": "fsat"},
            f"recipe: needs one of {', '.join(sorted(RECIPES))}, got 'fsat'. Did you mean 'fast'?",
        ),
        ({"optimizer": "adma"}, "Did you mean 'adam'?"),
        ({"schedule": "warmup cosine"}, "Did you mean 'warmup_cosine'?"),
        ({"loss": "crossentropy"}, "Did you mean 'cross_entropy'?"),
        ({"initializer": "hee"}, "Did you mean 'he'?"),
        ({"activation": ("relu", "thanh")}, "Did you mean 'tanh'?"),
        ({"activation": ("swish",)}, "got 'swish'"),
        ({"seed": -1}, "seed: needs a whole number, at least 0, got -1"),
        ({"hidden": (32, 0)}, "hidden: needs whole numbers above 0, or none, got 32,0"),
        ({"activation": ("relu", "relu", "relu")}, "one for each of 2 hidden layers, got 3"),
        ({"hidden": (5,), "activation": ("relu", "relu")}, "one for each of 1 hidden layers"),
        ({"learning_rate": 0.0}, "learning_rate: needs a number above 0, got 0.0"),
        ({"learning_rate": float("nan")}, "got nan"),
        ({"learning_rate": float("inf")}, "got inf"),
        ({"batch_size": 0}, "batch_size: needs a whole number above 0, or 'full', got 0"),
        ({"epochs": -1}, "epochs: needs a whole number, at least 0, got -1"),
        ({"momentum": 0.9}, "momentum: needs sgd or nesterov"),
        ({"optimizer": "sgd", "momentum": 1.0}, "momentum"),
        ({"optimizer": "nesterov", "momentum": 0.0}, "momentum"),
        ({"weight_decay": -1.0}, "weight_decay"),
        ({"augment": "rotatoin=3"}, "Did you mean 'rotation'?"),
        ({"augment": "rotation"}, "augment: needs numbers such as rotation=1,shear=1, or none"),
        ({"augment": "rotation=much"}, "got 'rotation=much'"),
        ({"augment": "group=1.5"}, "got 'group=1.5'"),
        ({"validation": 2.0}, "validation"),
        ({"test": -0.5}, "test"),
    ],
)
def test_invalid_options_are_rejected(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        configure(**{"recipe": "fast", "data": "two"} | overrides)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_names_are_unchanged_and_paths_are_made_absolute(data: Path, tmp_path: Path) -> None:
    (tmp_path / "desk" / "here").mkdir()
    assert resolve_data("mnist") == "mnist"
    assert resolve_data("sample") == "sample"
    assert resolve_data("two") == "two"
    assert resolve_data("here") == str(tmp_path / "desk" / "here")
    assert resolve_data("../desk/here") == str(tmp_path / "desk" / "here")
    assert resolve_data("../data/two") == str(data / "two")
    with pytest.raises(DataNotFoundError, match=r"Did you mean 'mnist'\?"):
        resolve_data("mnits")
    assert configure("fast", "here").data == str(tmp_path / "desk" / "here")
