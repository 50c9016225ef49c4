"""Network: layers in sequence, with their arrays in two dictionaries."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from glassnet.errors import ConfigError, check_range, lookup, whole_number
from glassnet.nn.activations import softmax
from glassnet.nn.layers.batch_norm import BatchNorm
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.dropout import Dropout
from glassnet.nn.layers.gaussian_noise import GaussianNoise
from glassnet.nn.layers.layer import BoundLayer, Layer, LayerBackward, layer_view
from glassnet.nn.layers.scale import Scale
from glassnet.nn.losses import LOSSES, Loss
from glassnet.nn.validation import check_images, to_unit
from glassnet.types import Array, Arrays


class Network:
    """A feedforward network: layers in sequence, from the input to the logits.

    Made by `build` or `mlp`. The last layer has the identity as its activation, since softmax
    belongs to the loss.

    Parameters
    ----------
    bound_layers : sequence of BoundLayer
        Layers with their numbers and arrays.

    Attributes
    ----------
    layers : tuple of Layer
        From input to output.
    numbers : tuple of int
        Number of each layer, from 1. Consecutive layers share a number until one of them is of
        a class, or has an array of a name, that the number already has.
    params : dict of str to ndarray
        ``{"W1": (n_in, n_out), "b1": (n_out,), "W2": ...}``, of one dtype: a layer's short names
        with its number. Training writes into these arrays.
    buffers : dict of str to ndarray
        Arrays that are kept but not learned, such as ``{"mean1": (n_out,), ...}`` of batch
        normalisation.

    Raises
    ------
    ConfigError
        If an object is not a layer, or two layers do not fit together.
    """

    def __init__(self, bound_layers: Sequence[BoundLayer]) -> None:
        self.layers = tuple(bound.layer for bound in bound_layers)
        self.numbers = tuple(bound.number for bound in bound_layers)
        _check_layers(self.layers)
        self.params: Arrays = {}
        self.buffers: Arrays = {}
        self._names: list[tuple[dict[str, str], dict[str, str]]] = []
        for bound in bound_layers:
            params, buffers = (
                {letter: f"{letter}{bound.number}" for letter in arrays}
                for arrays in (bound.params, bound.buffers)
            )
            self._names.append((params, buffers))
            self.params |= {params[letter]: theta for letter, theta in bound.params.items()}
            self.buffers |= {buffers[letter]: kept for letter, kept in bound.buffers.items()}

    @classmethod
    def build(
        cls,
        layers: Sequence[Layer],
        *,
        dtype: DTypeLike = np.float32,
        rng: np.random.Generator | int,
    ) -> "Network":
        """Build a network from layers, with fresh parameters.

        Parameters
        ----------
        layers : sequence of Layer
            From input to output.
        dtype : dtype
            float32 to train, float64 to check gradients.
        rng : numpy.random.Generator or int
            Source of randomness for the initial weights; an int is a seed.

        Returns
        -------
        Network
            Untrained.

        Raises
        ------
        ConfigError
            If an object is not a layer, two layers do not fit together, or `dtype` is not a
            floating-point type.

        Examples
        --------
        >>> import glassnet as gn
        >>> gn.Network.build([gn.Dense(784, 32, "relu"), gn.Dropout(0.2), gn.Dense(32, 10)], rng=0)
        Network(784 -> 32 relu -> dropout 0.2 -> 10 softmax, 25,450 parameters, float32)
        """
        if np.dtype(dtype).kind != "f":
            raise ConfigError(f"dtype: needs floating-point numbers, got {np.dtype(dtype)}")
        _check_layers(layers)
        rng = np.random.default_rng(rng)
        bound_layers, number, taken = [], 1, set[object]()
        for layer in layers:
            params, buffers = layer.parameters(dtype, rng), layer.buffers(dtype)
            claimed = {type(layer), *params, *buffers}
            if claimed & taken:
                number, taken = number + 1, set()
            taken |= claimed
            bound_layers.append(BoundLayer(layer, number, params, buffers))
        return cls(bound_layers)

    @property
    def bound_layers(self) -> tuple[BoundLayer, ...]:
        """Return each layer with its number and its arrays, the network's own."""
        return tuple(
            BoundLayer(
                layer, number, layer_view(self.params, params), layer_view(self.buffers, buffers)
            )
            for layer, number, (params, buffers) in zip(
                self.layers, self.numbers, self._names, strict=True
            )
        )

    @property
    def dense(self) -> tuple[Dense, ...]:
        """Return the dense layers."""
        return tuple(layer for layer in self.layers if isinstance(layer, Dense))

    @property
    def n_in(self) -> int:
        """Return the number of inputs: that of the first layer that has one."""
        return next(int(n) for layer in self.layers if (n := getattr(layer, "n_in", None)))

    @property
    def n_classes(self) -> int:
        """Return the number of outputs: that of the last layer that has one."""
        return next(
            int(n) for layer in reversed(self.layers) if (n := getattr(layer, "n_out", None))
        )

    @property
    def n_parameters(self) -> int:
        """Return the number of learnable parameters."""
        return sum(theta.size for theta in self.params.values())

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the dtype of the parameters, in which everything is computed."""
        return next(iter(self.params.values())).dtype

    def __repr__(self) -> str:
        """Return the layers in sequence, the number of parameters and the dtype."""
        hidden = "".join(f" -> {layer}" for layer in self.layers[:-1])
        return (
            f"Network({self.n_in}{hidden} -> {self.n_classes} softmax, "
            f"{self.n_parameters:,} parameters, {self.dtype})"
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
            Source of the noise.

        Yields
        ------
        a : ndarray, (n, n_out)
            Output of each layer; the last are the logits.
        backward : callable
            Backward function of that layer.
        """
        a = x
        for layer, (params, buffers) in zip(self.layers, self._names, strict=True):
            a, backward = layer.forward(
                a,
                layer_view(self.params, params),
                layer_view(self.buffers, buffers),
                training=training,
                rng=rng,
            )
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
            ``backward(dlogits, grads, needs_dx=False)`` fills `grads`, a dictionary shaped like
            ``params``, and returns dL/dx where it is needed. It owns ``dlogits``.
        """
        steps = list(self.activations(x, training=training, rng=rng))
        logits = steps[-1][0] if steps else x
        first = next((i for i, (params, _) in enumerate(self._names) if params), len(steps))

        def backward(dlogits: Array, grads: Arrays, *, needs_dx: bool = False) -> Array | None:
            da: Array | None = dlogits
            # The gradient of the input is rarely needed; it would cost up to half of the first
            # layer's products.
            last = 0 if needs_dx else first
            for place in reversed(range(last, len(steps))):
                own = layer_view(grads, self._names[place][0])
                if place == first and not needs_dx:
                    da = steps[place][1](da, own, needs_dx=False)
                else:
                    da = steps[place][1](da, own)
            return da if needs_dx else None

        return logits, backward

    def loss_and_grads(
        self,
        x: Array,
        labels: Array,
        grads: Arrays,
        *,
        loss: str | Loss = "cross_entropy",
        training: bool = True,
        rng: np.random.Generator | None = None,
    ) -> float:
        """Compute the loss and its gradients: forward, loss, backward.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch of floats in the network's dtype.
        labels : ndarray, (n,) int or (n, n_classes)
            Correct classes, or rows of a distribution.
        grads : dict of str to ndarray
            Arrays shaped like ``params``; overwritten.
        loss : str or callable
            A key of ``LOSSES``, or a function ``(logits, labels) -> (loss, dlogits)``.
        training : bool
            False for the gradients of the network as inference computes it.
        rng : numpy.random.Generator, optional
            Source of the noise.

        Returns
        -------
        float
            Mean loss over the batch.
        """
        loss_function = loss if callable(loss) else lookup("loss", LOSSES, loss)
        logits, backward = self.forward(x, training=training, rng=rng)
        value, dlogits = loss_function(logits, labels)
        backward(dlogits, grads)
        return value

    def empty_grads(self) -> Arrays:
        """Allocate a dictionary of gradients: zeros, shaped like ``params``."""
        return {name: np.zeros_like(theta) for name, theta in self.params.items()}

    def group_by_number(self, arrays: Arrays) -> dict[int, list[Array]]:
        """Return the arrays of a dictionary shaped like ``params``, grouped by layer number."""
        groups: dict[int, list[Array]] = {}
        for number, (names, _) in zip(self.numbers, self._names, strict=True):
            if names:
                groups.setdefault(number, []).extend(arrays[name] for name in names.values())
        return groups

    def copy(self) -> "Network":
        """Return a network with copies of the arrays."""
        return self._with_arrays(np.copy)

    def astype(self, dtype: DTypeLike) -> "Network":
        """Return a network with the arrays converted to another dtype, copies in any case."""
        return self._with_arrays(lambda array: array.astype(dtype))

    def _with_arrays(self, convert: Callable[[Array], Array]) -> "Network":
        return Network(
            [
                bound._replace(
                    params={letter: convert(theta) for letter, theta in bound.params.items()},
                    buffers={letter: convert(kept) for letter, kept in bound.buffers.items()},
                )
                for bound in self.bound_layers
            ]
        )

    def for_inference(self) -> "Network":
        """Fuse and remove the layers that only training needs.

        Returns
        -------
        Network
            Batch normalisation and scale are fused into dense layers, noise is removed; a layer
            that cannot be fused stays. This network itself where nothing changes.
        """
        own = self.bound_layers
        fused: list[BoundLayer] = []
        for bound in own:
            fused[-1:] = bound.layer.fuse(bound, fused[-1:])
        is_same = len(fused) == len(own) and all(a is b for a, b in zip(fused, own, strict=True))
        return self if is_same else Network(fused)

    def predict_proba(self, X: ArrayLike, *, batch_size: int = 1000) -> Array:
        """Compute the probability of each class.

        Parameters
        ----------
        X : array-like, (n, n_in) or (n, height, width)
            Integers 0 to 255, or floats in [0, 1].
        batch_size : int
            Images in one forward pass.

        Returns
        -------
        ndarray, (n, n_classes)
            Probabilities; each row sums to 1.

        Raises
        ------
        ShapeError, DataError
            If `X` has another shape or range.
        """
        rows = check_images(X, self.n_in)
        network = self.for_inference()
        probabilities = np.empty((len(rows), self.n_classes), self.dtype)
        for start in range(0, len(rows), batch_size):
            batch = slice(start, start + batch_size)
            # Not by forward, which would keep every activation for the backward pass.
            for a, _ in network.activations(to_unit(rows[batch], self.dtype)):
                logits = a
            probabilities[batch], _ = softmax(logits)
        return probabilities

    def predict(self, X: ArrayLike) -> Array:
        """Return the most probable class of each image, (n,) int; `X` as for `predict_proba`."""
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
        Activation of the hidden layers: one name for all, or one each.
    initializer : str
        ``"small"``, ``"he"``, ``"glorot"`` or ``"zeros"``.
    batch_norm : bool
        Whether each hidden layer is normalised over the batch before its activation.
    dropout, input_dropout : float
        Share of the hidden units, and of the inputs, zeroed at each step; below 1.
    noise : float
        Standard deviation of the Gaussian noise added before each dense layer.
    input_scale : float
        Factor of the input, above 0; 255 restores the pixels of the file.
    gain : float
        Factor of the initial weights, above 0.
    bias : float
        Initial value of the hidden units' biases.
    dtype : dtype
        float32 to train, float64 to check gradients.
    rng : numpy.random.Generator or int
        Source of randomness for the initial weights; an int is a seed.

    Returns
    -------
    Network
        Untrained.

    Raises
    ------
    ConfigError
        If a size is not a whole number above 0, a name is unknown, or a number is out of range.

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
    check_range("dropout", dropout, below=1)
    check_range("input_dropout", input_dropout, below=1)
    check_range("noise", noise)
    if not (0 < gain < float("inf")):
        raise ConfigError(f"gain: needs a number above 0, got {gain}")
    if not (0 < input_scale < float("inf")):
        raise ConfigError(f"input_scale: needs a number above 0, got {input_scale}")
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


def _check_layers(layers: Sequence[Layer]) -> None:
    """Raise ConfigError if an object is not a layer, or a layer needs other inputs than it gets."""
    if not any(getattr(layer, "n_in", None) for layer in layers):
        raise ConfigError(
            "layers: needs at least one with n_in and n_out, such as gn.Dense, got none"
        )
    for place, layer in enumerate(layers, start=1):
        methods = ("parameters", "buffers", "forward", "fuse")
        missing = [name for name in methods if not hasattr(layer, name)]
        if isinstance(layer, type) or missing:
            raise ConfigError(
                f"layers: layer {place} needs to be an object such as gn.Dense(784, 10) or of a "
                f"subclass of gn.Layer, got {layer!r}"
            )
    for place, (before, after) in enumerate(pairwise(layers), start=2):
        n_out, n_in = getattr(before, "n_out", None), getattr(after, "n_in", None)
        if n_out is not None and n_in is not None and n_out != n_in:
            raise ConfigError(
                f"layers: layer {place}, {after}, needs {n_in} inputs, layer {place - 1} gives "
                f"{n_out}"
            )
