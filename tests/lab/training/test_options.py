"""Options: the declarations of Recipe, narrowed, as the form and the schema of the Lab."""

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
    """A recipe with one more hyper-parameter."""

    warmth: float | None = field(
        default=None, metadata=declare("Warmth of the units.", at_least=0, below=2)
    )


def test_every_hyperparameter_is_an_option() -> None:
    own = ["n_train", "seed", "experiment"]
    assert list(OPTIONS) == [n for n in hyperparameters(Recipe) if n not in EXCLUDED] + own
    assert set(MAIN) <= set(OPTIONS)
    assert list(RunRequest.model_fields) == list(OPTIONS)


def test_an_added_field_is_in_the_form_and_the_schema() -> None:
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


def test_the_defaults_of_schema_and_form_are_those_of_a_run() -> None:
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
def test_values_out_of_the_labs_limits(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=name):
        TrainingOptions.choose(**{name: value})
    with pytest.raises(ValidationError):
        RunRequest(**{name: value})


def test_an_unknown_option_and_options_that_contradict() -> None:
    with pytest.raises(ConfigError, match=r"options: needs some of hidden, .*, got 'members'"):
        TrainingOptions.choose(members=["plain"])
    adam = TrainingOptions.choose(optimizer="adam", momentum=0.5)
    with pytest.raises(ConfigError, match="momentum"):
        adam.config("mnist")


@pytest.mark.parametrize(("optimizer", "momentum"), [("sgd", 0.0), ("nesterov", 0.9)])
def test_momentum_is_the_optimizers_own(optimizer: str, momentum: float) -> None:
    assert TrainingOptions.choose(optimizer=optimizer).recipe.momentum == momentum
