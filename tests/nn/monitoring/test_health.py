"""Dead and saturated units, counted in layers with known shares."""

import numpy as np
import pytest

from glassnet.nn.mlp import mlp
from glassnet.nn.monitoring.health import measure_health


def test_dead_relus_are_counted() -> None:
    net = mlp([3, 4, 5, 2], dtype=np.float64, rng=0)
    net.params["W1"][...] = 1
    net.params["b1"][...] = [0, -10, -10, -10]  # three of four are off for inputs below 3
    net.params["b2"][...] = 100  # none is off
    health = measure_health(net, np.random.default_rng(0).random((50, 3)))
    assert health.dead == (0.75, 0.0)
    assert health.saturated_units == (0.0, 0.0)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_saturated_units_are_counted_at_both_ends(activation: str) -> None:
    net = mlp([3, 4, 2], activation=activation, dtype=np.float64, rng=0)
    net.params["W1"][...] = 0.1
    net.params["b1"][...] = [0, 20, -20, 0.1]
    health = measure_health(net, np.random.default_rng(0).random((50, 3)))
    assert health.saturated_units == (0.5,)
    assert health.dead == (0.0,)


def test_unit_that_saturates_for_half_of_the_images_is_not_saturated() -> None:
    net = mlp([1, 1, 2], activation="sigmoid", dtype=np.float64, rng=0)
    net.params["W1"][...] = 40
    net.params["b1"][...] = -20
    half = np.array([[0.0]] * 5 + [[0.5]] * 5)
    assert measure_health(net, half).saturated_units == (0.0,)
    assert measure_health(net, half[:5]).saturated_units == (1.0,)


def test_network_without_hidden_layers_has_no_shares() -> None:
    health = measure_health(mlp([3, 2], rng=0), np.zeros((4, 3), np.float32))
    assert health.dead == health.saturated_units == ()


def test_relu_that_is_off_for_some_images_is_not_dead() -> None:
    net = mlp([1, 1, 2], dtype=np.float64, rng=0)
    net.params["W1"][...] = 1
    net.params["b1"][...] = -0.5
    assert measure_health(net, np.array([[0.0], [1.0]])).dead == (0.0,)
    assert measure_health(net, np.array([[0.0], [0.5]])).dead == (1.0,)
