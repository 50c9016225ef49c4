"""Dropout and Gaussian noise: statistics in training, absence in inference, random streams."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.errors import ConfigError
from glassnet.nn.layers.dropout import Dropout
from glassnet.nn.layers.gaussian_noise import GaussianNoise
from glassnet.nn.layers.layer import Layer
from glassnet.nn.losses import cross_entropy, smooth
from glassnet.nn.mlp import mlp
from glassnet.nn.network import Network
from glassnet.nn.training import train
from glassnet.types import Array

Freeze = Callable[[Array], Array]

LAYERS: list[Layer] = [Dropout(0.3), GaussianNoise(0.5)]
NOISY: dict[str, Any] = {"batch_norm": True, "dropout": 0.4, "input_dropout": 0.2, "noise": 0.3}


def examples(n: int = 40) -> tuple[Array, Array]:
    rng = np.random.default_rng(3)
    return rng.random((n, 5)), rng.integers(3, size=n)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_dropout_zeroes_the_given_share_and_preserves_the_mean(
    rate: float, rng: np.random.Generator
) -> None:
    n = 200_000
    a, _ = Dropout(rate).forward(np.ones((400, 500)), {}, {}, training=True, rng=rng)
    spread = math.sqrt(rate * (1 - rate) / n)
    assert (a == 0).mean() == pytest.approx(rate, abs=5 * spread)
    assert a.mean() == pytest.approx(1, abs=5 * spread / (1 - rate))
    np.testing.assert_allclose(a[a != 0], 1 / (1 - rate), rtol=1e-4)
    # Elements are zeroed independently: the share is similar in every row and column.
    for axis in (0, 1):
        assert (a == 0).mean(axis=axis) == pytest.approx(rate, abs=0.2)


def test_dropout_applies_the_same_mask_to_the_gradient(
    rng: np.random.Generator,
) -> None:
    a, backward = Dropout(0.5).forward(np.ones((9, 7)), {}, {}, training=True, rng=rng)
    da = np.ones((9, 7))
    dx = backward(da, {})
    assert dx is da  # overwritten in place
    np.testing.assert_array_equal(dx, a)
    assert backward(da, {}, needs_dx=False) is None


def test_gaussian_noise_has_the_given_standard_deviation(rng: np.random.Generator) -> None:
    x = rng.random((400, 500))
    a, backward = GaussianNoise(0.3).forward(x, {}, {}, training=True, rng=rng)
    e = a - x
    assert e.std() == pytest.approx(0.3, rel=0.01)
    assert e.mean() == pytest.approx(0, abs=5 * 0.3 / math.sqrt(e.size))
    assert np.corrcoef(e.ravel(), x.ravel())[0, 1] == pytest.approx(0, abs=0.015)
    da = rng.normal(size=x.shape)
    np.testing.assert_array_equal(backward(da.copy(), {}), da)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_noise_is_drawn_again_in_each_step(layer: Layer, rng: np.random.Generator) -> None:
    x = np.ones((4, 5))
    first, second = (layer.forward(x, {}, {}, training=True, rng=rng)[0] for _ in range(2))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_noise_layers_are_the_identity_in_inference(layer: Layer, rng: np.random.Generator) -> None:
    x, da = rng.random((4, 5)), rng.random((4, 5))
    a, backward = layer.forward(x, {}, {}, training=False, rng=None)
    assert a is x
    assert backward(da, {}) is da


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_inputs_are_not_modified_and_the_dtype_is_preserved(
    layer: Layer, dtype: type, rng: np.random.Generator, frozen: Freeze
) -> None:
    x = frozen(np.ones((4, 5), dtype))
    a, backward = layer.forward(x, {}, {}, training=True, rng=rng)
    dx = backward(np.ones((4, 5), dtype), {})
    assert dx is not None
    assert a.dtype == dx.dtype == dtype
    assert not layer.parameters(dtype, rng)
    assert not layer.buffers(dtype)


def test_rate_close_to_one_does_not_divide_by_zero(rng: np.random.Generator) -> None:
    a, _ = Dropout(1 - 1e-9).forward(np.ones((30, 30)), {}, {}, training=True, rng=rng)
    assert np.isfinite(a).all()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Dropout(1.0), "rate: needs a finite number, at least 0 and below 1"),
        (lambda: Dropout(-0.1), "got -0.1"),
        (lambda: Dropout(math.nan), "got nan"),
        (lambda: GaussianNoise(-1), "standard_deviation: needs a finite number"),
        (lambda: GaussianNoise(math.inf), "got inf"),
        (lambda: mlp([3, 2, 2], dropout=1, rng=0), "dropout"),
        (lambda: mlp([3, 2, 2], input_dropout=-1, rng=0), "input_dropout"),
        (lambda: mlp([3, 2, 2], noise=math.nan, rng=0), "noise"),
    ],
)
def test_invalid_amounts_of_noise_are_rejected(build: Callable[[], object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build()


def test_training_without_a_generator_raises() -> None:
    for layer in LAYERS:
        with pytest.raises(ConfigError, match=r"needs a generator in training, got None; pass"):
            layer.forward(np.ones((2, 2)), {}, {}, training=True, rng=None)


def test_noise_precedes_every_layer_and_is_absent_in_inference() -> None:
    X, _ = examples()
    net = mlp([5, 8, 8, 3], dropout=0.4, input_dropout=0.2, noise=0.3, dtype=np.float64, rng=0)
    plain = mlp([5, 8, 8, 3], dtype=np.float64, rng=0)
    np.testing.assert_array_equal(net.forward(X)[0], plain.forward(X)[0])
    np.testing.assert_array_equal(net.predict_proba(X), plain.predict_proba(X))
    assert not np.allclose(net.forward(X, training=True, rng=np.random.default_rng(0))[0], 0)
    assert [str(layer) for layer in net.layers] == [
        *["dropout 0.2", "noise 0.3", "8 relu"],
        *["dropout 0.4", "noise 0.3", "8 relu"],
        *["dropout 0.4", "noise 0.3", "3 identity"],
    ]


def first_pixels(net: Network, draws: bool) -> list[list[float]]:
    """Train, and return the first pixel of each row of each batch, in order of use."""
    seen: list[list[float]] = []

    def record_batch(x: Array, rng: np.random.Generator, _strength: float) -> Array:
        seen.append(x[:, 0].tolist())
        if draws:
            rng.random(7)
        return x

    list(train(net, examples(), epochs=2, batch_size=16, augment=record_batch, rng=5))
    return seen


def test_noise_and_distortion_do_not_change_the_order_of_rows() -> None:
    plain = first_pixels(mlp([5, 4, 3], rng=0), draws=False)
    assert len(plain) == 6
    assert plain == first_pixels(mlp([5, 4, 3], rng=0, **NOISY), draws=True)


def test_distortion_does_not_change_the_noise() -> None:
    def trained(draws: bool) -> bytes:
        net = mlp([5, 4, 3], rng=0, **NOISY)
        first_pixels(net, draws)
        return net.params["W1"].tobytes()

    assert trained(draws=True) == trained(draws=False)


def test_training_uses_the_output_of_augment() -> None:
    X, y = examples()
    first, other = (mlp([5, 4, 3], dtype=np.float64, rng=0) for _ in range(2))
    list(train(first, (X, y), epochs=2, augment=lambda x, _rng, _strength: 1 - x, rng=5))
    list(train(other, (1 - X, y), epochs=2, rng=5))
    for name, theta in first.params.items():
        np.testing.assert_allclose(theta, other.params[name], rtol=1e-12)


@pytest.mark.parametrize("strength", [0.25, lambda step: step / 10])
def test_augment_receives_the_strength(strength: float | Callable[[int], float]) -> None:
    strengths: list[float] = []

    def record_batch(x: Array, _rng: np.random.Generator, strength: float) -> Array:
        strengths.append(strength)
        return x

    net = mlp([5, 4, 3], rng=0)
    list(
        train(
            net, examples(), epochs=2, batch_size=16, augment=record_batch, strength=strength, rng=5
        )
    )
    expected = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5] if callable(strength) else [0.25] * 6
    assert strengths == pytest.approx(expected)


def test_invalid_strength_is_rejected() -> None:
    with pytest.raises(ConfigError, match="strength: needs a number from 0 to 1, got 2"):
        train(mlp([5, 4, 3], rng=0), examples(), strength=2, rng=0)


def test_training_with_noise_is_reproducible_with_the_same_seed() -> None:
    def trained(seed: int) -> bytes:
        net = mlp([5, 4, 3], rng=0, **NOISY)
        list(train(net, examples(), epochs=2, batch_size=16, rng=seed))
        return b"".join(array.tobytes() for array in (net.params | net.buffers).values())

    assert trained(1) == trained(1) != trained(2)


def test_every_training_step_draws_new_noise() -> None:
    # With equal rows, and a rate so small that nothing changes, only the noise can make two epochs
    # differ.
    data = np.full((40, 5), 0.5), np.zeros(40, int)
    net = mlp([5, 8, 3], dropout=0.5, dtype=np.float64, rng=0)
    records = list(train(net, data, epochs=3, learning_rate=1e-300, rng=0))
    assert len({record.train_loss for record in records}) == 3


def test_evaluation_is_without_noise_distortion_and_smoothing() -> None:
    X, y = examples()
    net = mlp([5, 8, 3], dtype=np.float64, rng=0, **NOISY)
    training = train(
        net,
        (X, y),
        validation=(X, y),
        full_pass=True,
        epochs=1,
        label_smoothing=0.3,
        augment=lambda x, _rng, _strength: x * 0,
        rng=0,
    )
    record = next(training)
    loss, _ = cross_entropy(net.forward(X)[0], y)
    assert record.validation_loss == pytest.approx(loss, rel=1e-12)
    assert record.train_loss == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
def test_label_smoothing_equals_training_on_smoothed_labels(loss: str) -> None:
    X, y = examples()
    first, other = (mlp([5, 8, 3], dtype=np.float64, rng=0) for _ in range(2))
    options: dict[str, Any] = {"loss": loss, "epochs": 3, "batch_size": 16, "rng": 0}
    records = list(train(first, (X, y), label_smoothing=0.3, **options))
    # 1 - 0.3 + 0.3 / 3 = 0.8 for the label, 0.3 / 3 = 0.1 for the other two classes.
    soft = np.full((40, 3), 0.1)
    soft[np.arange(40), y] = 0.8
    expected = list(train(other, (X, soft), **options))
    np.testing.assert_allclose(first.params["W1"], other.params["W1"], rtol=1e-12)
    assert records[-1].train_loss == pytest.approx(expected[-1].train_loss)
    assert records[-1].train_accuracy == expected[-1].train_accuracy


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_smoothed_labels_match_values_computed_by_hand(dtype: type, frozen: Freeze) -> None:
    expected: Array = np.array([[0.05, 0.05, 0.85, 0.05], [0.85, 0.05, 0.05, 0.05]])
    rows = frozen(np.eye(4)[[2, 0]])
    for labels in (frozen(np.array([2, 0])), rows, rows.astype(dtype)):
        y = smooth(labels, 4, 0.2, dtype)
        np.testing.assert_allclose(y, expected, rtol=1e-6)
        np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-6)
        assert y.dtype == dtype
    np.testing.assert_array_equal(rows, np.eye(4)[[2, 0]])
    np.testing.assert_array_equal(smooth(rows, 4, 0.0, dtype), rows)


@pytest.mark.parametrize("option", ["label_smoothing", "ema_decay"])
@pytest.mark.parametrize("value", [1, -0.1, math.nan])
def test_smoothing_and_ema_decay_out_of_range_are_rejected(option: str, value: float) -> None:
    options: dict[str, Any] = {option: value}
    with pytest.raises(ConfigError, match=f"{option}: needs a finite number, at least 0 and below"):
        train(mlp([5, 3], rng=0), examples(), rng=0, **options)
