"""The gradient table: every activation, loss and depth, against central differences in float64.

The differences are taken here, parameter by parameter, and not by glassnet's own checker.
"""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.losses import LOSSES, one_hot
from glassnet.nn.mlp import mlp
from glassnet.nn.network import Network

Array = NDArray[Any]
EPS = 1e-5


def numeric_gradient(net: Network, theta: Array, x: Array, labels: Array, loss: str) -> Array:
    gradient = np.empty_like(theta)
    for index in np.ndindex(theta.shape):
        here, losses = theta[index], []
        for eps in (EPS, -EPS):
            theta[index] = here + eps
            losses.append(LOSSES[loss](net.forward(x)[0], labels)[0])
        theta[index] = here
        gradient[index] = (losses[0] - losses[1]) / (2 * EPS)
    return gradient


@pytest.mark.parametrize("labels_are", ["whole numbers", "one-hot rows"])
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backpropagation_equals_differences(
    activation: str, loss: str, depth: int, labels_are: str
) -> None:
    rng = np.random.default_rng(depth)
    sizes = [6, *[5, 4, 5][:depth], 3]
    net = mlp(sizes, activation=activation, initializer="glorot", dtype=np.float64, rng=rng)
    for name, theta in net.params.items():
        if name.startswith("b"):
            theta[...] = rng.normal(scale=0.3, size=theta.shape)
    x, labels = rng.random((7, 6)), rng.integers(3, size=7)
    if labels_are == "one-hot rows":
        labels = one_hot(labels, 3, np.float64)
    grads = net.empty_grads()
    net.loss_and_grads(x, labels, grads, loss=loss)
    for name, analytic in grads.items():
        numeric = numeric_gradient(net, net.params[name], x, labels, loss)
        norms = np.linalg.norm(analytic), np.linalg.norm(numeric)
        error = np.linalg.norm(analytic - numeric) / sum(norms) if max(norms) > 1e-9 else 0.0
        assert error < 1e-6, f"{name}: {error:.1e}"
        assert max(norms) > 1e-9, f"{name}: nothing was compared"
