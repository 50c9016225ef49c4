"""Schedules at the steps where their value is plain."""

import math

import pytest

from glassnet.errors import ConfigError
from glassnet.nn.schedules import constant, make_schedule, step_decay, warmup_cosine


def test_constant_is_constant() -> None:
    assert [constant(0.3)(step) for step in (0, 7, 10**6)] == [0.3] * 3


def test_step_decay_halves_after_every_tenth_step() -> None:
    schedule = step_decay(0.8, every=10, factor=0.5)
    assert [schedule(step) for step in (0, 9, 10, 19, 20, 39)] == [0.8, 0.8, 0.4, 0.4, 0.2, 0.1]


def test_warmup_rises_in_a_line_and_the_cosine_falls_to_zero() -> None:
    schedule = warmup_cosine(2.0, n_steps=104, n_warmup=4)
    assert [schedule(step) for step in range(5)] == pytest.approx([0.5, 1.0, 1.5, 2.0, 2.0])
    # A quarter, half and three quarters of the way down half a cosine.
    assert schedule(29) == pytest.approx(1 + math.sqrt(0.5))
    assert schedule(54) == pytest.approx(1.0)
    assert schedule(79) == pytest.approx(1 - math.sqrt(0.5))
    assert schedule(104) == pytest.approx(0.0, abs=1e-15)
    assert schedule(1000) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("n_steps", [1, 2, 9, 10, 1000])
@pytest.mark.parametrize("name", ["constant", "step-decay", "warmup_cosine"])
def test_named_schedules_fit_a_training_of_any_length(name: str, n_steps: int) -> None:
    schedule = make_schedule(name, 0.5, n_steps)
    rates = [schedule(step) for step in range(n_steps)]
    assert all(0 < rate <= 0.5 for rate in rates)
    assert max(rates) == pytest.approx(0.5)


def test_named_step_decay_halves_after_each_quarter() -> None:
    schedule = make_schedule("step_decay", 0.8, 100)
    assert [schedule(step) for step in (0, 24, 25, 50, 75, 99)] == [0.8, 0.8, 0.4, 0.2, 0.1, 0.1]


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'constant'"):
        make_schedule("constnat", 0.1, 10)


def test_lengths_that_cannot_be_are_refused() -> None:
    with pytest.raises(ConfigError, match="n_steps: needs a whole number, at least 11, got 10"):
        warmup_cosine(0.1, n_steps=10, n_warmup=10)
    with pytest.raises(ConfigError, match="every"):
        step_decay(0.1, every=0)
