"""Perturbed parameters compared with backpropagation, and invalid arguments of a trace."""

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ConfigError, DataError, GlassnetError, ShapeError
from glassnet.nn.network import Network

X = np.array([[0.2, 0.9], [0.7, 0.1]])
LABELS = np.array([1, 0])


def network(activation: str = "tanh", dtype: str = "f8") -> Network:
    rng = np.random.default_rng(3)
    net = gn.mlp([2, 3, 2], activation=activation, dtype=dtype, rng=rng)
    for theta in net.params.values():
        theta += rng.normal(scale=0.3, size=theta.shape)
    return net


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "gelu", "identity"])
def test_slope_matches_backpropagation_and_the_gradient_check(activation: str, loss: str) -> None:
    net = network(activation)
    step = gn.trace(net, X, LABELS, 0.1, loss=loss)
    for name, theta in net.params.items():
        for index in np.ndindex(theta.shape):
            perturbation = step.perturb(name, index)
            assert (perturbation.name, perturbation.index, perturbation.eps) == (name, index, 1e-4)
            assert perturbation.gradient == step[f"d{name}"][index]
            assert perturbation.slope == pytest.approx(perturbation.gradient, rel=1e-6, abs=1e-8)
            assert perturbation.loss_below != perturbation.loss_above
    report = gn.check_gradients(net, X, LABELS, loss=loss)
    assert report.is_correct
    for check in report.checks:
        perturbation = step.perturb(check.name, check.index, eps=1e-5)
        assert perturbation.gradient == pytest.approx(check.analytic, rel=1e-12)
        assert perturbation.slope == pytest.approx(check.numeric, rel=1e-6, abs=1e-9)


def test_losses_are_those_of_the_changed_network() -> None:
    net = network()
    perturbation = gn.trace(net, X, LABELS, 0.1).perturb("W2", (1, 0), eps=0.5)
    for sign, loss in ((-1, perturbation.loss_below), (1, perturbation.loss_above)):
        moved = net.copy()
        moved.params["W2"][1, 0] += sign * 0.5
        p = moved.predict_proba(X)[np.arange(2), LABELS]
        assert loss == pytest.approx(-np.log(p).mean(), rel=1e-12)


def test_float32_networks_are_perturbed_in_float64() -> None:
    """In float32 the two losses would differ in their last bit or not at all."""
    net = network(dtype="f4")
    step = gn.trace(net, X, LABELS, 0.1)
    assert step["dW1"].dtype == np.float32
    perturbation = step.perturb("W1", (1, 2), eps=1e-6)
    assert perturbation.slope == pytest.approx(perturbation.gradient, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "index", "message"),
    [
        ("z3", (0, 0), "name: needs one of x, y, W1, b1, z1, a1, W2, "),
        ("lossafter", (), "got 'lossafter'. Did you mean 'loss_after'?"),
        ("z1", (0, 3), "index: z1 needs 0 to 1, 0 to 2, got (0, 3)"),
        ("z1", (-1, 0), "index: z1 needs 0 to 1, 0 to 2, got (-1, 0)"),
        ("z1", 1, "index: z1 needs 0 to 1, 0 to 2, got 1"),
        ("z1", (0, 1.5), "index: z1 needs 0 to 1, 0 to 2, got (0, 1.5)"),
        ("b1", "1", "index: b1 needs 0 to 2, got '1'"),
        ("b1", [[1]], "index: b1 needs 0 to 2, got [[1]]"),
        ("b1", (), "index: b1 needs 0 to 2, got ()"),
        ("loss", 0, "index: loss needs nothing, got 0"),
    ],
)
def test_unknown_name_or_index_raises(name: Any, index: Any, message: str) -> None:
    with pytest.raises(ConfigError) as error_info:
        gn.trace(network(), X, LABELS, 0.1).explain(name, index)
    assert message in str(error_info.value)
    assert "\n" not in str(error_info.value)


def test_perturb_rejects_invalid_arguments() -> None:
    step = gn.trace(network(), X, LABELS, 0.1)
    with pytest.raises(ConfigError, match=r"^name: needs a parameter, one of W1, .*, got 'z1'"):
        step.perturb("z1", (0, 0))
    for eps in (0, -1e-4, float("nan"), float("inf")):
        with pytest.raises(ConfigError, match=r"^eps: needs a number above 0, got"):
            step.perturb("W1", (0, 0), eps)
    with pytest.raises(ConfigError, match=r"^n_inputs: needs a whole number, at least 0, got -1"):
        step.explain("loss", n_inputs=-1)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"learning_rate": 0}, ConfigError, "learning_rate: needs a number above 0, got 0"),
        ({"learning_rate": -0.1}, ConfigError, "learning_rate: needs a number above 0, got -0.1"),
        ({"learning_rate": float("nan")}, ConfigError, "learning_rate: needs a number above 0,"),
        ({"learning_rate": float("inf")}, ConfigError, "learning_rate: needs a number above 0,"),
        ({"loss": "hinge"}, ConfigError, "loss: needs one of"),
        ({"label": 2}, DataError, "labels: the network has classes 0 to 1, got 2 to 2"),
        ({"label": -1}, DataError, "labels: the network has classes 0 to 1, got -1 to -1"),
        ({"label": 1.0}, DataError, "labels: need whole numbers, got float64"),
        ({"label": "quantity"}, DataError, "labels: need whole numbers, got "),
        ({"label": [0, 1]}, ShapeError, "labels: need one for each of 1 images, got (2,)"),
        ({"x": [0.5]}, ShapeError, "images: the network takes 2 values per image, got shape"),
        ({"x": [0.5, 2.0]}, DataError, "images: need floats in [0, 1], got 0.5 to 2"),
    ],
)
def test_trace_rejects_invalid_arguments_in_one_line(
    change: dict[str, Any], error: type[GlassnetError], message: str
) -> None:
    given = {"network": network(), "x": X[0], "label": 1, "learning_rate": 0.1} | change
    with pytest.raises(error) as error_info:
        gn.trace(**given)
    assert message in str(error_info.value)
    assert "\n" not in str(error_info.value)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_trace_rejects_a_hidden_softmax(batch_norm: bool) -> None:
    net = gn.mlp([2, 3, 2], activation="softmax", batch_norm=batch_norm, rng=0)
    with pytest.raises(ConfigError, match=r"^network: needs element-wise activations"):
        gn.trace(net, X, LABELS, 0.1)


def test_trace_is_formatted_as_text_and_as_html() -> None:
    step = gn.trace(network(), X, LABELS, 0.1)
    lines = repr(step).splitlines()
    assert len(lines) == len(step.quantities)
    assert [line.split()[0] for line in lines] == [quantity.name for quantity in step.quantities]
    assert lines[4].split()[:5] == ["z1", "forward", "2", "x", "3"]
    assert lines[4].endswith("glassnet/nn/layers/dense.py:" + str(step.quantities[4].source.line))
    assert f"loss        loss      1      {step['loss']:.6g} " in repr(step)
    html = step._repr_html_()
    assert html.count("<tr>") == 1 + len(step.quantities)
    assert html.count("<") == html.count(">")
    assert "<th>dW2</th>" in html
    assert "<td>$dW_{2} = a_{1}^{T} \\, dz_{2}$</td>" in html
    assert "<code title='z = x @ W  # equation 1'>glassnet/nn/layers/dense.py:" in html
