"""The network: layers, and one dictionary of named arrays that holds all they have learnt."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from glassnet.errors import ConfigError, canonical, check_range, lookup, whole_number
from glassnet.nn.activations import ACTIVATIONS, softmax
from glassnet.nn.folding import fold
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.layers.batch_norm import BatchNorm, check_order
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.dropout import Dropout
from glassnet.nn.layers.gaussian_noise import GaussianNoise
from glassnet.nn.layers.layer import Layer, LayerBackward, layer_view
from glassnet.nn.layers.scale import Scale
from glassnet.nn.losses import LOSSES, Loss
from glassnet.nn.validation import check_images, to_unit
from glassnet.types import Array, Arrays


class Network:
    """A feedforward network: layers one after the other, logits at the end.

    Parameters
    ----------
    layers : sequence of Dense, BatchNorm, Dropout, GaussianNoise or Scale
        From input to output. The last is a `Dense` whose activation is the identity, since
        softmax belongs to the loss.
    params : dict of str to ndarray
        ``{"W1": (n_in, n_out), "b1": (n_out,), "W2": ...}``, of one dtype. Training writes into
        these arrays. Layers are numbered by their weights: what stands between two of them
        carries the number of the first, as ``gamma1`` does.
    buffers : dict of str to ndarray, optional
        What is kept without being learnt: ``{"mean1": (n_out,), "variance1": (n_out,), ...}`` of
        batch normalisation.

    Raises
    ------
    ConfigError
        If batch normalisation stands anywhere but behind a dense layer with the identity.
    """

    def __init__(
        self, layers: Sequence[Layer], params: Arrays, buffers: Arrays | None = None
    ) -> None:
        check_order(layers)
        self.layers = tuple(layers)
        self.params = params
        self.buffers = {} if buffers is None else buffers

    @property
    def dense(self) -> tuple[Dense, ...]:
        """Return the layers that have weights; the one at index i has number i + 1."""
        return tuple(layer for layer in self.layers if isinstance(layer, Dense))

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return each layer's number: how many layers with weights there are up to it."""
        return tuple(accumulate(int(isinstance(layer, Dense)) for layer in self.layers))

    @property
    def n_in(self) -> int:
        """Return the number of inputs."""
        return self.dense[0].n_in

    @property
    def n_classes(self) -> int:
        """Return the number of outputs."""
        return self.dense[-1].n_out

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the dtype of the parameters, in which everything is computed."""
        return self.params["W1"].dtype

    def __repr__(self) -> str:
        """Return what was built, as a person would draw it."""
        hidden = "".join(f" -> {layer}" for layer in self.layers[:-1])
        n_parameters = sum(theta.size for theta in self.params.values())
        return (
            f"Network({self.n_in}{hidden} -> {self.n_classes} softmax, "
            f"{n_parameters:,} parameters, {self.dtype})"
        )

    def activations(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> Iterator[tuple[Array, LayerBackward]]:
        """Compute layer after layer, from input to output.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch of floats in the network's dtype; never written to.
        training : bool
            Whether noise is added, and batches are normalised by their own statistics, which
            then enter ``buffers``.
        rng : numpy.random.Generator, optional
            Draws the noise.

        Yields
        ------
        a : ndarray, (n, n_out)
            Each layer's output; the last are the logits.
        backward : callable
            The way back through that layer.
        """
        a = x
        for layer, number in zip(self.layers, self.numbers, strict=True):
            params, buffers = layer_view(self.params, number), layer_view(self.buffers, number)
            a, backward = layer.forward(a, params, buffers, training=training, rng=rng)
            yield a, backward

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, LayerBackward]:
        """Compute the logits.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch of floats in the network's dtype; never written to.
        training : bool
            As for `activations`.
        rng : numpy.random.Generator, optional
            As for `activations`.

        Returns
        -------
        logits : ndarray, (n, n_classes)
            Raw outputs.
        backward : callable
            ``backward(dlogits, grads)`` fills `grads`, a dictionary shaped like ``params``. It
            owns ``dlogits``.
        """
        steps = list(self.activations(x, training=training, rng=rng))
        numbers, first = self.numbers, self.numbers.index(1)
        logits = steps[-1][0]

        def backward(dlogits: Array, grads: Arrays) -> None:
            da: Array | None = dlogits
            for place in range(len(steps) - 1, first - 1, -1):  # from the last layer to the first
                # Nobody needs the gradient of the input: it would cost up to half of the
                # first layer's products.
                da = steps[place][1](da, layer_view(grads, numbers[place]), needs_dx=place > first)

        return logits, backward

    def loss_and_grads(
        self,
        x: Array,
        labels: Array,
        grads: Arrays,
        *,
        loss: str | Loss = "cross_entropy",
        rng: np.random.Generator | None = None,
    ) -> float:
        """Run forward, loss and backward once, as training does.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch of floats in the network's dtype.
        labels : ndarray, (n,) int or (n, n_classes)
            The truth.
        grads : dict of str to ndarray
            Arrays shaped like ``params``; overwritten.
        loss : str or callable
            A key of ``LOSSES``, or such a function.
        rng : numpy.random.Generator, optional
            Draws the noise of a network that has any.

        Returns
        -------
        float
            Mean loss over the batch.
        """
        loss_function = loss if callable(loss) else lookup("loss", LOSSES, loss)
        logits, backward = self.forward(x, training=True, rng=rng)
        value, dlogits = loss_function(logits, labels)
        backward(dlogits, grads)
        return value

    def empty_grads(self) -> Arrays:
        """Allocate a dictionary for the gradients.

        Returns
        -------
        dict of str to ndarray
            Zeros, shaped like ``params``.
        """
        return {name: np.zeros_like(theta) for name, theta in self.params.items()}

    def copy(self) -> "Network":
        """Copy the network with its arrays.

        Returns
        -------
        Network
            The same numbers, in memory of its own.
        """
        params, buffers = (
            {name: array.copy() for name, array in arrays.items()}
            for arrays in (self.params, self.buffers)
        )
        return Network(self.layers, params, buffers)

    def for_inference(self) -> "Network":
        """Leave out what only training needs.

        Returns
        -------
        Network
            Dense layers alone, each with a bias, which compute the same; this network itself
            where nothing is to fold.
        """
        if all(isinstance(layer, Dense) and layer.has_bias for layer in self.layers):
            return self
        return Network(*fold(self.layers, self.params, self.buffers))

    def predict_proba(self, X: ArrayLike, *, batch_size: int = 1000) -> Array:
        """Tell how probable each class is.

        Parameters
        ----------
        X : array-like, (n, n_in) or (n, height, width)
            Whole numbers 0 to 255, or floats in [0, 1].
        batch_size : int
            Images taken through the network together.

        Returns
        -------
        ndarray, (n, n_classes)
            Probabilities; each row sums to 1.

        Raises
        ------
        ShapeError, DataError
            If `X` is not such images.
        """
        rows = check_images(X, self.n_in)
        network = self.for_inference()
        probabilities = np.empty((len(rows), self.n_classes), self.dtype)
        for start in range(0, len(rows), batch_size):
            batch = slice(start, start + batch_size)
            # Layer by layer, not by forward, which would keep every activation for the way back.
            for a, _ in network.activations(to_unit(rows[batch], self.dtype)):
                logits = a
            probabilities[batch], _ = softmax(logits)
        return probabilities

    def predict(self, X: ArrayLike) -> Array:
        """Name the most probable class.

        Parameters
        ----------
        X : array-like, (n, n_in) or (n, height, width)
            Whole numbers 0 to 255, or floats in [0, 1].

        Returns
        -------
        ndarray of int, (n,)
            Classes.
        """
        classes: Array = self.predict_proba(X).argmax(axis=1)
        return classes


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
