"""Losses compared with values computed by hand, and with the full Jacobian of softmax."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.errors import DataError, ShapeError
from glassnet.nn.activations import softmax
from glassnet.nn.losses import LOSSES, cross_entropy, mean_squared_error, one_hot
from glassnet.types import Array

Freeze = Callable[[Array], Array]

# softmax of these rows is [1/4, 3/4] and [1/2, 1/2]
LOGITS = [[0.0, math.log(3)], [2.0, 2.0]]


def test_cross_entropy_matches_values_computed_by_hand() -> None:
    loss, dlogits = cross_entropy(np.array(LOGITS), np.array([0, 1]))
    assert loss == pytest.approx((math.log(4) + math.log(2)) / 2)
    np.testing.assert_allclose(dlogits, [[(0.25 - 1) / 2, 0.75 / 2], [0.5 / 2, (0.5 - 1) / 2]])


def test_mean_squared_error_matches_values_computed_by_hand() -> None:
    loss, dlogits = mean_squared_error(np.array(LOGITS), np.array([0, 1]))
    assert loss == pytest.approx((0.75**2 + 0.75**2 + 0.5**2 + 0.5**2) / 2 / 2)
    # Row 1: dp = [-3/4, 3/4] / 2, p = [1/4, 3/4], <dp, p> = 3/16, dz = p (dp - 3/16).
    np.testing.assert_allclose(dlogits[0], [0.25 * (-3 / 8 - 3 / 16), 0.75 * (3 / 8 - 3 / 16)])


@pytest.mark.parametrize("name", LOSSES)
def test_integer_and_one_hot_labels_are_equivalent(
    name: str, rng: np.random.Generator, frozen: Freeze
) -> None:
    logits = frozen(rng.normal(size=(6, 4)))
    labels = frozen(rng.integers(4, size=6))
    value, gradient = LOSSES[name](logits, labels)
    value_rows, gradient_rows = LOSSES[name](logits, frozen(one_hot(labels, 4, np.float64)))
    assert value == pytest.approx(value_rows, rel=1e-14)
    np.testing.assert_allclose(gradient, gradient_rows, rtol=1e-14, atol=1e-16)


def test_cross_entropy_gradient_matches_the_full_jacobian(rng: np.random.Generator) -> None:
    logits, labels = rng.normal(size=(8, 5)), rng.integers(5, size=8)
    _, short = cross_entropy(logits, labels)
    p, softmax_backward = softmax(logits.copy())
    y = one_hot(labels, 5, np.float64)
    full = softmax_backward(-y / p / 8)  # d(-log p[label])/dp, mean over 8 samples
    np.testing.assert_allclose(short, full, rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_rows_sum_to_zero(name: str, rng: np.random.Generator) -> None:
    _, dlogits = LOSSES[name](rng.normal(size=(9, 6)) * 5, rng.integers(6, size=9))
    np.testing.assert_allclose(dlogits.sum(axis=1), 0, atol=1e-15)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_are_invariant_to_a_constant_added_to_the_logits(name: str, dtype: type) -> None:
    logits: Array = np.array([[1.0, 2.0, 3.0], [0.0, -8.0, 8.0]], dtype)
    labels = np.array([2, 0])
    value, gradient = LOSSES[name](logits, labels)
    shifted_value, shifted = LOSSES[name](logits + dtype(1024), labels)
    assert shifted_value == pytest.approx(value, rel=1e-5)
    np.testing.assert_allclose(shifted, gradient, rtol=1e-5, atol=1e-9)
    assert gradient.dtype == dtype
    assert isinstance(value, float)


def test_cross_entropy_is_finite_for_a_probability_rounded_to_zero() -> None:
    loss, dlogits = cross_entropy(np.array([[0.0, 2000.0]]), np.array([0]))
    assert loss == 2000
    np.testing.assert_array_equal(dlogits, [[-1, 1]])


@pytest.mark.parametrize("name", LOSSES)
def test_losses_subtract_the_maximum_of_each_row(name: str) -> None:
    labels = np.array([0, 1])
    value, gradient = LOSSES[name](np.array([[2000.0, 2000.0], [-2000.0, -2000.0]]), labels)
    near_value, near = LOSSES[name](np.zeros((2, 2)), labels)
    assert value == pytest.approx(near_value)
    np.testing.assert_allclose(gradient, near)


def test_cross_entropy_accepts_any_distribution() -> None:
    logits, soft = np.array([[0.0, math.log(3)]]), np.array([[0.5, 0.5]])
    loss, dlogits = cross_entropy(logits, soft)
    assert loss == pytest.approx(-(math.log(1 / 4) + math.log(3 / 4)) / 2)
    np.testing.assert_allclose(dlogits, [[-0.25, 0.25]])


@pytest.mark.parametrize("name", LOSSES)
def test_losses_accept_any_memory_layout_and_integer_type(
    name: str, rng: np.random.Generator
) -> None:
    logits = rng.normal(size=(5, 4)).astype(np.float32)
    labels = rng.integers(4, size=5)
    value, gradient = LOSSES[name](logits, labels)
    for other in (labels.astype(np.uint64), labels.astype(np.uint8), np.eye(4, dtype=int)[labels]):
        same_value, same = LOSSES[name](np.asfortranarray(logits), other)
        assert same_value == pytest.approx(value, rel=1e-6)
        np.testing.assert_allclose(same, gradient, rtol=1e-5, atol=1e-8)
        assert same.dtype == np.float32


def test_one_hot_encodes_labels() -> None:
    np.testing.assert_array_equal(one_hot(np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]])
    assert one_hot(np.array([0]), 2).dtype == np.float32


@pytest.mark.parametrize("labels", [[3], [-1], [0.5], [[0, 1]]])
def test_one_hot_rejects_invalid_labels(labels: Any) -> None:
    with pytest.raises((DataError, ShapeError), match="labels: need whole numbers"):
        one_hot(np.array(labels), 3)
