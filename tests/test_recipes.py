"""Recipes: numbers of steps, validity and optimisers."""

import dataclasses
from typing import Any

import pytest

import glassnet as gn
from glassnet.errors import ConfigError
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.losses import LOSSES
from glassnet.nn.schedules import SCHEDULES
from glassnet.recipe import OPTIMIZERS, Recipe, make_optimizer
from glassnet.recipes import FAST, RECIPES, TEXTBOOK


@pytest.mark.parametrize(
    ("recipe", "n_train", "steps", "epochs"),
    [
        (TEXTBOOK, 55_000, 860, 10),  # 859.4 batches of 64; ten epochs are 8,600 updates
        (TEXTBOOK, 3_667, 58, 69),  # 57.3 batches; 68 epochs would be 3,944 updates
        (TEXTBOOK, 64, 1, 4_000),
        (TEXTBOOK, 65, 2, 2_000),
        (TEXTBOOK, 1, 1, 4_000),
        (FAST, 55_000, 215, 4),  # 214.8 batches of 256
        (FAST, 3_667, 15, 54),  # 14.3 batches; 53 epochs would be 795 updates
        (FAST, 256 * 100, 100, 8),
        (FAST, 256 * 300, 300, 4),
        (dataclasses.replace(FAST, batch_size="full"), 55_000, 1, 800),
        (dataclasses.replace(FAST, batch_size="full", min_updates=0), 55_000, 1, 4),
        (dataclasses.replace(FAST, epochs=0, min_updates=0), 500, 2, 0),
        (dataclasses.replace(FAST, batch_size=1_000, min_updates=7), 500, 1, 7),
    ],
)
def test_number_of_steps_and_epochs(recipe: Recipe, n_train: int, steps: int, epochs: int) -> None:
    assert recipe.steps_per_epoch(n_train) == steps
    assert recipe.n_epochs(n_train) == epochs


@pytest.mark.parametrize("name", list(RECIPES))
def test_recipes_are_valid(name: str) -> None:
    recipe = RECIPES[name]
    assert recipe.name == name
    assert set(recipe.activation) <= set(ACTIVATIONS)
    assert recipe.initializer in INITIALIZERS
    assert recipe.loss in LOSSES
    assert recipe.schedule in SCHEDULES
    assert recipe.optimizer in OPTIMIZERS
    assert len(recipe.activation) in (1, len(recipe.hidden))
    make_optimizer(recipe)


def test_the_textbook_recipe_is_plain_gradient_descent() -> None:
    assert make_optimizer(TEXTBOOK) == gn.SGD(momentum=0, nesterov=False, weight_decay=0)
    assert (TEXTBOOK.initializer, TEXTBOOK.schedule) == ("small", "constant")
    assert TEXTBOOK.full_pass


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"optimizer": "adam"}, gn.Adam()),
        ({"optimizer": "ADAM"}, gn.Adam()),
        ({"optimizer": "adamw"}, gn.AdamW()),
        ({"optimizer": "adam", "weight_decay": 1e-4}, gn.Adam(weight_decay=1e-4)),
        ({"optimizer": "adamw", "weight_decay": 0.1}, gn.AdamW(weight_decay=0.1)),
        ({"optimizer": "adamw", "weight_decay": 0.0}, gn.AdamW(weight_decay=0.0)),
        ({"optimizer": "sgd"}, gn.SGD()),
        ({"optimizer": "sgd", "momentum": 0.5}, gn.SGD(momentum=0.5)),
        ({"optimizer": "sgd", "weight_decay": 1e-3}, gn.SGD(weight_decay=1e-3)),
        ({"optimizer": "nesterov", "momentum": 0.9}, gn.SGD(momentum=0.9, nesterov=True)),
        ({"optimizer": "adam", "beta2": 0.9}, gn.Adam(beta2=0.9)),
        ({"optimizer": "adamw", "beta2": 0.9}, gn.AdamW(beta2=0.9)),
        ({"optimizer": "sgd", "max_norm": 2.0}, gn.MaxNorm(gn.SGD(), 2.0)),
    ],
)
def test_the_optimizer_is_built_from_the_recipe(changes: dict[str, Any], expected: object) -> None:
    made = make_optimizer(dataclasses.replace(FAST, **{"beta2": None} | changes))
    assert type(made) is type(expected)
    assert made == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optimizer": "adam", "momentum": 0.9}, "momentum: needs sgd or nesterov, got 0.9"),
        ({"optimizer": "adamw", "momentum": 0.9}, "with adamw"),
        ({"optimizer": "nesterov"}, "nesterov: needs momentum above 0"),
        ({"optimizer": "sgd", "momentum": 1.0}, "momentum"),
        ({"optimizer": "sgd", "momentum": -0.1}, "momentum"),
        ({"optimizer": "adam", "weight_decay": -1.0}, "weight_decay"),
        ({"optimizer": "adamw", "weight_decay": float("nan")}, "weight_decay"),
        ({"optimizer": "sgd", "weight_decay": float("inf")}, "weight_decay"),
        ({"optimizer": "sgd", "beta2": 0.9}, "beta2: needs adam or adamw, got 0.9 with sgd"),
        ({"optimizer": "adam", "beta2": 1.0}, "beta2"),
        ({"optimizer": "adam", "max_norm": 0.0}, "max_norm"),
        ({"optimizer": "adma"}, "Did you mean 'adam'?"),
        ({"optimizer": "lion"}, "optimizer: needs one of adam, adamw, nesterov, sgd, got 'lion'"),
    ],
)
def test_invalid_optimizer_options_raise(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        make_optimizer(dataclasses.replace(FAST, **{"beta2": None} | changes))
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
