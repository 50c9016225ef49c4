"""User-defined layers: training, and support by every part of glassnet."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ConfigError
from glassnet.nn.activations import ElementBackward, softmax
from glassnet.nn.layers.layer import LayerBackward
from glassnet.nn.network import Network
from glassnet.types import Array, Arrays


class Negate(gn.Layer):
    """A layer without parameters: a = -x."""

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, **options: Any
    ) -> tuple[Array, LayerBackward]:
        """Compute -x."""

        def backward(da: Array, grads: Arrays) -> Array:
            return -da

        return -x, backward


class PReLU(gn.Layer):
    """A layer with a parameter: a = max(x, 0) + alpha min(x, 0), one alpha for each unit."""

    def __init__(self, n_out: int) -> None:
        self.n_in = self.n_out = n_out

    def parameters(self, dtype: Any, rng: np.random.Generator) -> Arrays:
        """Allocate alpha."""
        return {"alpha": np.full(self.n_out, 0.25, dtype)}

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, **options: Any
    ) -> tuple[Array, LayerBackward]:
        """Compute the activation."""
        alpha, negative = params["alpha"], np.minimum(x, 0)

        def backward(da: Array, grads: Arrays) -> Array:
            np.sum(da * negative, axis=0, out=grads["alpha"])
            return da * np.where(x > 0, 1, alpha)

        return np.maximum(x, 0) + alpha * negative, backward


class Halve(gn.Layer):
    """A layer that changes the width: the mean of each pair of units."""

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, **options: Any
    ) -> tuple[Array, LayerBackward]:
        """Average neighbours."""

        def backward(da: Array, grads: Arrays) -> Array:
            return np.repeat(da / 2, 2, axis=1)

        return (x[:, ::2] + x[:, 1::2]) / 2, backward


@dataclass(frozen=True)
class Shifted(gn.Layer):
    """A layer with noise and a buffer that are used in training only."""

    def buffers(self, dtype: Any) -> Arrays:
        """Allocate a counter of the batches."""
        return {"count": np.zeros(1, dtype)}

    def forward(
        self,
        x: Array,
        params: Arrays,
        buffers: Arrays,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, LayerBackward]:
        """Add a random shift in training."""

        def backward(da: Array, grads: Arrays) -> Array:
            return da

        if not training or rng is None:
            return x, backward
        buffers["count"] += 1
        return x + rng.normal(scale=0.01), backward


MIDDLES: dict[str, tuple[list[gn.Layer], int]] = {
    "negate": ([Negate()], 6),
    "prelu": ([PReLU(6)], 6),
    "halve": ([Halve()], 3),
    "all, twice": ([Negate(), PReLU(6), Shifted(), Negate(), Halve()], 3),
}


def build(middle: str, activation: str = "tanh") -> Network:
    layers, width = MIDDLES[middle]
    return gn.Network.build(
        [gn.Dense(5, 6, activation), *layers, gn.Dropout(0.1), gn.Dense(width, 3)],
        dtype=np.float64,
        rng=0,
    )


def examples() -> tuple[Array, Array]:
    rng = np.random.default_rng(5)
    y = np.arange(60) % 3
    X = 0.5 * rng.random((60, 5))
    X[np.arange(60), y] += 0.5
    return X, y


@pytest.mark.parametrize("middle", MIDDLES)
def test_user_layers_train_and_all_parts_agree(middle: str) -> None:
    net, (X, y) = build(middle), examples()
    before = {name: theta.copy() for name, theta in net.params.items()}
    training = gn.train(
        net, (X, y), validation=(X, y), optimizer=gn.Adam(), learning_rate=0.02, epochs=60, rng=0
    )
    records = list(training)
    last = records[-1]
    assert all((theta != before[name]).any() for name, theta in net.params.items())
    assert last.train_loss < records[0].train_loss / 2
    assert last.train_accuracy > 0.9

    logits, _ = net.forward(X)
    p = net.predict_proba(X)
    np.testing.assert_allclose(p, softmax(logits.copy())[0], rtol=0, atol=1e-12)
    report = gn.evaluate(net, gn.Split(X[:, None, :], y))
    assert report.accuracy == np.mean(p.argmax(axis=1) == y)
    assert report.loss == pytest.approx(-np.log(p[np.arange(60), y]).mean(), abs=1e-6)
    assert last.validation_loss == pytest.approx(report.loss, abs=1e-9)
    assert gn.check_gradients(net, X[:7], y[:7]).worst < 1e-6
    assert gn.diagnose(training) is not None

    step = gn.trace(net, X[:4], y[:4], 0.1)
    np.testing.assert_allclose(step["p"], p[:4], rtol=0, atol=1e-12)
    grads = net.empty_grads()
    fused = net.for_inference()
    loss = fused.loss_and_grads(X[:4], y[:4], grads, training=False)
    assert step["loss"] == pytest.approx(loss, abs=1e-12)
    for name, gradient in grads.items():
        np.testing.assert_allclose(step[f"d{name}"], gradient, rtol=0, atol=1e-12)


@pytest.mark.parametrize("middle", MIDDLES)
def test_every_value_of_a_trace_is_explained(middle: str) -> None:
    net, (X, y) = build(middle), examples()
    step = gn.trace(net, X[:2], y[:2], 0.1)
    assert re.search(r"computed by the \w+ layer", repr(step))
    for quantity in step.quantities:
        for index in np.ndindex(quantity.value.shape):
            explanation = step.explain(quantity.name, index, n_inputs=1_000)
            values = [value for term in explanation.inputs for value in term.factors]
            for value in (*values, *explanation.consumers):
                assert value.value == step[value.name][value.index]
            if explanation.is_sum:
                total = sum(term.value for term in explanation.inputs)
                assert total == pytest.approx(explanation.value.value, abs=1e-12)
    for name in net.params:
        measured = step.perturb(name, (0,) * net.params[name].ndim)
        assert measured.slope == pytest.approx(measured.gradient, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("middle", MIDDLES)
def test_saving_raises_with_the_name_of_the_layer(middle: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^save: layer 2, \w+, is not a dense layer and cannot"):
        gn.save(build(middle), tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_arrays_have_the_numbers_of_their_layers() -> None:
    net = build("all, twice")
    assert list(net.params) == ["W1", "b1", "alpha1", "W2", "b2"]
    assert list(net.buffers) == ["count1"]
    assert net.numbers == (1, 1, 1, 1, 2, 2, 2, 2)
    assert net.for_inference().numbers == (1, 1, 1, 1, 2, 2, 2)


def test_activation_can_be_a_function(tmp_path: Path) -> None:
    def softplus(z: Array) -> tuple[Array, ElementBackward]:
        a = np.log1p(np.exp(z))

        def backward(da: Array) -> Array:
            da *= 1 / (1 + np.exp(-z))
            return da

        return a, backward

    net = gn.Network.build([gn.Dense(5, 6, softplus), gn.Dense(6, 3)], dtype="f8", rng=0)
    X, y = examples()
    list(gn.train(net, (X, y), epochs=2, rng=0))
    assert "6 softplus" in repr(net)
    assert gn.check_gradients(net, X[:5], y[:5]).worst < 1e-6
    step = gn.trace(net, X[:2], y[:2], 0.1)
    np.testing.assert_allclose(step["p"], net.predict_proba(X[:2]), atol=1e-12)
    np.testing.assert_allclose(step["dz1"], step["da1"] * step["slope1"], atol=1e-12)
    with pytest.raises(ConfigError, match=r"^save: layer 1, 6 softplus, has a function as its act"):
        gn.save(net, tmp_path / "model")


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "layers: needs at least one with n_in and n_out, such as gn.Dense, got none"),
        ([Negate()], "layers: needs at least one with n_in and n_out"),
        ([gn.Dense(4, 3), gn.Dense], "layers: layer 2 needs to be an object such as gn.Dense"),
        ([gn.Dense(4, 3), "relu"], "layers: layer 2 needs to be an object such as gn.Dense"),
        ([gn.Dense(4, 3), gn.Dense(4, 2)], "layers: layer 2, 2 identity, needs 4 inputs, layer 1"),
    ],
)
def test_incompatible_layers_are_rejected(layers: list[Any], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        gn.Network.build(layers, rng=0)
    assert str(error.value).startswith(message)
