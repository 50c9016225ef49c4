"""Activations compared with the standard library, derivatives with central differences."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.nn.activations import ACTIVATIONS, gelu, relu, sigmoid, softmax
from glassnet.types import Array

BY_HAND: dict[str, Callable[[float], float]] = {
    "identity": lambda z: z,
    "relu": lambda z: z if z > 0 else 0.0,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
}


@pytest.mark.parametrize("name", BY_HAND)
def test_values_match_the_standard_library(name: str) -> None:
    z = np.linspace(-6, 6, 25).reshape(5, 5)
    a, _ = ACTIVATIONS[name](z.copy())
    expected: Array = np.array([BY_HAND[name](float(v)) for v in z.ravel()]).reshape(z.shape)
    np.testing.assert_allclose(a, expected, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(n=st.integers(1, 5), width=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_backward_matches_central_differences(name: str, n: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    z, da = rng.normal(size=(n, width)), rng.normal(size=(n, width))
    z[np.abs(z) < 1e-3] = 0.5  # away from ReLU's kink
    _, backward = ACTIVATIONS[name](z.copy())
    dz = backward(da.copy())
    eps = 1e-6
    for index in np.ndindex(z.shape):
        offset = np.zeros_like(z)
        offset[index] = eps
        above, below = (ACTIVATIONS[name](z + s * offset)[0] for s in (1, -1))
        slope = ((above - below) / (2 * eps) * da).sum()
        assert dz[index] == pytest.approx(slope, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_forward_and_backward_preserve_the_dtype(name: str, dtype: type) -> None:
    a, backward = ACTIVATIONS[name](np.ones((2, 3), dtype))
    assert a.dtype == dtype
    assert backward(np.ones((2, 3), dtype)).dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_is_accurate_for_large_inputs(dtype: type) -> None:
    a, _ = sigmoid(np.array([[-1e4, -50.0, 0.0, 50.0, 1e4]], dtype))
    np.testing.assert_allclose(a, [[0, math.exp(-50), 0.5, 1, 1]], rtol=1e-6)


def test_gelu_approximates_z_times_the_normal_distribution_function() -> None:
    z = np.linspace(-8, 8, 16_001)
    a, backward = gelu(z.copy())
    exact: Array = np.array([v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in z])
    error = np.abs(a - exact)
    assert 4.7e-4 < error.max() < 4.8e-4  # as stated in docs/math.md
    assert abs(z[error.argmax()]) == pytest.approx(2.7, abs=0.05)
    slope = backward(np.ones_like(z))
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    exact_slope: Array = np.array([(1 + math.erf(v / math.sqrt(2))) / 2 for v in z]) + z * density
    assert np.abs(slope - exact_slope).max() < 1e-3
    assert -0.1701 < a.min() < -0.17


def test_gelu_matches_reference_values_and_does_not_modify_its_input() -> None:
    z = np.array([[-1.0, 0.0, 1.0, 3.0]])
    z.flags.writeable = False
    # From PyTorch 2.13, GELU(approximate="tanh").
    expected = [[-0.15880800939172324, 0.0, 0.8411919906082768, 2.996362607918227]]
    np.testing.assert_allclose(gelu(z)[0], expected, rtol=1e-13)


def test_relu_derivative_is_zero_at_zero() -> None:
    _, backward = relu(np.array([[0.0, -0.0, 1e-300]]))
    np.testing.assert_array_equal(backward(np.ones((1, 3))), [[0, 0, 1]])


def test_softmax_handles_large_logits() -> None:
    p, _ = softmax(np.array([[1000.0, 1000.0], [-1000.0, 0.0], [0.0, math.log(3)]]))
    np.testing.assert_allclose(p, [[0.5, 0.5], [0.0, 1.0], [0.25, 0.75]])


def test_softmax_is_invariant_to_a_constant_added_to_a_row(rng: np.random.Generator) -> None:
    z = rng.normal(size=(4, 6))
    shifted = z + rng.normal(size=(4, 1)) * 10
    np.testing.assert_allclose(softmax(z)[0], softmax(shifted)[0], rtol=1e-12)


def test_softmax_backward_multiplies_by_the_full_jacobian(rng: np.random.Generator) -> None:
    z, dp = rng.normal(size=(7, 5)), rng.normal(size=(7, 5))
    p, backward = softmax(z.copy())
    jacobian = np.zeros((7, 5, 5))  # dp_k / dz_j, written entry by entry
    for i in range(7):
        for k in range(5):
            for j in range(5):
                jacobian[i, k, j] = p[i, k] * ((k == j) - p[i, j])
    np.testing.assert_allclose(
        backward(dp.copy()), np.einsum("nk,nkj->nj", dp, jacobian), rtol=1e-12, atol=1e-15
    )
