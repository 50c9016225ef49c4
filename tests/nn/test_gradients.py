"""Gradients for every layer, activation, loss and depth, compared with central differences.

In float64. The differences are computed here, parameter by parameter, without glassnet's gradient
check.
"""

from typing import Any

import numpy as np
import pytest

from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.losses import LOSSES, one_hot, smooth
from glassnet.nn.mlp import mlp
from glassnet.nn.network import Network
from glassnet.types import Array

EPS = 1e-5
NOISE_SEED = 11  # the same noise each time: other noise would be mistaken for a slope

MIXTURES: dict[str, dict[str, Any]] = {
    "batch norm": {"batch_norm": True},
    "dropout": {"dropout": 0.3, "input_dropout": 0.2},
    "noise": {"noise": 0.4},
    "all": {"batch_norm": True, "dropout": 0.3, "input_dropout": 0.2, "noise": 0.4},
}


def numeric_gradient(net: Network, theta: Array, x: Array, labels: Array, loss: str) -> Array:
    gradient = np.empty_like(theta)
    for index in np.ndindex(theta.shape):
        here, losses = theta[index], []
        for eps in (EPS, -EPS):
            theta[index] = here + eps
            rng = np.random.default_rng(NOISE_SEED)
            losses.append(LOSSES[loss](net.forward(x, training=True, rng=rng)[0], labels)[0])
        theta[index] = here
        gradient[index] = (losses[0] - losses[1]) / (2 * EPS)
    return gradient


def compare(net: Network, x: Array, labels: Array, loss: str, idle: tuple[str, ...] = ()) -> None:
    grads = {name: np.full_like(theta, np.nan) for name, theta in net.params.items()}
    net.loss_and_grads(x, labels, grads, loss=loss, rng=np.random.default_rng(NOISE_SEED))
    for name, analytic in grads.items():
        numeric = numeric_gradient(net, net.params[name], x, labels, loss)
        norms = np.linalg.norm(analytic), np.linalg.norm(numeric)
        error = np.linalg.norm(analytic - numeric) / sum(norms) if max(norms) > 1e-9 else 0.0
        assert error < 1e-6, f"{name}: {error:.1e}"
        assert bool(max(norms) > 1e-9) is (name not in idle), f"{name}: nothing was compared"


def move_vectors(net: Network, rng: np.random.Generator) -> None:
    """Move biases from 0 and scales from 1, where a wrong factor would go unnoticed."""
    for theta in net.params.values():
        if theta.ndim == 1:
            theta += rng.normal(scale=0.3, size=theta.shape)


@pytest.mark.parametrize("labels_are", ["integers", "one-hot rows"])
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backpropagation_matches_central_differences(
    activation: str, loss: str, depth: int, labels_are: str
) -> None:
    rng = np.random.default_rng(depth)
    sizes = [6, *[5, 4, 5][:depth], 3]
    net = mlp(sizes, activation=activation, initializer="glorot", dtype=np.float64, rng=rng)
    move_vectors(net, rng)
    x, labels = rng.random((7, 6)), rng.integers(3, size=7)
    if labels_are == "one-hot rows":
        labels = one_hot(labels, 3, np.float64)
    compare(net, x, labels, loss)


@pytest.mark.parametrize("labels_are", ["integers", "smoothed"])
@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("mixture", MIXTURES)
def test_gradients_with_batch_norm_and_noise_match_central_differences(
    mixture: str, activation: str, loss: str, labels_are: str
) -> None:
    rng = np.random.default_rng(1)
    net = mlp(
        [6, 8, 6, 3],
        activation=activation,
        initializer="glorot",
        dtype=np.float64,
        rng=rng,
        **MIXTURES[mixture],
    )
    move_vectors(net, rng)
    x, labels = rng.random((12, 6)), rng.integers(3, size=12)
    if labels_are == "smoothed":
        labels = smooth(labels, 3, 0.2, np.float64)
    # Without an activation in between, the second batch normalisation cancels the shift.
    is_idle = mixture == "batch norm" and activation == "identity"
    compare(net, x, labels, loss, idle=("beta1",) if is_idle else ())
