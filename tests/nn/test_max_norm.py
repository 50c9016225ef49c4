"""MaxNorm: limited norms of the columns of weight matrices, and no other effect."""

import math
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from glassnet.errors import ConfigError
from glassnet.nn.mlp import mlp
from glassnet.nn.optimizers import SGD, Adam, MaxNorm, Optimizer
from glassnet.nn.training import train

ZERO_GRADS = {"W1": np.zeros((2, 3)), "b1": np.zeros(3), "gamma1": np.zeros(3)}


def test_only_columns_above_the_limit_are_scaled() -> None:
    params = {
        "W1": np.array([[3.0, 0.3, 0.0], [4.0, 0.4, 0.0]]),
        "b1": np.array([30.0, 40.0, 50.0]),
        "gamma1": np.array([30.0, 40.0, 50.0]),
    }
    before = {name: theta.copy() for name, theta in params.items()}
    optimizer = MaxNorm(SGD(), 2.0)
    optimizer.update(params, ZERO_GRADS, optimizer.init(params), learning_rate=0.1)
    np.testing.assert_allclose(params["W1"], [[1.2, 0.3, 0], [1.6, 0.4, 0]], rtol=1e-12)
    np.testing.assert_array_equal(params["W1"][:, 1:], before["W1"][:, 1:])
    for name in ("b1", "gamma1"):
        np.testing.assert_array_equal(params[name], before[name])


@pytest.mark.parametrize("optimizer", [SGD(momentum=0.9, nesterov=True), Adam()], ids=str)
def test_limit_holds_in_training_and_is_reached(optimizer: Optimizer) -> None:
    rng = np.random.default_rng(0)
    net = mlp([5, 8, 3], batch_norm=True, rng=0)
    held = dict(net.params)
    examples = rng.random((40, 5)), rng.integers(3, size=40)
    for _ in train(
        net, examples, optimizer=MaxNorm(optimizer, 0.5), learning_rate=0.1, epochs=5, rng=0
    ):
        for name in ("W1", "W2"):
            lengths = np.linalg.norm(net.params[name], axis=0)
            assert lengths.max() == pytest.approx(0.5, rel=1e-5)
    assert all(net.params[name] is held[name] for name in held)
    assert all(theta.dtype == np.float32 for theta in net.params.values())
    assert np.linalg.norm(net.params["gamma1"]) > 0.5


def test_high_limit_does_not_change_training() -> None:
    rng = np.random.default_rng(0)
    examples = rng.random((40, 5)), rng.integers(3, size=40)
    nets = [mlp([5, 8, 3], rng=0) for _ in range(2)]
    optimizers: list[Optimizer] = [Adam(), MaxNorm(Adam(), 1e6)]
    for net, optimizer in zip(nets, optimizers, strict=True):
        training = train(net, examples, optimizer=optimizer, learning_rate=0.01, epochs=3, rng=0)
        list(training)
        assert training.step == 3
    for name, theta in nets[0].params.items():
        np.testing.assert_array_equal(theta, nets[1].params[name])


def test_update_allocates_no_parameter_sized_arrays() -> None:
    params = {"W1": np.ones((400, 300), np.float32)}
    grads = {"W1": np.ones((400, 300), np.float32)}
    optimizer = MaxNorm(SGD(), 1.0)
    state = optimizer.init(params)
    tracemalloc.start()
    optimizer.update(params, grads, state, learning_rate=0.1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < params["W1"].nbytes / 10


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MaxNorm(SGD(), 0), "limit: needs a number above 0, got 0"),
        (lambda: MaxNorm(SGD(), -1), "got -1"),
        (lambda: MaxNorm(SGD(), math.inf), "got inf"),
        (lambda: MaxNorm(SGD(), math.nan), "got nan"),
        (
            lambda: MaxNorm(SGD, 1.0),  # type: ignore[arg-type]
            "optimizer: needs an object with init and update, such as gn.Adam",
        ),
    ],
)
def test_invalid_arguments_are_rejected(build: Callable[[], object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build()
