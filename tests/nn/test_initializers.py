"""Initialisers: standard deviation, zero biases, equal weights in both dtypes."""

import math

import numpy as np
import pytest

from glassnet.nn.mlp import mlp

STANDARD_DEVIATION = {"small": 0.01, "glorot": math.sqrt(2 / (400 + 100)), "he": math.sqrt(2 / 400)}


@pytest.mark.parametrize("name", STANDARD_DEVIATION)
def test_weights_have_the_documented_standard_deviation_and_biases_are_zero(name: str) -> None:
    params = mlp([400, 100], initializer=name, dtype=np.float64, rng=0).params
    # 40,000 draws: the standard error of the standard deviation is 0.35% of it, of the mean 0.5%.
    assert params["W1"].std() == pytest.approx(STANDARD_DEVIATION[name], rel=0.02)
    assert abs(params["W1"].mean()) < 0.025 * STANDARD_DEVIATION[name]
    assert not params["b1"].any()


def test_initial_weights_are_determined_by_the_seed() -> None:
    def first(seed: int) -> bytes:
        return mlp([5, 4, 3], rng=seed).params["W1"].tobytes()

    assert first(1) == first(1) != first(2)


def test_initial_weights_agree_in_float32_and_float64() -> None:
    wide, narrow = (mlp([9, 4], dtype=t, rng=3).params["W1"] for t in (np.float64, np.float32))
    np.testing.assert_array_equal(wide.astype(np.float32), narrow)


def test_initial_weights_differ_between_units() -> None:
    W = mlp([6, 50, 2], rng=0).params["W1"]
    assert len(np.unique(W, axis=1).T) == 50
