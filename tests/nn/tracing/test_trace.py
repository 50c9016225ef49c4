"""The trace compared with training, and with a second forward pass in plain NumPy.

Gradients are compared with complex-step derivatives of that forward pass: the imaginary part of
f(v + ih), divided by h, is f'(v) to machine precision, since nothing is subtracted.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.nn.network import Network
from glassnet.types import Array

H = 1e-30
SIZES = [4, 5, 3, 4]  # inputs and hidden units
N_CLASSES = 3
ETA = 0.3

PHI: dict[str, Callable[[Array], Array]] = {
    "identity": lambda z: z,
    "relu": lambda z: z * (z.real > 0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "gelu": lambda z: z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
}


def probabilities(z: Array) -> Array:
    powers = np.exp(z)
    p: Array = powers / powers.sum(axis=1)[:, None]
    return p


def compute_loss(z: Array, y: Array, loss: str) -> Any:
    p = probabilities(z)
    if loss == "cross_entropy":
        return -(y * np.log(p)).sum() / len(y)
    return ((p - y) ** 2).sum() / (2 * len(y))


def run_forward(
    a: Array, params: dict[str, Array], phi: Callable[[Array], Array], first: int = 1
) -> dict[str, Array]:
    """Run the layers from `first` on, for the input `a` of that layer."""
    last, found = len(params) // 2, {}
    for number in range(first, last + 1):
        z = np.einsum("ik,kj->ij", a, params[f"W{number}"]) + params[f"b{number}"]
        found[f"z{number}"] = z
        if number < last:
            a = found[f"a{number}"] = phi(z)
    return found


def derivative(function: Callable[[Array], Any], at: Array) -> Array:
    slopes = np.empty_like(at)
    for index in np.ndindex(at.shape):
        moved = at.astype(complex)
        moved[index] += 1j * H
        slopes[index] = function(moved).imag / H
    return slopes


def network(activation: str, depth: int) -> Network:
    rng = np.random.default_rng(depth)
    sizes = [*SIZES[: depth + 1], N_CLASSES]
    net = gn.mlp(sizes, activation=activation, initializer="glorot", dtype=np.float64, rng=rng)
    for theta in net.params.values():
        theta += rng.normal(scale=0.3, size=theta.shape)
    return net


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize("activation", PHI)
def test_every_value_equals_that_of_training(
    activation: str, loss: str, depth: int, n: int
) -> None:
    rng = np.random.default_rng(n)
    net, phi, last = network(activation, depth), PHI[activation], depth + 1
    x, labels = rng.random((n, SIZES[0])), rng.integers(N_CLASSES, size=n)
    y = np.eye(N_CLASSES)[labels]
    step = gn.trace(net, x, labels, ETA, loss=loss)

    trained, grads = net.copy(), net.empty_grads()
    training = gn.train(
        trained,
        (x, labels),
        loss=loss,
        optimizer=gn.SGD(),
        learning_rate=ETA,
        batch_size="full",
        epochs=1,
        shuffle=False,
        rng=0,
    )
    (record,) = training
    assert step["loss"] == pytest.approx(record.train_loss, rel=0, abs=1e-12)
    net.loss_and_grads(x, labels, grads, loss=loss)

    def from_z(number: int) -> Callable[[Array], Any]:
        return lambda z: from_a(number)(phi(z)) if number < last else compute_loss(z, y, loss)

    def from_a(number: int) -> Callable[[Array], Any]:
        return lambda a: compute_loss(
            run_forward(a, net.params, phi, number + 1)[f"z{last}"], y, loss
        )

    before, after = run_forward(x, net.params, phi), run_forward(x, trained.params, phi)
    expected = {"x": x, "y": y, **net.params, **before}
    expected |= {"p": probabilities(before[f"z{last}"])}
    expected |= {"loss": compute_loss(before[f"z{last}"], y, loss)}
    for number in range(1, last + 1):
        expected[f"dz{number}"] = derivative(from_z(number), before[f"z{number}"])
    for number in range(1, last):
        z, a = before[f"z{number}"], before[f"a{number}"]
        expected[f"slope{number}"] = derivative(lambda z: phi(z).sum(), z)
        expected[f"da{number}"] = derivative(from_a(number), a)
    expected |= {f"d{name}": gradient for name, gradient in grads.items()}
    expected |= {f"{name}_after": value for name, value in {**trained.params, **after}.items()}
    expected |= {"p_after": probabilities(after[f"z{last}"])}
    expected |= {"loss_after": compute_loss(after[f"z{last}"], y, loss)}

    assert {quantity.name for quantity in step.quantities} == set(expected)
    for name, value in expected.items():
        assert step[name].shape == np.shape(value), name
        np.testing.assert_allclose(step[name], value, rtol=0, atol=1e-12, err_msg=name)


def test_arguments_are_not_modified_and_the_trace_is_read_only() -> None:
    net, x = network("relu", 1), np.random.default_rng(0).random((3, 4))
    labels = np.eye(N_CLASSES)
    kept = {name: theta.copy() for name, theta in net.params.items()}, x.copy(), labels.copy()
    step = gn.trace(net, x, labels, ETA)
    for array in (*step.step.arrays.values(), *step.network.params.values()):
        assert not array.flags.writeable
    for array in (x, labels, *net.params.values()):
        assert array.flags.writeable
    assert not any(
        np.shares_memory(mine, theirs)
        for mine in step.step.arrays.values()
        for theirs in (x, labels, *net.params.values())
    )
    step.perturb("W1", (0, 0))
    np.testing.assert_equal((net.params, x, labels), kept)


@pytest.mark.parametrize("shape", [(4,), (2, 2), (1, 4), (1, 2, 2)])
def test_single_image_can_have_any_shape(shape: tuple[int, ...]) -> None:
    net, x = network("tanh", 1), np.array([0, 51, 102, 255], np.uint8)
    step = gn.trace(net, x.reshape(shape), 2, ETA)
    np.testing.assert_allclose(step["x"], [[0, 0.2, 0.4, 1]], rtol=0, atol=1e-15)


MIXTURES: dict[str, dict[str, Any]] = {
    "batch norm": {"batch_norm": True},
    "scale": {"input_scale": 3.0},
    "dropout": {"dropout": 0.4, "input_dropout": 0.2},
    "all": {"batch_norm": True, "input_scale": 3.0, "dropout": 0.4, "noise": 0.2},
}


@pytest.mark.parametrize("mixture", MIXTURES)
def test_layers_between_dense_layers_are_fused_with_a_note(mixture: str) -> None:
    rng = np.random.default_rng(1)
    net = gn.mlp([4, 6, 5, 3], dtype=np.float64, rng=rng, **MIXTURES[mixture])
    x, labels = rng.random((30, 4)), rng.integers(3, size=30)
    # Training updates the running statistics.
    list(gn.train(net, (x, labels), batch_size=10, epochs=3, rng=rng))
    step = gn.trace(net, x[:2], labels[:2], ETA)
    np.testing.assert_allclose(step["p"], net.predict_proba(x[:2]), rtol=0, atol=1e-12)
    assert step.is_fused
    assert repr(step).startswith("Batch normalisation and scale are fused into the")
    assert step._repr_html_().startswith("<p>Batch normalisation and scale are fused")
    assert set(step.network.params) == {"W1", "b1", "W2", "b2", "W3", "b3"}
    plain = gn.trace(step.network, x[:2], labels[:2], ETA)
    assert not plain.is_fused
    assert repr(plain).startswith("x  ")
    np.testing.assert_equal(dict(plain.step.arrays), dict(step.step.arrays))
