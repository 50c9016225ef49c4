"""Multilayer perceptrons, built from layer sizes and options."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import ConfigError, check_positive, check_range, whole_number
from glassnet.nn.layers.batch_norm import BatchNorm
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.dropout import Dropout
from glassnet.nn.layers.gaussian_noise import GaussianNoise
from glassnet.nn.layers.layer import Layer
from glassnet.nn.layers.scale import Scale
from glassnet.nn.network import Network
from glassnet.types import Rng


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
    rng: Rng | int,
) -> Network:
    """Build a multilayer perceptron with freshly initialised parameters.

    `dtype` and `rng` are those of `Network.build`.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of inputs, of units in each hidden layer, and of classes: ``[784, 128, 10]``.
    activation : str or sequence of str
        Activation of all hidden layers, or one for each; see `Dense`.
    initializer : str
        Distribution of the initial weights; see `Dense`.
    batch_norm : bool
        Whether to normalise each hidden layer over the batch, before its activation.
    dropout, input_dropout : float
        Probabilities of zeroing a hidden unit and an input in training; each in [0, 1).
    noise : float
        Standard deviation of the Gaussian noise added before each dense layer in training.
    input_scale : float
        Factor applied to the input, above 0; 255 restores integer pixels.
    gain : float
        Factor applied to the initial weights, above 0.
    bias : float
        Initial value of the biases of hidden units.

    Raises
    ------
    ConfigError
        If a size is not a whole number above 0, a name is unknown, or a number is out of range.

    Examples
    --------
    >>> import glassnet as gn
    >>> gn.mlp([784, 128, 10], rng=0)
    Network(784 -> 128 relu -> 10 softmax, 101,770 parameters, float32)
    >>> gn.mlp([784, 64, 32, 10], activation=["tanh", "relu"], rng=0)
    Network(784 -> 64 tanh -> 32 relu -> 10 softmax, 52,650 parameters, float32)
    """
    sizes = [whole_number("sizes", size, 1) for size in sizes]
    if len(sizes) < 2:
        raise ConfigError(
            f"sizes: need at least two, the numbers of inputs and of classes, got {sizes}"
        )
    n_hidden = len(sizes) - 2
    names = [activation] * n_hidden if isinstance(activation, str) else list(activation)
    if len(names) != n_hidden:
        raise ConfigError(
            f"activation: needs one name, or one for each of {n_hidden} hidden layers, got {names}"
        )
    check_range("dropout", dropout, below=1)
    check_range("input_dropout", input_dropout, below=1)
    check_range("noise", noise)
    check_positive("gain", gain)
    check_positive("input_scale", input_scale)
    if not np.isfinite(bias):
        raise ConfigError(f"bias: needs a finite number, got {bias}")
    layers: list[Layer] = [] if input_scale == 1 else [Scale(input_scale)]
    for number, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        rate = dropout if number > 1 else input_dropout
        layers += [Dropout(rate)] if rate else []
        layers += [GaussianNoise(noise)] if noise else []
        if number > n_hidden:
            layers.append(Dense(n_in, n_out, initializer=initializer))
        elif batch_norm:
            layers.append(Dense(n_in, n_out, initializer=initializer, has_bias=False))
            layers.append(BatchNorm(n_out, names[number - 1]))
        else:
            layers.append(Dense(n_in, n_out, names[number - 1], initializer=initializer))
    network = Network.build(layers, dtype=dtype, rng=rng)
    for bound in network.bound_layers:
        for letter, theta in bound.params.items():
            if letter == "W":
                theta *= gain
            elif letter in ("b", "beta") and bound.layer is not layers[-1]:
                theta += bias
    return network
