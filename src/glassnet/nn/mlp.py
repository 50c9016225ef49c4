"""A network from a list of sizes, with fresh parameters."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import ConfigError, canonical, whole_number
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.batch_norm import BatchNorm
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.layers import Dense, Layer
from glassnet.nn.network import Network
from glassnet.nn.noise import Dropout, GaussianNoise
from glassnet.nn.optimizers import check_range
from glassnet.nn.scale import Scale


def mlp(
    sizes: Sequence[int],
    *,
    activation: str | Sequence[str] = "relu",
    initializer: str = "he",
    batch_norm: bool = False,
    dropout: float = 0.0,
    input_dropout: float = 0.0,
    noise: float = 0.0,
    input_scale: float = 1.0,
    gain: float = 1.0,
    bias: float = 0.0,
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
        ``"small"``, ``"he"`` or ``"glorot"``; ``"zeros"`` to see what goes wrong.
    batch_norm : bool
        Whether each hidden layer is normalised over the batch before its activation.
    dropout, input_dropout : float
        Share of the hidden units, and of the inputs, silenced at each step; below 1.
    noise : float
        Standard deviation of the Gaussian noise added to what enters each layer.
    input_scale : float
        What the input is multiplied by, above 0; 255 for pixels as they stand in files.
    gain : float
        What the initialiser's weights are multiplied by, above 0.
    bias : float
        Where the biases of the hidden units start.
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
    check_range("dropout", dropout, below=1)
    check_range("input_dropout", input_dropout, below=1)
    check_range("noise", noise)
    if not (0 < gain < float("inf")):
        raise ConfigError(f"gain: needs a number above 0, got {gain}")
    if not np.isfinite(bias):
        raise ConfigError(f"bias: needs a finite number, got {bias}")
    layers: list[Layer] = [] if input_scale == 1 else [Scale(input_scale)]
    for number, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        rate = dropout if number > 1 else input_dropout
        if rate:
            layers.append(Dropout(rate))
        if noise:
            layers.append(GaussianNoise(noise))
        if number > n_hidden:
            layers.append(Dense(n_in, n_out, "identity", initializer))
        elif batch_norm:
            layers.append(Dense(n_in, n_out, "identity", initializer, has_bias=False))
            layers.append(BatchNorm(n_out, names[number - 1]))
        else:
            layers.append(Dense(n_in, n_out, names[number - 1], initializer))
    network = Network(layers, {})
    for layer, number in zip(layers, network.numbers, strict=True):
        for short, theta in layer.parameters(dtype, rng).items():
            network.params[f"{short}{number}"] = theta
        for short, kept in layer.buffers(dtype).items():
            network.buffers[f"{short}{number}"] = kept
    for name, theta in network.params.items():
        if name.startswith("W"):
            theta *= gain
        elif name.rstrip("0123456789") in ("b", "beta") and name != f"b{n_hidden + 1}":
            theta += bias
    return network
