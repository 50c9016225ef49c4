"""Schedules at steps whose rate is easy to compute by hand."""

import math
from typing import Any

import pytest

from glassnet.errors import ConfigError
from glassnet.nn.schedules import (
    augment_decay,
    constant,
    make_schedule,
    one_cycle,
    step_decay,
    warmup_cosine,
)


def test_constant_is_constant() -> None:
    assert [constant(0.3)(step) for step in (0, 7, 10**6)] == [0.3] * 3


def test_step_decay_halves_the_rate_every_ten_steps() -> None:
    schedule = step_decay(0.8, every=10, factor=0.5)
    assert [schedule(step) for step in (0, 9, 10, 19, 20, 39)] == [0.8, 0.8, 0.4, 0.4, 0.2, 0.1]


def test_warmup_rises_linearly_and_cosine_falls_to_zero() -> None:
    schedule = warmup_cosine(2.0, n_steps=104, n_warmup=4)
    assert [schedule(step) for step in range(5)] == pytest.approx([0.5, 1.0, 1.5, 2.0, 2.0])
    # A quarter, half and three quarters of the way down half a cosine.
    assert schedule(29) == pytest.approx(1 + math.sqrt(0.5))
    assert schedule(54) == pytest.approx(1.0)
    assert schedule(79) == pytest.approx(1 - math.sqrt(0.5))
    assert schedule(104) == pytest.approx(0.0, abs=1e-15)
    assert schedule(1000) == pytest.approx(0.0, abs=1e-15)


def test_one_cycle_rises_and_falls_linearly() -> None:
    # Ten steps, three of them rising: 1/25, half-way, 1; then seven down to 1/250,000.
    schedule = one_cycle(1.0, n_steps=10)
    assert [schedule(step) for step in range(3)] == pytest.approx([0.04, 0.52, 1.0])
    down = [1 - k / 7 * (1 - 4e-6) for k in range(1, 8)]
    assert [schedule(step) for step in range(3, 10)] == pytest.approx(down)
    assert schedule(9) == schedule(1000) == pytest.approx(4e-6)


def test_one_cycle_uses_the_given_factors() -> None:
    schedule = one_cycle(2.0, n_steps=8, pct_start=0.5, div_factor=2, final_div_factor=10)
    expected = [1, 4 / 3, 5 / 3, 2, 1.525, 1.05, 0.575, 0.1]
    assert [schedule(step) for step in range(8)] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("n_steps", "pct_start", "expected"),
    [
        (1, 0.3, [1.0]),
        (2, 0.3, [1 - 2 / 7 * (1 - 4e-6), 4e-6]),  # the lines meet before step 0, at -0.4
        (3, 0.3, [1 - 1 / 21 * (1 - 4e-6), 1 - 11 / 21 * (1 - 4e-6), 4e-6]),
        (4, 0.3, [0.04, 1 - 2 / 7 * (1 - 4e-6), 1 - 9 / 14 * (1 - 4e-6), 4e-6]),
        (2, 0.5, [1.0, 4e-6]),
        (2, 0.0, [1 - 1 / 2 * (1 - 4e-6), 4e-6]),
    ],
)
def test_one_cycle_for_few_steps(n_steps: int, pct_start: float, expected: list[float]) -> None:
    schedule = one_cycle(1.0, n_steps=n_steps, pct_start=pct_start)
    assert [schedule(step) for step in range(n_steps)] == pytest.approx(expected)
    assert schedule(n_steps) == pytest.approx(expected[-1])


@pytest.mark.parametrize("n_steps", [0, 1, 2, 3, 7, 10, 1000])
def test_named_one_cycle_stays_between_zero_and_the_highest_rate(n_steps: int) -> None:
    schedule = make_schedule("one-cycle", 0.5, n_steps)
    rates = [schedule(step) for step in range(n_steps + 2)]
    assert all(0 < rate <= 0.5 for rate in rates)
    if n_steps % 10 == 0 and n_steps:
        assert schedule(3 * n_steps // 10 - 1) == max(rates) == 0.5


@pytest.mark.parametrize("n_steps", [1, 2, 9, 10, 1000])
@pytest.mark.parametrize("name", ["constant", "step-decay", "warmup_cosine"])
def test_named_schedules_accept_any_number_of_steps(name: str, n_steps: int) -> None:
    schedule = make_schedule(name, 0.5, n_steps)
    rates = [schedule(step) for step in range(n_steps)]
    assert all(0 < rate <= 0.5 for rate in rates)
    assert max(rates) == pytest.approx(0.5)


def test_named_step_decay_halves_the_rate_after_each_quarter() -> None:
    schedule = make_schedule("step_decay", 0.8, 100)
    assert [schedule(step) for step in (0, 24, 25, 50, 75, 99)] == [0.8, 0.8, 0.4, 0.2, 0.1, 0.1]


def test_augment_decay_halves_the_strength_at_the_end() -> None:
    strength = augment_decay(0.8, n_steps=10, fraction=0.3)
    assert [strength(step) for step in range(12)] == [0.8] * 7 + [0.4] * 5
    assert {augment_decay(1.0, n_steps=10, fraction=0)(step) for step in range(10)} == {1.0}
    assert {augment_decay(1.0, n_steps=10, fraction=1)(step) for step in range(10)} == {0.5}


def test_unknown_name_raises_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'constant'"):
        make_schedule("constnat", 0.1, 10)


def test_invalid_numbers_of_steps_are_rejected() -> None:
    with pytest.raises(ConfigError, match="n_steps: needs a whole number, at least 11, got 10"):
        warmup_cosine(0.1, n_steps=10, n_warmup=10)
    with pytest.raises(ConfigError, match="every"):
        step_decay(0.1, every=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_steps": 0}, "n_steps: needs a whole number, at least 1, got 0"),
        ({"pct_start": 1}, "pct_start: needs a finite number, at least 0 and below 1, got 1"),
        ({"pct_start": -0.1}, "pct_start"),
        ({"pct_start": math.nan}, "pct_start"),
        ({"div_factor": 0}, "div_factor: needs a finite number, at least 1, got 0"),
        ({"final_div_factor": math.inf}, "final_div_factor"),
    ],
)
def test_one_cycle_rejects_invalid_arguments(options: dict[str, float], message: str) -> None:
    settings: dict[str, Any] = {"n_steps": 10} | options
    with pytest.raises(ConfigError, match=message):
        one_cycle(0.1, **settings)
