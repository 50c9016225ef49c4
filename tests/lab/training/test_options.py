"""Options of the Lab: declarations of Recipe with narrower limits, as form and schema."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import ValidationError, create_model

from glassnet.errors import ConfigError
from glassnet.hyperparameters import declare, hyperparameters
from glassnet.lab.training.options import (
    EXCLUDED,
    MAIN,
    OPTIONS,
    TrainingOptions,
    describe_option,
    read_options,
)
from glassnet.lab.web.schemas import Body, RunRequest, make_field
from glassnet.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Extended(Recipe):
    """Recipe with an additional hyper-parameter."""

    warmth: float | None = field(
        default=None, metadata=declare("Warmth of the units.", at_least=0, below=2)
    )


def test_every_hyperparameter_is_an_option() -> None:
    own = ["n_train", "seed", "experiment"]
    assert list(OPTIONS) == [n for n in hyperparameters(Recipe) if n not in EXCLUDED] + own
    assert set(MAIN) <= set(OPTIONS)
    assert list(RunRequest.model_fields) == list(OPTIONS)


def test_a_new_field_appears_in_form_and_schema() -> None:
    option = read_options(Extended)["warmth"]
    described = describe_option(option)
    assert (described["kind"], described["name"]) == ("number", "warmth")
    assert (described["low"], described["high"], described["default"]) == (0, 2, None)
    fields: dict[str, Any] = {"warmth": make_field(option)}
    model: Any = create_model("Request", __base__=Body, **fields)
    assert model(warmth=1.5).model_dump() == {"warmth": 1.5}
    assert model().model_dump() == {"warmth": None}
    for value in (-1, 2, float("nan"), "much"):
        with pytest.raises(ValidationError):
            model(warmth=value)


def test_schema_form_and_run_have_the_same_defaults() -> None:
    chosen = TrainingOptions.choose(**RunRequest().model_dump())
    assert chosen == TrainingOptions()
    defaults = {name: describe_option(option)["default"] for name, option in OPTIONS.items()}
    assert {**TrainingOptions().values(), "momentum": None} == defaults


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden", [0]),
        ("hidden", [257]),
        ("hidden", [8] * 9),
        ("batch_size", "full"),
        ("batch_size", 1_025),
        ("epochs", 0),
        ("learning_rate", 0),
        ("learning_rate", 1e9),
        ("bias", -1e9),
        ("dropout", 1),
        ("n_train", 99),
        ("seed", -1),
        ("experiment", "sabotage"),
        ("activation", ["step"]),
        ("shuffle", "perhaps"),
    ],
)
def test_values_outside_the_limits_are_errors(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=name):
        TrainingOptions.choose(**{name: value})
    with pytest.raises(ValidationError):
        RunRequest(**{name: value})


def test_unknown_and_contradicting_options_are_errors() -> None:
    with pytest.raises(ConfigError, match=r"options: needs names among hidden, .*, got 'members'"):
        TrainingOptions.choose(members=["plain"])
    adam = TrainingOptions.choose(optimizer="adam", momentum=0.5)
    with pytest.raises(ConfigError, match="momentum"):
        adam.config("mnist")


@pytest.mark.parametrize(("optimizer", "momentum"), [("sgd", 0.0), ("nesterov", 0.9)])
def test_the_default_momentum_depends_on_the_optimizer(optimizer: str, momentum: float) -> None:
    assert TrainingOptions.choose(optimizer=optimizer).recipe.momentum == momentum
