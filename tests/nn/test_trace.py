"""The trace: its numbers are those of training, and each is what its terms say.

The oracle is the training path (`Network.loss_and_grads`, `gn.train`), which the gradient table
checks against differences, and plain NumPy written out here.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import glassnet as gn
from glassnet.errors import GlassnetError
from glassnet.nn.derivation import Entry
from glassnet.nn.network import fold

Array = NDArray[Any]
ACTIVATIONS = ("relu", "sigmoid", "tanh", "gelu", "identity")
HIDDEN: tuple[tuple[int, ...], ...] = ((), (4,), (5, 4), (6, 5, 4))
LOSSES = ("cross_entropy", "mean_squared_error")
ETA = 0.3


def network(hidden: tuple[int, ...], activation: str = "relu", **options: Any) -> gn.Network:
    net = gn.mlp([7, *hidden, 3], activation=activation, dtype="f8", rng=5, **options)
    rng = np.random.default_rng(6)
    for name, theta in net.params.items():  # zero biases would hide that they are left out
        theta += 0.3 * rng.standard_normal(theta.shape) * (name[0] == "b")
    return net


def batch(n: int, n_in: int = 7) -> tuple[Array, Array]:
    rng = np.random.default_rng(n)
    return rng.random((n, n_in)), rng.integers(3, size=n)


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", HIDDEN, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_number_is_that_of_training(
    activation: str, hidden: tuple[int, ...], loss: str, n: int
) -> None:
    net, (x, labels) = network(hidden, activation), batch(n)
    step = gn.trace(net, x, labels, ETA, loss=loss)
    grads = net.empty_grads()
    value = net.loss_and_grads(x, labels, grads, loss=loss)
    outputs = [a for a, _ in net.activations(x)]
    trained = net.copy()
    for _ in gn.train(
        trained,
        (x, labels),
        loss=loss,
        optimizer=gn.SGD(),
        learning_rate=ETA,
        epochs=1,
        batch_size="full",
        shuffle=False,
        rng=0,
    ):
        pass
    expected: dict[str, Any] = {"x": x, "y": gn.one_hot(labels, 3, "f8"), "loss": value}
    expected |= net.params | {f"d{name}": g for name, g in grads.items()}
    expected |= {f"{name}_after": theta for name, theta in trained.params.items()}
    expected |= {"p": net.predict_proba(x), "p_after": trained.predict_proba(x)}
    expected["loss_after"] = trained.loss_and_grads(x, labels, trained.empty_grads(), loss=loss)
    after = [a for a, _ in trained.activations(x)]
    for suffix, who, outs in (("", net, outputs), ("_after", trained, after)):
        for number, a in enumerate(outs, start=1):
            below = x if number == 1 else outs[number - 2]
            z = below @ who.params[f"W{number}"] + who.params[f"b{number}"]
            expected[f"z{number}{suffix}"] = z
            if number < len(outs):
                expected[f"a{number}{suffix}"] = a
    for number in range(len(outputs), 0, -1):  # dz from db's definition and the chain rule
        if number < len(outputs):
            dz_above, W_above = step[f"dz{number + 1}"], net.params[f"W{number + 1}"]
            expected[f"da{number}"] = np.einsum("ij,kj->ik", dz_above, W_above)
            z, eps = expected[f"z{number}"], 1e-6
            slope = (_phi(activation, z + eps) - _phi(activation, z - eps)) / (2 * eps)
            np.testing.assert_allclose(step[f"slope{number}"], slope, atol=1e-8)
    assert set(step.step.arrays) - set(expected) == {
        f"{letter}{number}"
        for number in range(1, len(outputs) + 1)
        for letter in (("dz",) if number == len(outputs) else ("dz", "slope"))
    }
    for name, array in expected.items():
        np.testing.assert_allclose(step[name], array, rtol=0, atol=1e-12, err_msg=name)
    for number in range(1, len(outputs) + 1):  # dz has no other home: what it leads to is known
        dz = step[f"dz{number}"]
        np.testing.assert_allclose(dz.sum(axis=0), grads[f"b{number}"], atol=1e-12)
        below = x if number == 1 else outputs[number - 2]
        np.testing.assert_allclose(below.T @ dz, grads[f"W{number}"], atol=1e-12)


def _phi(activation: str, z: Array) -> Array:
    values: dict[str, Array] = {
        "gelu": z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))) / 2,
        "sigmoid": 1 / (1 + np.exp(-z)),
        "relu": np.maximum(z, 0),
        "tanh": np.tanh(z),
        "identity": z,
    }
    return values[activation]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", HIDDEN[:3], ids=str)
def test_every_number_is_the_sum_of_its_terms(hidden: tuple[int, ...], loss: str) -> None:
    x, labels = batch(2)
    step = gn.trace(network(hidden, "tanh"), x, labels, ETA, loss=loss)
    for quantity in step.quantities:
        for index in np.ndindex(quantity.value.shape):
            told = step.explain(quantity.name, index, n_terms=3)
            assert told.entry == Entry(quantity.name, index, float(quantity.value[index]))
            sizes = [abs(term.value) for term in told.terms]
            assert sizes == sorted(sizes, reverse=True)
            total = sum(term.value for term in told.terms) + told.rest
            if quantity.name.startswith("p"):
                (own,) = (
                    term
                    for term in step.explain(quantity.name, index).terms
                    if term.factors[0].index == index
                )
                assert own.value / total == pytest.approx(told.entry.value, rel=1e-12)
            elif told.terms:
                assert total == pytest.approx(told.entry.value, rel=1e-12, abs=1e-13)
            else:
                assert quantity.phase == "given"
            for term in told.terms:
                for factor in term.factors:
                    assert factor.value == step[factor.name][factor.index]
                if not term.says:
                    product = np.prod([factor.value for factor in term.factors])
                    assert term.value == pytest.approx(product, rel=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", HIDDEN[:3], ids=str)
def test_a_number_feeds_those_that_it_is_a_term_of(hidden: tuple[int, ...], loss: str) -> None:
    x, labels = batch(2)
    step = gn.trace(network(hidden), x, labels, ETA, loss=loss)
    feeds, terms = defaultdict(set), defaultdict(set)
    for quantity in step.quantities:
        for index in np.ndindex(quantity.value.shape):
            told = step.explain(quantity.name, index, n_terms=10_000)
            here = (quantity.name, index)
            feeds[here] = {(entry.name, entry.index) for entry in told.feeds}
            for term in told.terms:
                for factor in term.factors:
                    terms[factor.name, factor.index].add(here)
    for here, entered in terms.items():
        assert entered <= feeds[here], here
    for here, entered in feeds.items():
        # The loss takes the logarithm of the right class's probability alone; the others have no
        # part in it, though the label says so.
        assert entered - terms[here] <= {("loss", ()), ("loss_after", ())}, here


def test_an_entry_is_worked_by_hand() -> None:
    """A net of 2-3-2: its first unit gets 0.5 x 0.2 + 1 x 0.5 + 0.1 = 0.7."""
    params = {
        "W1": np.array([[0.2, -0.4, 0.3], [0.5, 0.1, -0.2]]),
        "b1": np.array([0.1, 0.0, 0.2]),
        "W2": np.array([[0.3, -0.3], [0.2, 0.4], [-0.5, 0.6]]),
        "b2": np.array([0.0, 0.1]),
    }
    net = gn.mlp([2, 3, 2], dtype="f8", rng=0)
    for name, theta in params.items():
        net.params[name][...] = theta
    step = gn.trace(net, np.array([0.5, 1.0]), 1, 0.1)
    z1 = step.explain("z1", (0, 0))
    assert z1.entry.value == pytest.approx(0.5 * 0.2 + 1 * 0.5 + 0.1)
    assert [term.value for term in z1.terms] == pytest.approx([0.5, 0.1, 0.1])
    assert z1.terms[0].factors == (Entry("x", (0, 1), 1.0), Entry("W1", (1, 0), 0.5))
    assert str(z1.terms[0].factors[1]) == "W1[1, 0]"
    dW2 = step.explain("dW2", (0, 1))
    assert [str(factor) for factor in dW2.terms[0].factors] == ["a1[0, 0]", "dz2[0, 1]"]
    assert dW2.entry.value == pytest.approx(0.7 * (step["p"][0, 1] - 1))
    after = step.explain("W2_after", (0, 1))
    assert after.entry.value == pytest.approx(-0.3 - 0.1 * dW2.entry.value)
    assert [str(entry) for entry in dW2.feeds] == ["W2_after[0, 1]"]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_nudge_finds_the_slope_that_backpropagation_says(loss: str, dtype: str) -> None:
    net = gn.mlp([7, 5, 3], activation="tanh", dtype=dtype, rng=2)
    x, labels = batch(3)
    step = gn.trace(net, x.astype(dtype), labels, ETA, loss=loss)
    for name, index in (("W1", (3, 2)), ("b1", (4,)), ("W2", (1, 1)), ("b2", 0)):
        told = step.nudge(name, index)
        assert told.slope == pytest.approx(told.gradient, rel=1e-3 if dtype == "f4" else 1e-6)
        assert told.loss_above != told.loss_below
        assert told.slope == (told.loss_above - told.loss_below) / (2 * told.eps)


def test_what_is_folded_is_said() -> None:
    net = network((5,), batch_norm=True, dropout=0.2, input_scale=3.0)
    net.buffers["mean1"] += 0.2
    net.buffers["variance1"] *= 2
    x, labels = batch(1)
    step = gn.trace(net, x, labels, ETA)
    assert step.is_folded
    assert "folded" in repr(step).splitlines()[0]
    assert "folded" in step._repr_html_()
    np.testing.assert_allclose(step["W1"], fold(net).params["W1"])
    np.testing.assert_allclose(step["p"], net.predict_proba(x), atol=1e-12)
    assert not gn.trace(network((5,)), x, labels, ETA).is_folded


def test_the_network_stays_as_it_is_and_the_trace_is_read_only() -> None:
    net, (x, labels) = network((4,)), batch(1)
    before = {name: theta.copy() for name, theta in net.params.items()}
    step = gn.trace(net, x, labels, ETA)
    for name, theta in net.params.items():
        np.testing.assert_array_equal(theta, before[name])
        theta += 1  # goes on learning; the trace keeps what was
        np.testing.assert_array_equal(step[name], before[name])
    for quantity in step.quantities:
        with pytest.raises(ValueError, match="read-only"):
            quantity.value[...] = 0


def test_an_image_comes_in_any_form() -> None:
    net = gn.mlp([784, 4, 3], dtype="f8", rng=0)
    image = np.random.default_rng(0).integers(256, size=(28, 28), dtype=np.uint8)
    steps = [
        gn.trace(net, form, 2, ETA)
        for form in (image, image[None], image.reshape(-1), image.reshape(1, -1), image / 255)
    ]
    for step in steps:
        np.testing.assert_array_equal(step["x"], steps[0]["x"])
        assert step["x"].shape == (1, 784)
    columns = gn.trace(net, image, np.array([[0.2, 0.3, 0.5]]), ETA)
    np.testing.assert_array_equal(columns["y"], [[0.2, 0.3, 0.5]])


def test_each_line_of_code_stands_where_it_is_said_to() -> None:
    package = Path(gn.__file__).parent
    for activation in ACTIVATIONS:
        for loss in LOSSES:
            step = gn.trace(network((4,), activation), *batch(1), ETA, loss=loss)
            for quantity in step.quantities:
                source = quantity.source
                lines = (package.parent / source.file).read_text(encoding="utf-8").splitlines()
                assert lines[source.line - 1].strip() == source.text, quantity.name
                for columns in (False, True):
                    latex = quantity.formula.latex(quantity.number, columns=columns)
                    assert not set(latex) & set("#<>")


def test_it_shows_itself() -> None:
    step = gn.trace(network((4,)), *batch(1), ETA)
    lines = repr(step).splitlines()
    assert [line.split()[0] for line in lines] == [one.name for one in step.quantities]
    html = step._repr_html_()
    assert html.count("<tr>") == len(step.quantities) + 1
    assert "$z_{1} = x W_{1} + b_{1}$" in html


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda step: step["z9"], "trace: there is no 'z9'. Known: x, y, W1"),
        (lambda step: step.explain("z1", (0, 4)), "z1 has indices 0 to 0, 0 to 3, got (0, 4)"),
        (lambda step: step.explain("z1", (0,)), "got (0,)"),
        (lambda step: step.explain("z1", (-1, 0)), "got (-1, 0)"),
        (lambda step: step.explain("loss", 0), "loss has indices none, got (0,)"),
        (lambda step: step.nudge("z1", (0, 0)), "nudge: z1 is computed, not learnt"),
        (lambda step: step.nudge("W1", (0, 0), 0.0), "eps: needs a number above 0, got 0"),
        (lambda _: gn.trace(network(()), *batch(1), 0.0), "learning_rate: needs a number above 0"),
        (lambda _: gn.trace(network(()), batch(1)[0], 3, ETA), "knows classes 0 to 2, got 3"),
        (lambda _: gn.trace(network(()), np.ones(6), 1, ETA), "the network takes 7 numbers"),
        (lambda _: gn.trace(network(()), *batch(1), ETA, loss="mae"), "unknown loss 'mae'"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(wrong: Any, says: str) -> None:
    step = gn.trace(network((4,)), *batch(1), ETA)
    with pytest.raises(GlassnetError) as told:
        wrong(step)
    assert says in str(told.value)
    assert "\n" not in str(told.value)
