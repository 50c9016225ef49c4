"""Network: shapes, forward and backward passes, side effects, validation of images."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import ConfigError, DataError, ShapeError
from glassnet.nn.layers.dense import affine
from glassnet.nn.mlp import mlp
from glassnet.types import Array

Freeze = Callable[[Array], Array]


@given(
    sizes=st.lists(st.integers(1, 7), min_size=2, max_size=5),
    n=st.integers(1, 6),
    seed=st.integers(0, 10_000),
)
def test_parameter_shapes_follow_the_sizes(sizes: list[int], n: int, seed: int) -> None:
    net = mlp(sizes, activation="tanh", rng=seed)
    expected: dict[str, tuple[int, ...]] = {}
    for number in range(1, len(sizes)):
        expected[f"W{number}"] = (sizes[number - 1], sizes[number])
        expected[f"b{number}"] = (sizes[number],)
    assert {name: theta.shape for name, theta in net.params.items()} == expected
    x = np.random.default_rng(seed).random((n, sizes[0]), dtype=np.float32)
    p = net.predict_proba(x)
    assert p.shape == (n, sizes[-1])
    assert p.dtype == np.float32
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)


def test_forward_matches_the_formula_written_with_einsum(rng: np.random.Generator) -> None:
    net = mlp([5, 4, 3], activation="tanh", dtype=np.float64, rng=rng)
    net.params["b1"][...] = rng.normal(size=4)
    net.params["b2"][...] = rng.normal(size=3)
    x = rng.random((6, 5))
    p = net.params
    a1 = np.tanh(np.einsum("ni,ij->nj", x, p["W1"]) + p["b1"])
    expected = np.einsum("ni,ij->nj", a1, p["W2"]) + p["b2"]
    np.testing.assert_allclose(net.forward(x)[0], expected, rtol=1e-13)


def test_affine_backward_matches_the_formula_written_with_einsum(
    rng: np.random.Generator, frozen: Freeze
) -> None:
    x, W, b, dz = (frozen(rng.normal(size=s)) for s in ((6, 5), (5, 4), (4,), (6, 4)))
    _, backward = affine(x, W, b)
    grads = {"W": np.full((5, 4), np.nan), "b": np.full(4, np.nan)}
    dx = backward(dz, grads)
    assert dx is not None
    np.testing.assert_allclose(grads["W"], np.einsum("ni,nj->ij", x, dz), rtol=1e-13)
    np.testing.assert_allclose(grads["b"], np.einsum("nj->j", dz), rtol=1e-13)
    np.testing.assert_allclose(dx, np.einsum("nj,ij->ni", dz, W), rtol=1e-13)


def test_gradient_of_the_input_is_not_computed_unless_needed(
    rng: np.random.Generator,
) -> None:
    _, backward = affine(rng.random((2, 3)), rng.random((3, 2)), rng.random(2))
    grads = {"W": np.empty((3, 2)), "b": np.empty(2)}
    assert backward(rng.random((2, 2)), grads, needs_dx=False) is None


def test_inputs_and_parameters_are_not_modified(rng: np.random.Generator, frozen: Freeze) -> None:
    net = mlp([5, 4, 4, 3], activation=["relu", "sigmoid"], rng=rng)
    for theta in net.params.values():
        frozen(theta)
    x = frozen(rng.random((6, 5), dtype=np.float32))
    labels = frozen(rng.integers(3, size=6))
    grads = net.empty_grads()
    held = dict(grads)
    net.loss_and_grads(x, labels, grads)
    net.loss_and_grads(x, labels, grads, loss="mean_squared_error")
    net.predict_proba(x)
    assert all(grads[name] is held[name] for name in held)
    assert all(theta.dtype == np.float32 for theta in grads.values())


def test_gradients_are_overwritten_not_accumulated(rng: np.random.Generator) -> None:
    net = mlp([5, 4, 3], dtype=np.float64, rng=rng)
    x, labels, grads = rng.random((6, 5)), rng.integers(3, size=6), net.empty_grads()
    net.loss_and_grads(x, labels, grads)
    first = {name: g.copy() for name, g in grads.items()}
    net.loss_and_grads(x, labels, grads)
    for name, g in grads.items():
        np.testing.assert_array_equal(g, first[name])


def test_prediction_between_forward_and_backward_does_not_change_gradients(
    rng: np.random.Generator,
) -> None:
    net = mlp([5, 4, 3], dtype=np.float64, rng=rng)
    x, dlogits = rng.random((6, 5)), rng.normal(size=(6, 3))
    quiet, disturbed = net.empty_grads(), net.empty_grads()
    net.forward(x)[1](dlogits.copy(), quiet)
    _, backward = net.forward(x)
    net.predict_proba(rng.random((9, 5)))
    backward(dlogits.copy(), disturbed)
    for name in quiet:
        np.testing.assert_array_equal(quiet[name], disturbed[name])


def test_prediction_of_a_batch_equals_that_of_its_rows(rng: np.random.Generator) -> None:
    net = mlp([5, 8, 3], dtype=np.float64, rng=rng)
    x = rng.random((7, 5))
    rows = np.vstack([net.predict_proba(row[None]) for row in x])
    np.testing.assert_allclose(net.predict_proba(x, batch_size=3), rows, rtol=1e-12)
    np.testing.assert_array_equal(net.predict(x), rows.argmax(axis=1))


def test_predictions_do_not_depend_on_the_form_of_the_images() -> None:
    net = mlp([784, 20, 10], rng=0)
    images = np.arange(784, dtype=np.uint8).reshape(1, 28, 28)
    forms: list[Array] = [
        images,
        images.reshape(1, 784),
        images.astype(np.int64),
        images / 255,
        (images / 255).astype(np.float32),
    ]
    answers = [net.predict_proba(form) for form in forms]
    for answer in answers[1:]:
        np.testing.assert_array_equal(answer, answers[0])


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (np.full((1, 4), 256), DataError, "whole numbers 0 to 255, got 256 to 256"),
        (np.full((1, 4), -1), DataError, "got -1 to -1"),
        (np.full((1, 4), 200.0), DataError, "divide by 255"),
        (np.full((1, 4), np.nan), DataError, "floats in"),
        (np.full((1, 4), -0.5), DataError, "floats in"),
        (np.full((1, 4), True), DataError, "got bool"),
        (np.full((1, 4), "a"), DataError, "got <U1"),
        (np.zeros(4), ShapeError, "image\\[None\\]"),
        (np.zeros((2, 2)), ShapeError, "image\\[None\\]"),
        (np.zeros((1, 5)), ShapeError, "takes 4 values"),
        (np.zeros((0, 4)), ShapeError, "takes 4 values"),
    ],
)
def test_invalid_images_are_rejected_with_the_value_found(
    images: Array, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        mlp([4, 3], rng=0).predict(images)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sizes": [4]}, "sizes"),
        ({"sizes": [4, 0, 2]}, "at least 1, got 0"),
        ({"sizes": [4, 2.5, 2]}, "whole number, at least 1, got 2.5"),
        ({"activation": "rleu"}, "Did you mean 'relu'"),
        ({"activation": ["relu", "tanh"]}, "one for each of 1"),
        ({"initializer": "hee"}, "Did you mean 'he'"),
        ({"dtype": np.int64}, "floating-point"),
    ],
)
def test_mlp_rejects_invalid_arguments(arguments: dict[str, Any], message: str) -> None:
    sizes = arguments.pop("sizes", [4, 3, 2])
    with pytest.raises(ConfigError, match=message):
        mlp(sizes, rng=0, **arguments)


def test_repr_shows_layers_parameters_and_dtype() -> None:
    net = mlp([784, 30, 20, 10], activation=["relu", "Tanh"], rng=0)
    assert repr(net) == (
        "Network(784 -> 30 relu -> 20 tanh -> 10 softmax, 24,380 parameters, float32)"
    )


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -0.5, 1.5])
@pytest.mark.parametrize("row", [0, 127, 128, 16_500, 16_999])
def test_invalid_pixel_is_found_in_any_row(row: int, wrong: float) -> None:
    images = np.full((17_000, 1), 0.5)
    images[row] = wrong
    with pytest.raises(DataError, match=r"images: need floats in \[0, 1\], got"):
        mlp([1, 2], rng=0).predict(images)
