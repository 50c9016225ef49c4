"""A network from a list of sizes, with fresh parameters."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import ConfigError, canonical, whole_number
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.layers import Arrays, Dense
from glassnet.nn.network import Network


def mlp(
    sizes: Sequence[int],
    *,
    activation: str | Sequence[str] = "relu",
    initializer: str = "he",
    dtype: DTypeLike = np.float32,
    rng: np.random.Generator | int,
) -> Network:
    """Build a multilayer perceptron with fresh parameters.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, hidden units of each layer, classes: ``[784, 128, 10]``.
    activation : str or sequence of str
        Of the hidden layers: one name for all, or one each.
    initializer : str
        ``"small"``, ``"he"`` or ``"glorot"``.
    dtype : dtype
        float32 to train, float64 to check gradients.
    rng : numpy.random.Generator or int
        Draws the weights; an int is a seed.

    Returns
    -------
    Network
        Untrained.

    Raises
    ------
    ConfigError
        If a size is not a whole number above 0, or a name is unknown.

    Examples
    --------
    >>> mlp([784, 128, 10], rng=0)
    Network(784 -> 128 relu -> 10 softmax, 101,770 parameters, float32)
    """
    sizes = [whole_number("sizes", size, 1) for size in sizes]
    if len(sizes) < 2:
        raise ConfigError(f"sizes: need inputs, hidden units, classes, got {sizes}")
    n_hidden = len(sizes) - 2
    names = [activation] * n_hidden if isinstance(activation, str) else list(activation)
    if len(names) != n_hidden:
        raise ConfigError(
            f"activation: need one name, or one for each of {n_hidden} hidden layers, got {names}"
        )
    initializer = canonical("initializer", INITIALIZERS, initializer)
    names = [canonical("activation", ACTIVATIONS, name) for name in names]
    if np.dtype(dtype).kind != "f":
        raise ConfigError(f"dtype: needs floating-point numbers, got {np.dtype(dtype)}")
    rng = np.random.default_rng(rng)
    layers: list[Dense] = []
    params: Arrays = {}
    for number, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        layer = Dense(n_in, n_out, [*names, "identity"][number - 1], initializer)
        layers.append(layer)
        for short, theta in layer.parameters(dtype, rng).items():
            params[f"{short}{number}"] = theta
    return Network(layers, params)
