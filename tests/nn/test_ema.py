"""Moving average of the weights: its values, and its independence from training."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from glassnet.nn.losses import cross_entropy
from glassnet.nn.mlp import mlp
from glassnet.nn.monitoring.evaluation import evaluate_loss
from glassnet.nn.optimizers import update_ema
from glassnet.nn.training import train
from glassnet.types import Array


def examples() -> tuple[Array, Array]:
    rng = np.random.default_rng(3)
    return rng.random((40, 5)), rng.integers(3, size=40)


def test_average_matches_values_computed_by_hand() -> None:
    network = mlp([2, 3, 2], batch_norm=True, dtype=np.float64, rng=0)
    average = network.copy()
    for array in (average.params | average.buffers).values():
        array[...] = 1
    steps = [
        (0, 3, 2.8),  # d = 1/10: 0.1 x 1 + 0.9 x 3
        (1, 5, 4.6),  # d = 2/11: (2 x 2.8 + 9 x 5) / 11
        (8, 0, 2.3),  # d = 9/18, which is the decay
        (9, 0.3, 1.3),  # d = 10/19 would be more than the decay
        (10_000, 0.5, 0.9),
    ]
    for step, newest, expected in steps:
        for array in (network.params | network.buffers).values():
            array[...] = newest
        update_ema(average.params, network.params, 0.5, step)
        update_ema(average.buffers, network.buffers, 0.5, step)
        for name, array in (average.params | average.buffers).items():
            np.testing.assert_allclose(array, expected, rtol=1e-12, err_msg=name)


def test_average_of_constant_weights_is_exact() -> None:
    network = mlp([20, 30, 3], batch_norm=True, rng=0)
    average = network.copy()
    for step in range(50):
        update_ema(average.params, network.params, 0.999, step)
        update_ema(average.buffers, network.buffers, 0.999, step)
    for name, theta in network.params.items():
        np.testing.assert_array_equal(average.params[name], theta)


def test_update_allocates_no_parameter_sized_arrays() -> None:
    network = mlp([400, 300, 3], rng=0)
    average = network.copy()
    held = dict(average.params)
    tracemalloc.start()
    update_ema(average.params, network.params, 0.9, 100)
    update_ema(average.buffers, network.buffers, 0.9, 100)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < network.params["W1"].nbytes / 10
    assert all(average.params[name] is held[name] for name in held)


def test_average_is_evaluated_and_does_not_affect_training() -> None:
    X, y = examples()
    net, twin = (mlp([5, 8, 3], batch_norm=True, dropout=0.2, rng=0) for _ in range(2))
    options: dict[str, Any] = {"epochs": 3, "batch_size": 16, "learning_rate": 0.3, "rng": 0}
    training = train(net, (X, y), validation=(X, y), ema_decay=0.9, full_pass=True, **options)
    records = list(training)
    plain = train(twin, (X, y), **options)
    list(plain)
    assert plain.trained is twin
    for name, array in (net.params | net.buffers).items():
        np.testing.assert_array_equal(array, (twin.params | twin.buffers)[name])
    average = training.trained
    assert average is not net
    assert not np.allclose(average.params["W1"], net.params["W1"], rtol=1e-3)
    assert not np.allclose(average.buffers["mean1"], net.buffers["mean1"], rtol=1e-3)
    loss, accuracy = evaluate_loss(average, X.astype(np.float32), y, cross_entropy)
    assert records[-1].validation_loss == pytest.approx(loss, rel=1e-5)
    assert records[-1].train_loss == pytest.approx(loss, rel=1e-5)
    assert records[-1].validation_accuracy == accuracy


def test_average_with_zero_decay_equals_the_latest_weights() -> None:
    net = mlp([5, 8, 3], batch_norm=True, rng=0)
    training = train(net, examples(), epochs=2, batch_size=16, ema_decay=0.0, rng=0)
    list(training)
    for name, array in (net.params | net.buffers).items():
        average = training.trained.params | training.trained.buffers
        np.testing.assert_array_equal(average[name], array)
