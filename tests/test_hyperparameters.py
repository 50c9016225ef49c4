"""Hyper-parameters: options, validation, commands, JSON and the table derive from declarations."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from benchmarks.hyperparameters import write_table
from glassnet.cli.hyperparameter_options import with_hyperparameters
from glassnet.errors import ConfigError
from glassnet.hyperparameters import declare, hyperparameters
from glassnet.json_values import from_json
from glassnet.recipe import Recipe
from glassnet.recipes import FAST, RECIPES
from glassnet.runs.command import train_command
from glassnet.runs.config import RunConfig, check_config
from glassnet.runs.configure import configure

PAGE = Path(__file__).parents[1] / "docs" / "hyperparameters.md"


@dataclass(frozen=True, kw_only=True)
class Extended(Recipe):
    """Recipe with an additional hyper-parameter."""

    warmth: float | None = field(
        default=None, metadata=declare("Warmth of the units.", at_least=0, below=2)
    )


EXTENDED = Extended(**{f.name: getattr(FAST, f.name) for f in fields(Recipe)})


@pytest.fixture(autouse=True)
def extended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, "fast", EXTENDED)


def test_all_fields_except_the_name_are_declared() -> None:
    assert list(hyperparameters(Recipe)) == [f.name for f in fields(Recipe) if f.name != "name"]


def test_fields_that_reset_others_come_before_them() -> None:
    names = list(hyperparameters(Recipe))
    place = names.index("optimizer")
    assert all(names.index(n) > place for n in ("learning_rate", "momentum", "weight_decay"))


def test_an_added_field_has_an_option() -> None:
    received: dict[str, Any] = {}

    def command(name: str = "x", last: bool = False, **overrides: Any) -> int:
        received.update(overrides)
        return 0

    app = typer.Typer(rich_markup_mode=None)
    app.command()(with_hyperparameters(Extended, after="name")(command))
    done = CliRunner().invoke(app, ["--warmth", "1.5", "--no-shuffle", "--batch-size", "full"])
    assert done.exit_code == 0, done.output
    given = {name: value for name, value in received.items() if value is not None}
    assert given == {"warmth": "1.5", "shuffle": False, "batch_size": "full"}
    assert "Warmth of the units." in CliRunner().invoke(app, ["--help"]).output


@pytest.mark.parametrize(("text", "value"), [("1.5", 1.5), ("none", None), (0, 0)])
def test_an_added_field_is_parsed_and_formatted(text: Any, value: float | None) -> None:
    config = configure("fast", "mnist", warmth=text)
    assert isinstance(config.recipe, Extended)
    assert config.recipe.warmth == value
    line = train_command(config)
    assert line is not None
    assert ("--warmth" in line) == (value is not None)


@pytest.mark.parametrize("value", [-1, 2.0, float("nan"), "much", True])
def test_an_added_field_is_validated(value: Any) -> None:
    config = RunConfig(recipe=replace(EXTENDED, warmth=value), data="mnist")
    with pytest.raises(ConfigError) as raised:
        check_config(config)
    expected = "warmth: needs a number, at least 0 and below 2, or none, got "
    assert str(raised.value) == f"{expected}{value!r}"


@pytest.mark.parametrize("recipe", [*RECIPES.values(), replace(EXTENDED, warmth=0.1 + 0.2)])
def test_a_recipe_survives_a_json_round_trip(recipe: Recipe) -> None:
    assert from_json(type(recipe), json.loads(json.dumps(asdict(recipe)))) == recipe


@pytest.mark.parametrize("recipe", list(RECIPES.values()))
def test_format_and_complete_are_inverse(recipe: Recipe) -> None:
    for name, declared in hyperparameters(Recipe).items():
        value = getattr(recipe, name)
        if declared.has_option:
            assert declared.complete(declared.format(value)) == value, name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden", [8]),
        ("hidden", (8.0,)),
        ("batch_size", "half"),
        ("epochs", 1.5),
        ("batch_norm", 1),
        ("dropout", 1.0),
        ("ema_decay", 1.0),
        ("augment", "rotation=1"),
        ("gain", 0.0),
        ("bias", float("inf")),
        ("preprocess", "sideways"),
    ],
)
def test_values_out_of_range_raise(name: str, value: Any) -> None:
    declared = hyperparameters(Recipe)[name]
    with pytest.raises(ConfigError):
        declared.check(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("hidden", "a,b"), ("batch_size", "half"), ("shuffle", "maybe"), ("gain", "much")],
)
def test_invalid_text_raises(name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: needs .*, got '{text}'"):
        hyperparameters(Recipe)[name].complete(text)


def test_the_documented_table_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == write_table(), "python -m benchmarks.hyperparameters"


def test_declarations_import_nothing_heavier_than_numpy() -> None:
    program = "import sys, glassnet.recipe; print(*{m.partition('.')[0] for m in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not {"typer", "rich", "pydantic", "matplotlib", "cv2", "PIL"} & set(done.stdout.split())
