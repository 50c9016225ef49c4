"""Batch normalisation: output, gradient, running statistics, fusion for inference."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import ConfigError
from glassnet.models.files import save
from glassnet.nn.activations import ACTIVATIONS, softmax
from glassnet.nn.checking.gradient_check import check_gradients
from glassnet.nn.layers.batch_norm import EPS, BatchNorm
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.dropout import Dropout
from glassnet.nn.layers.gaussian_noise import GaussianNoise
from glassnet.nn.layers.layer import Layer
from glassnet.nn.mlp import mlp
from glassnet.nn.network import Network
from glassnet.nn.optimizers import Adam
from glassnet.nn.training import train
from glassnet.types import Array

Freeze = Callable[[Array], Array]

MATH = Path(__file__).parents[3] / "docs" / "math.md"
HIDDEN, OUTPUT = Dense(4, 3, has_bias=False), Dense(3, 2)


def layer_of(
    width: int, dtype: type = np.float64, activation: str = "identity"
) -> tuple[BatchNorm, dict[str, Array], dict[str, Array]]:
    layer = BatchNorm(width, activation)
    return layer, layer.parameters(dtype, np.random.default_rng(0)), layer.buffers(dtype)


def test_values_match_the_worked_example_of_the_documentation() -> None:
    section = MATH.read_text(encoding="utf-8").split("### Batch normalisation", 1)[1]
    block = re.search(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert block is not None
    lines = (line.split(" = ", 1) for line in block.group(1).splitlines())
    page = {name: np.array(ast.literal_eval(value)) for name, value in lines}

    def close(actual: Any, name: str) -> None:
        # The documentation leaves out eps, which changes the sixth digit.
        np.testing.assert_allclose(np.ravel(actual), page[name], rtol=0, atol=1e-5)

    layer, params, buffers = layer_of(1)
    params["gamma"][...], params["beta"][...] = page["gamma"], page["beta"]
    a, backward = layer.forward(page["x"][:, None], params, buffers, training=True, rng=None)
    close(a, "a")
    close(buffers["mean"], "running_mean")
    close(buffers["variance"], "running_variance")
    grads = {"gamma": np.empty(1), "beta": np.empty(1)}
    close(backward(page["da"][:, None], grads), "dx")
    close(grads["gamma"], "dgamma")
    close(grads["beta"], "dbeta")


@given(n=st.integers(2, 30), width=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_training_output_has_mean_beta_and_standard_deviation_gamma(
    n: int, width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    # Well separated values in random order, so that no column is nearly constant.
    x = rng.permuted(np.tile(100.0 * np.arange(n)[:, None], width), axis=0) + rng.normal(size=width)
    layer, params, buffers = layer_of(width)
    params["gamma"][...], params["beta"][...] = rng.normal(size=width), rng.normal(size=width)
    a, backward = layer.forward(x, params, buffers, training=True, rng=None)
    np.testing.assert_allclose(a.mean(axis=0), params["beta"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(a.std(axis=0), np.abs(params["gamma"]), rtol=1e-6)
    # The output is invariant to shifting and scaling the batch: dx is orthogonal to both.
    dx = backward(rng.normal(size=x.shape), {"gamma": np.empty(width), "beta": np.empty(width)})
    assert dx is not None
    dx *= x.std(axis=0) / np.abs(params["gamma"])  # to the scale of da
    np.testing.assert_allclose(dx.sum(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(
        (dx * (x - x.mean(axis=0)) / x.std(axis=0)).sum(axis=0), 0, atol=1e-6
    )


def test_inference_uses_the_running_statistics_unchanged() -> None:
    layer, params, buffers = layer_of(2)
    params["gamma"][...], params["beta"][...] = [2, 1], [0, 5]
    buffers["mean"][...], buffers["variance"][...] = [3, 0], [4 - EPS, 1 - EPS]
    a, backward = layer.forward(
        np.array([[5.0, 7.0], [1.0, -1.0]]), params, buffers, training=False, rng=None
    )
    np.testing.assert_allclose(a, [[2, 12], [-2, 4]], rtol=1e-12)
    np.testing.assert_array_equal(buffers["mean"], [3, 0])
    # With fixed statistics, the gradient is only scaled.
    dx = backward(np.ones((2, 2)), {"gamma": np.empty(2), "beta": np.empty(2)})
    assert dx is not None
    np.testing.assert_allclose(dx, [[1, 1], [1, 1]], rtol=1e-12)


def test_running_statistics_have_a_momentum_of_one_tenth() -> None:
    layer, params, buffers = layer_of(1)
    layer.forward(np.array([[10.0], [20.0]]), params, buffers, training=True, rng=None)
    np.testing.assert_allclose(buffers["mean"], [1.5])  # 0.9 x 0 + 0.1 x 15
    np.testing.assert_allclose(buffers["variance"], [5.9])  # 0.9 x 1 + 0.1 x 50, over n - 1
    layer.forward(np.array([[0.0], [2.0], [4.0]]), params, buffers, training=True, rng=None)
    np.testing.assert_allclose(buffers["mean"], [1.55])
    np.testing.assert_allclose(buffers["variance"], [5.71])


def test_single_sample_updates_the_running_mean_only() -> None:
    layer, params, buffers = layer_of(2)
    params["beta"][...] = [3, -1]
    a, backward = layer.forward(np.array([[50.0, 70.0]]), params, buffers, training=True, rng=None)
    np.testing.assert_allclose(a, [[3, -1]])
    np.testing.assert_allclose(buffers["mean"], [5, 7])
    np.testing.assert_array_equal(buffers["variance"], [1, 1])
    dx = backward(np.ones((1, 2)), {"gamma": np.empty(2), "beta": np.empty(2)})
    assert dx is not None
    np.testing.assert_allclose(dx, 0, atol=1e-12)


def test_constant_unit_does_not_divide_by_zero() -> None:
    layer, params, buffers = layer_of(1, np.float32)
    a, backward = layer.forward(
        np.full((8, 1), 7, np.float32), params, buffers, training=True, rng=None
    )
    np.testing.assert_array_equal(a, 0)
    grads = {"gamma": np.empty(1, np.float32), "beta": np.empty(1, np.float32)}
    dx = backward(np.ones((8, 1), np.float32), grads)
    assert dx is not None
    assert np.isfinite(dx).all()


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_inputs_are_not_modified_and_the_dtype_is_preserved(
    activation: str, dtype: type, training: bool, rng: np.random.Generator, frozen: Freeze
) -> None:
    layer, params, buffers = layer_of(4, dtype, activation)
    arrays = list(params.values()) if training else [*params.values(), *buffers.values()]
    for array in arrays:
        frozen(array)
    held = dict(buffers)
    x = frozen(rng.normal(size=(6, 4)).astype(dtype))
    a, backward = layer.forward(x, params, buffers, training=training, rng=None)
    grads = {name: np.empty_like(theta) for name, theta in params.items()}
    written = dict(grads)
    dx = backward(np.ones((6, 4), dtype), grads)
    assert dx is not None
    assert a.dtype == dx.dtype == dtype
    for now, before in ((buffers, held), (grads, written)):
        assert all(now[name] is before[name] and now[name].dtype == dtype for name in before)
    assert backward(np.ones((6, 4), dtype), grads, needs_dx=False) is None


def test_output_is_invariant_to_the_scale_of_preceding_weights(rng: np.random.Generator) -> None:
    net = mlp([5, 4, 3], batch_norm=True, dtype=np.float64, rng=rng)
    x = rng.random((9, 5))
    before, _ = net.forward(x, training=True)
    net.params["W1"] *= 50
    np.testing.assert_allclose(net.forward(x, training=True)[0], before, rtol=1e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_have_the_expected_names_and_shapes(dtype: type) -> None:
    net = mlp(
        [6, 5, 4, 3], batch_norm=True, dropout=0.5, input_dropout=0.2, noise=0.1, dtype=dtype, rng=0
    )
    shapes = {name: array.shape for name, array in (net.params | net.buffers).items()}
    assert shapes == {
        "W1": (6, 5),
        "gamma1": (5,),
        "beta1": (5,),
        "W2": (5, 4),
        "gamma2": (4,),
        "beta2": (4,),
        "W3": (4, 3),
        "b3": (3,),
        "mean1": (5,),
        "variance1": (5,),
        "mean2": (4,),
        "variance2": (4,),
    }
    assert all(array.dtype == dtype for array in (net.params | net.buffers).values())
    assert net.numbers == (1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3)
    assert (net.n_in, net.n_classes, len(net.dense)) == (6, 3, 3)
    assert repr(net) == (
        "Network(6 -> dropout 0.2 -> noise 0.1 -> 5 -> batch norm relu -> dropout 0.5 -> noise 0.1 "
        "-> 4 -> batch norm relu -> dropout 0.5 -> noise 0.1 -> 3 softmax, 83 parameters, "
        f"{np.dtype(dtype)})"
    )


def test_prediction_does_not_depend_on_the_rest_of_the_batch() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.random((60, 5)), rng.integers(3, size=60)
    net = mlp([5, 8, 3], batch_norm=True, dropout=0.2, dtype=np.float64, rng=0)
    list(train(net, (X, y), epochs=3, batch_size=10, rng=0))
    before = {name: kept.copy() for name, kept in net.buffers.items()}
    alone = np.vstack([net.predict_proba(row[None]) for row in X])
    np.testing.assert_allclose(net.predict_proba(X), alone, rtol=1e-12)
    np.testing.assert_allclose(net.forward(X)[0][:1], net.forward(X[:1])[0], rtol=1e-12)
    for name, kept in net.buffers.items():
        np.testing.assert_array_equal(kept, before[name])


def test_network_can_overfit_a_single_batch() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.random((16, 20)), rng.integers(4, size=16)
    net = mlp([20, 64, 4], batch_norm=True, rng=0)
    records = list(train(net, (X, y), optimizer=Adam(), learning_rate=0.01, epochs=200, rng=0))
    assert records[-1].train_loss < 1e-3
    assert (net.predict(X) == y).all()  # with the running statistics


MIXTURES: list[dict[str, Any]] = [
    {"batch_norm": True},
    {"batch_norm": True, "dropout": 0.5, "input_dropout": 0.2, "noise": 0.3},
    {"dropout": 0.5, "noise": 0.3},
]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_fused_network_computes_the_same_output(
    mixture: dict[str, Any], activation: str, rng: np.random.Generator, frozen: Freeze
) -> None:
    net = mlp([6, 5, 4, 3], activation=activation, dtype=np.float64, rng=rng, **mixture)
    for array in (net.params | net.buffers).values():
        array += rng.random(array.shape)
        frozen(array)
    fused = net.for_inference()
    assert fused.layers == fused.dense
    assert not fused.buffers
    assert list(fused.params) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    x = rng.random((7, 6))
    np.testing.assert_allclose(fused.forward(x)[0], net.forward(x)[0], rtol=1e-12, atol=1e-12)


def test_network_without_fusible_layers_is_returned_unchanged() -> None:
    net = mlp([6, 5, 3], rng=0)
    assert net.for_inference() is net


def test_copy_shares_no_memory() -> None:
    net = mlp([6, 5, 3], batch_norm=True, rng=0)
    twin = net.copy()
    assert twin.layers == net.layers
    for ours, theirs in ((net.params, twin.params), (net.buffers, twin.buffers)):
        assert list(ours) == list(theirs)
        for name, array in ours.items():
            np.testing.assert_array_equal(theirs[name], array)
            assert not np.shares_memory(theirs[name], array)


@pytest.mark.parametrize(
    "layers",
    [
        [BatchNorm(4, "relu"), HIDDEN, OUTPUT],
        [Dense(4, 3, "relu"), BatchNorm(3, "identity"), OUTPUT],
        [HIDDEN, BatchNorm(3, "relu"), BatchNorm(3, "relu"), OUTPUT],
    ],
    ids=["first", "after an activation", "twice"],
)
def test_unfusible_batch_norm_works_but_cannot_be_saved(
    layers: list[Layer], tmp_path: Path
) -> None:
    net = Network.build(layers, dtype=np.float64, rng=0)
    rng = np.random.default_rng(1)
    X, y = rng.random((30, 4)), rng.integers(2, size=30)
    list(train(net, (X, y), epochs=2, batch_size=10, rng=0))
    logits, _ = net.forward(X)
    np.testing.assert_allclose(net.predict_proba(X), softmax(logits)[0], rtol=0, atol=1e-12)
    assert check_gradients(net, X[:5], y[:5]).worst < 1e-6
    with pytest.raises(ConfigError, match=r"^save: layer \d, batch norm \w+, is not a dense layer"):
        save(net, tmp_path / "model")


def test_mismatched_number_of_units_is_rejected() -> None:
    with pytest.raises(ConfigError, match=r"^layers: layer 2, batch norm relu, needs 4 inputs, l"):
        Network.build([HIDDEN, BatchNorm(4, "relu"), OUTPUT], rng=0)


def test_noise_can_be_placed_before_any_layer() -> None:
    noise: list[Layer] = [Dropout(0.5), GaussianNoise(0.1)]
    layers: list[Layer] = [*noise, HIDDEN, *noise, BatchNorm(3, "relu"), *noise, OUTPUT]
    net = Network.build(layers, rng=0)
    assert list(net.params) == ["W1", "gamma2", "beta2", "W3", "b3"]
    assert len(net.for_inference().layers) == 2
