"""Initialisers: the right spread, zero biases, the same start for both dtypes."""

import math

import numpy as np
import pytest

from glassnet.nn.mlp import mlp

SPREAD = {"small": 0.01, "glorot": math.sqrt(2 / (400 + 100)), "he": math.sqrt(2 / 400)}


@pytest.mark.parametrize("name", SPREAD)
def test_weights_have_the_stated_spread_and_biases_are_zero(name: str) -> None:
    params = mlp([400, 100], initializer=name, dtype=np.float64, rng=0).params
    # 40,000 draws: the standard error of the spread is 0.35 % of it, of the mean 0.5 %.
    assert params["W1"].std() == pytest.approx(SPREAD[name], rel=0.02)
    assert abs(params["W1"].mean()) < 0.025 * SPREAD[name]
    assert not params["b1"].any()


def test_same_seed_same_start_and_another_seed_another() -> None:
    def first(seed: int) -> bytes:
        return mlp([5, 4, 3], rng=seed).params["W1"].tobytes()

    assert first(1) == first(1) != first(2)


def test_float32_starts_where_float64_does() -> None:
    wide, narrow = (mlp([9, 4], dtype=t, rng=3).params["W1"] for t in (np.float64, np.float32))
    np.testing.assert_array_equal(wide.astype(np.float32), narrow)


def test_no_two_units_start_alike() -> None:
    W = mlp([6, 50, 2], rng=0).params["W1"]
    assert len(np.unique(W, axis=1).T) == 50
