"""Gradient check: correct gradients pass, wrong ones fail, kinks of ReLU are left out."""

from typing import Any

import numpy as np
import pytest

from glassnet.nn.activations import ACTIVATIONS, ElementBackward, relu
from glassnet.nn.checking.gradient_check import EXHAUSTIVE_LIMIT, check_gradients
from glassnet.nn.mlp import mlp
from glassnet.nn.network import Network
from glassnet.types import Array


def batch(net: Network, n: int = 6) -> tuple[Array, Array]:
    rng = np.random.default_rng(5)
    return rng.random((n, net.n_in)), rng.integers(net.n_classes, size=n)


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize("sizes", [[6, 3], [6, 5, 4, 3], [90, 60, 10]])
def test_correct_gradients_pass(sizes: list[int], loss: str) -> None:
    net = mlp(sizes, rng=0)
    report = check_gradients(net, *batch(net), loss=loss)
    assert report.is_correct
    assert report.worst < 1e-6
    n_parameters = sum(theta.size for theta in net.params.values())
    assert report.is_exhaustive == (n_parameters <= EXHAUSTIVE_LIMIT)
    assert [check.name for check in report.checks] == list(net.params)
    if report.is_exhaustive:
        assert sum(c.n_checked + c.n_kinks for c in report.checks) == n_parameters


@pytest.mark.parametrize("sizes", [[6, 5, 3], [90, 60, 10]])
def test_single_wrong_entry_is_located(sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    net = mlp(sizes, activation="tanh", rng=0)
    loss_and_grads = Network.loss_and_grads

    def wrong(self: Network, x: Array, labels: Array, grads: Any, **options: Any) -> float:
        value = loss_and_grads(self, x, labels, grads, **options)
        grads["W1"][4, 2] += 0.1
        return value

    monkeypatch.setattr(Network, "loss_and_grads", wrong)
    report = check_gradients(net, *batch(net))
    by_name = {check.name: check for check in report.checks}
    assert not report.is_correct
    assert report.worst == by_name["W1"].relative_error > 1e-3
    assert by_name["W1"].index == (4, 2)
    assert by_name["W1"].analytic - by_name["W1"].numeric == pytest.approx(0.1, rel=1e-4)
    assert all(check.is_correct for name, check in by_name.items() if name != "W1")


@pytest.mark.parametrize("sizes", [[6, 5, 3], [90, 60, 10]])
def test_wrong_derivative_is_not_mistaken_for_a_kink(
    sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaky(z: Array) -> tuple[Array, ElementBackward]:
        a, backward = relu(z)
        return a, lambda da: backward(da) + 0.1 * (a == 0)

    monkeypatch.setitem(ACTIVATIONS, "relu", leaky)
    net = mlp(sizes, rng=0)
    assert not check_gradients(net, *batch(net)).is_correct


def test_kink_is_not_mistaken_for_a_wrong_gradient() -> None:
    net = mlp([2, 3, 2], dtype=np.float64, rng=0)
    # The first unit's pre-activation is exactly 0 for the first image: any change switches it.
    net.params["W1"][:, 0] = [0.5, -0.5]
    x = np.array([[0.5, 0.5], [0.25, 0.75], [0.75, 0.25]])
    report = check_gradients(net, x, [0, 1, 1])
    by_name = {check.name: check for check in report.checks}
    assert by_name["b1"].n_kinks == 1
    assert by_name["W1"].n_kinks == 2
    assert by_name["W2"].n_kinks == by_name["b2"].n_kinks == 0
    assert report.is_correct


def test_check_without_any_comparison_fails() -> None:
    net = mlp([2, 2, 2], dtype=np.float64, rng=0)
    net.params["W1"][...] = 0
    report = check_gradients(net, [[0.5, 0.5]], [0])
    assert not report.is_correct
    assert report.worst == np.inf


def test_network_is_checked_in_float64_and_not_modified() -> None:
    net = mlp([6, 5, 3], rng=0)
    before = {name: theta.tobytes() for name, theta in net.params.items()}
    assert check_gradients(net, *batch(net)).worst < 1e-6
    assert {name: theta.tobytes() for name, theta in net.params.items()} == before


@pytest.mark.parametrize("sizes", [[6, 7, 5, 3], [90, 60, 10]])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_layers_with_buffers_and_noise_are_checked_and_not_modified(
    sizes: list[int], activation: str
) -> None:
    net = mlp(
        sizes,
        activation=activation,
        batch_norm=True,
        dropout=0.3,
        input_dropout=0.1,
        noise=0.2,
        rng=0,
    )
    arrays = net.params | net.buffers
    before = {name: array.tobytes() for name, array in arrays.items()}
    report = check_gradients(net, *batch(net, 12))
    assert report.is_correct
    assert [check.name for check in report.checks] == list(net.params)
    assert {name: array.tobytes() for name, array in arrays.items()} == before


def test_kink_after_batch_norm_is_not_mistaken_for_a_wrong_gradient() -> None:
    net = mlp([2, 3, 2], batch_norm=True, dtype=np.float64, rng=0)
    # The middle input is the mean of the batch, so that its x^ is 0 and only beta moves it.
    report = check_gradients(net, [[0.25, 0.25], [0.5, 0.5], [0.75, 0.75]], [0, 1, 1])
    by_name = {check.name: check for check in report.checks}
    assert by_name["beta1"].n_kinks == 3
    assert by_name["W2"].n_kinks == 0
