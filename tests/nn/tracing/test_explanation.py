"""Explanations: inputs add up to the value, and consumers are the inverse of inputs."""

import math
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.nn.losses import LOSSES
from glassnet.nn.tracing.formulas import FORMULAS
from glassnet.nn.tracing.trace import Trace
from glassnet.types import Array

SOURCES = Path(gn.__file__).parents[1]
GIVEN = ("x", "y", "W1", "W2", "W3", "b1", "b2", "b3")


def make_trace(activation: str, loss: str, depth: int = 2, labels_are: str = "integers") -> Trace:
    rng = np.random.default_rng(depth)
    net = gn.mlp([2, *[3, 4][:depth], 2], activation=activation, dtype=np.float64, rng=rng)
    for theta in net.params.values():
        theta += rng.normal(scale=0.3, size=theta.shape)
    labels: Array = np.array([1, 0, 1])
    if labels_are == "rows":
        labels = np.array([[0.2, 0.8], [1, 0], [0.5, 0.5]])
    return gn.trace(net, rng.random((3, 2)), labels, 0.2, loss=loss)


@pytest.mark.parametrize("labels_are", ["integers", "rows"])
@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "gelu", "identity"])
def test_inputs_and_rest_add_up_to_the_value(activation: str, loss: str, labels_are: str) -> None:
    step, rng = make_trace(activation, loss, labels_are=labels_are), np.random.default_rng(0)
    for quantity in step.quantities:
        name, value = quantity.name, quantity.value
        for _ in range(3):
            index = tuple(int(rng.integers(n)) for n in value.shape)
            full, short = (step.explain(name, index, n_inputs=n) for n in (1_000, 1))
            assert (full.value.name, full.value.index) == (name, index)
            assert full.value.value == value[index]
            assert full.shape == value.shape
            assert (full.n_rest, full.rest, full.n_more) == (0, 0.0, 0)
            assert full.is_sum is (name not in (*GIVEN, "p", "p_after"))
            assert bool(full.inputs) is (name not in GIVEN)
            for term in full.inputs:
                assert term.factors
                assert all(entry.value == step[entry.name][entry.index] for entry in term.factors)
                if not term.kind:
                    assert term.value == math.prod(entry.value for entry in term.factors)
            sizes = [abs(term.value) for term in full.inputs]
            assert sizes == sorted(sizes, reverse=True)
            total = sum(term.value for term in full.inputs)
            if full.is_sum:
                assert total == pytest.approx(value[index], rel=0, abs=1e-12)
            elif full.inputs:
                (own,) = [term for term in full.inputs if term.factors[0].index == index]
                assert own.value / total == pytest.approx(value[index], rel=0, abs=1e-12)
            assert short.inputs == full.inputs[:1]
            assert len(short.inputs) + short.n_rest == len(full.inputs)
            assert short.rest + sum(term.value for term in short.inputs) == pytest.approx(total)
            assert len(short.consumers) + short.n_more == len(full.consumers)


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("labels_are", ["integers", "rows"])
@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
def test_consumers_are_exactly_the_values_with_this_input(
    loss: str, labels_are: str, depth: int
) -> None:
    step = make_trace("tanh", loss, depth, labels_are)
    inputs, consumers = set(), set()
    for quantity in step.quantities:
        for index in np.ndindex(quantity.value.shape):
            explanation = step.explain(quantity.name, index, n_inputs=1_000)
            name = str(explanation.value)
            inputs |= {
                (str(factor), name) for term in explanation.inputs for factor in term.factors
            }
            others = [str(entry) for entry in explanation.consumers]
            assert len(others) == len(set(others)), name
            consumers |= {(name, other) for other in others}
            assert all(
                entry.value == step[entry.name][entry.index] for entry in explanation.consumers
            )
    assert sorted(consumers - inputs) == []
    assert sorted(inputs - consumers) == []


def test_largest_consumers_are_kept_in_order_of_computation() -> None:
    step = make_trace("tanh", "cross_entropy", 1)
    full = step.explain("x", (0, 1), n_inputs=1_000).consumers
    kept = step.explain("x", (0, 1), n_inputs=4)
    largest = sorted(full, key=lambda entry: abs(entry.value))[-4:]
    assert kept.consumers == tuple(entry for entry in full if entry in largest)
    assert [entry.name for entry in full] == ["z1"] * 3 + ["dW1"] * 3 + ["z1_after"] * 3
    assert kept.n_more == 5


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "gelu", "identity"])
def test_every_source_line_is_found_in_its_file(activation: str, loss: str) -> None:
    step = make_trace(activation, loss)
    for quantity in step.quantities:
        source = quantity.source
        lines = (SOURCES / source.file).read_text(encoding="utf-8").splitlines()
        assert lines[source.line - 1].strip() == source.text, quantity.name
        assert str(source) == f"{source.file}:{source.line}"
    of = {quantity.name: quantity.source for quantity in step.quantities}
    assert of["z2"].text == "z = x @ W  # equation 1"
    assert of["dW2"].text.endswith("# equation 14: dW = x^T dz")
    assert of["db1"].text.endswith("# equation 15: db = sum of dz over samples")
    assert of["da1"].text.endswith("# equation 16: dx = dz W^T")
    assert of["W1_after"].text.endswith("# equation 20")
    assert of["p_after"].file == "glassnet/nn/activations.py"
    assert of["loss"].file == of["dz3"].file == "glassnet/nn/losses.py"


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
def test_formulas_contain_the_number_of_their_layer(loss: str, columns: bool) -> None:
    for quantity in make_trace("relu", loss).quantities:
        latex = quantity.formula.latex(columns=columns)
        assert not set("#<>") & set(latex), quantity.name
        assert "a_{0}" not in latex
        assert latex.count("{") == latex.count("}")
        if quantity.symbol.layer and quantity.name != f"dz{3}":
            assert f"{{{quantity.symbol.layer}}}" in latex, quantity.name
    z, da = (FORMULAS[name].fill(1, "x", 2).latex(columns=columns) for name in ("z", "da"))
    assert z == ("z_{1} = W_{1}^{T} x + b_{1}" if columns else "z_{1} = x W_{1} + b_{1}")
    assert da == ("da_{1} = W_{2} \\, dz_{2}" if columns else "da_{1} = dz_{2} W_{2}^{T}")


def test_loss_with_a_probability_of_zero_is_explained() -> None:
    """The probability is rounded to 0, whose logarithm would be infinite."""
    net = gn.mlp([1, 2], dtype=np.float64, rng=0)
    net.params["W1"][...] = [[800, -800]]
    step = gn.trace(net, np.array([1.0]), 1, 0.1)
    (term,) = step.explain("loss").inputs
    assert step["p"][0, 1] == 0
    assert term.value == step["loss"] == 1600
