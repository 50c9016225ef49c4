"""Network: layers in sequence, with their arrays in two dictionaries."""

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from glassnet.errors import ConfigError, lookup
from glassnet.nn.activations import softmax
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.layer import BoundLayer, Layer, LayerBackward, check_layers, layer_view
from glassnet.nn.losses import LOSSES, Loss
from glassnet.nn.validation import check_images, to_unit
from glassnet.types import Array, Arrays, Rng


class Network:
    """Feedforward network: layers in sequence, from the input to the logits.

    Networks are created by `mlp` and `Network.build`. The last layer returns logits and has no
    activation, since softmax is part of the loss.

    Attributes
    ----------
    layers : tuple of Layer
        Layers from input to output.
    numbers : tuple of int
        Number of each layer, from 1. Consecutive layers share a number, such as a dense layer and
        its batch normalisation, unless that would repeat a class or the name of an array.
    params : dict of str to ndarray
        ``{"W1": (n_in, n_out), "b1": (n_out,), "W2": ...}``, all of one dtype: each name is the
        layer's, followed by its number. Training updates the arrays in place.
    buffers : dict of str to ndarray
        Arrays that are not learned, such as ``{"mean1": (n_out,), ...}`` of batch normalisation.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> net = gn.mlp([784, 128, 10], rng=0)
    >>> net
    Network(784 -> 128 relu -> 10 softmax, 101,770 parameters, float32)
    >>> {name: theta.shape for name, theta in net.params.items()}
    {'W1': (784, 128), 'b1': (128,), 'W2': (128, 10), 'b2': (10,)}
    >>> net.predict_proba(np.zeros((3, 28, 28), np.uint8)).shape
    (3, 10)
    """

    def __init__(self, bound_layers: Sequence[BoundLayer]) -> None:
        self.layers = tuple(bound.layer for bound in bound_layers)
        self.numbers = tuple(bound.number for bound in bound_layers)
        check_layers(self.layers)
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
        cls, layers: Sequence[Layer], *, dtype: DTypeLike = np.float32, rng: Rng | int
    ) -> "Network":
        """Build a network from layers, with freshly initialised parameters.

        Parameters
        ----------
        layers : sequence of Layer
            Layers from input to output.
        dtype : dtype
            float32 for training, float64 for gradient checks.
        rng : numpy.random.Generator or int
            Source of randomness for the initial weights; an int is a seed.

        Raises
        ------
        ConfigError
            If an object is not a layer, the sizes of two layers do not match, or `dtype` is not a
            floating-point type.

        Examples
        --------
        >>> import glassnet as gn
        >>> gn.Network.build([gn.Dense(784, 32, "relu"), gn.Dropout(0.2), gn.Dense(32, 10)], rng=0)
        Network(784 -> 32 relu -> dropout 0.2 -> 10 softmax, 25,450 parameters, float32)
        """
        if np.dtype(dtype).kind != "f":
            raise ConfigError(f"dtype: needs floating-point numbers, got {np.dtype(dtype)}")
        check_layers(layers)
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
        """Layers with their numbers and the network's own arrays, not copies."""
        return tuple(
            BoundLayer(layer, number, layer_view(self.params, p), layer_view(self.buffers, b))
            for layer, number, (p, b) in zip(self.layers, self.numbers, self._names, strict=True)
        )

    @property
    def dense(self) -> tuple[Dense, ...]:
        """Dense layers, from input to output."""
        return tuple(layer for layer in self.layers if isinstance(layer, Dense))

    @property
    def n_in(self) -> int:
        """Number of inputs: ``n_in`` of the first layer that has one."""
        return next(int(n) for layer in self.layers if (n := getattr(layer, "n_in", None)))

    @property
    def n_classes(self) -> int:
        """Number of classes: ``n_out`` of the last layer that has one."""
        return next(
            int(n) for layer in reversed(self.layers) if (n := getattr(layer, "n_out", None))
        )

    @property
    def n_parameters(self) -> int:
        """Number of learnable parameters."""
        return sum(theta.size for theta in self.params.values())

    @property
    def dtype(self) -> np.dtype[Any]:
        """Data type of the parameters and of all computations."""
        return next(iter(self.params.values())).dtype

    def __repr__(self) -> str:
        """Return the layers in sequence, the number of parameters and the dtype."""
        hidden = "".join(f" -> {layer}" for layer in self.layers[:-1])
        return (
            f"Network({self.n_in}{hidden} -> {self.n_classes} softmax, "
            f"{self.n_parameters:,} parameters, {self.dtype})"
        )

    def activations(
        self, x: Array, *, training: bool = False, rng: Rng | None = None
    ) -> Iterator[tuple[Array, LayerBackward]]:
        """Yield the output and the backward function of each layer, from first to last.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch of floats in the network's dtype; not modified.
        training : bool
            Whether to add noise, to normalise by the statistics of the batch, and to update the
            running statistics in ``buffers``.
        rng : numpy.random.Generator, optional
            Source of the noise, needed in training if a layer has any.

        Yields
        ------
        a : ndarray, (n, n_out)
            Output of the layer; the last one is the logits.
        backward : callable
            Backward function of the layer; see `Layer.forward`.

        Examples
        --------
        >>> import numpy as np, glassnet as gn
        >>> net = gn.mlp([784, 128, 64, 10], rng=0)
        >>> [a.shape for a, _ in net.activations(np.zeros((5, 784), np.float32))]
        [(5, 128), (5, 64), (5, 10)]
        """
        a = x
        for layer, _, params, buffers in self.bound_layers:
            a, backward = layer.forward(a, params, buffers, training=training, rng=rng)
            yield a, backward

    def forward(
        self, x: Array, *, training: bool = False, rng: Rng | None = None
    ) -> tuple[Array, LayerBackward]:
        """Compute the logits for a batch; the parameters are those of `activations`.

        Returns
        -------
        logits : ndarray, (n, n_classes)
            Raw outputs of the last layer.
        backward : callable
            ``backward(dlogits, grads, needs_dx=False)`` fills ``grads``, a dictionary shaped like
            ``params``, and returns dL/dx if ``needs_dx``. It may overwrite ``dlogits``.

        Examples
        --------
        >>> import numpy as np, glassnet as gn
        >>> net = gn.mlp([3, 2], dtype="f8", rng=0)
        >>> logits, backward = net.forward(np.array([[0.5, 1.0, 0.25]]))
        >>> grads = net.empty_grads()
        >>> backward(np.array([[1.0, -1.0]]), grads)
        >>> grads["W1"]
        array([[ 0.5 , -0.5 ],
               [ 1.  , -1.  ],
               [ 0.25, -0.25]])
        """
        steps = list(self.activations(x, training=training, rng=rng))
        logits = steps[-1][0] if steps else x
        first = next((i for i, (params, _) in enumerate(self._names) if params), len(steps))

        def backward(dlogits: Array, grads: Arrays, *, needs_dx: bool = False) -> Array | None:
            da: Array | None = dlogits
            # The gradient of the input is rarely needed, and would cost up to half of the first
            # layer's products: stop at the first layer with parameters.
            for place in reversed(range(0 if needs_dx else first, len(steps))):
                _, layer_backward = steps[place]
                own_grads = layer_view(grads, self._names[place][0])
                if place == first and not needs_dx:
                    da = layer_backward(da, own_grads, needs_dx=False)
                else:
                    da = layer_backward(da, own_grads)
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
        rng: Rng | None = None,
    ) -> float:
        """Compute the mean loss over a batch and its gradients: forward, loss, backward.

        `x`, `training` and `rng` are those of `activations`.

        Parameters
        ----------
        labels : ndarray, (n,) int or (n, n_classes)
            Correct classes, or a distribution for each sample.
        grads : dict of str to ndarray
            Arrays shaped like ``params``, which are overwritten.
        loss : str or callable
            ``"cross_entropy"``, ``"mean_squared_error"``, or a function
            ``(logits, labels) -> (loss, dlogits)``.

        Returns
        -------
        float
            Mean loss over the batch.

        Examples
        --------
        One step of gradient descent:

        >>> import numpy as np, glassnet as gn
        >>> net = gn.mlp([2, 3], rng=0)
        >>> x, labels, grads = np.ones((1, 2), np.float32), np.array([2]), net.empty_grads()
        >>> before = net.loss_and_grads(x, labels, grads)
        >>> for name, theta in net.params.items():
        ...     theta -= 0.1 * grads[name]
        >>> net.loss_and_grads(x, labels, grads) < before
        True
        """
        loss_function = loss if callable(loss) else lookup("loss", LOSSES, loss)
        logits, backward = self.forward(x, training=training, rng=rng)
        value, dlogits = loss_function(logits, labels)
        backward(dlogits, grads)
        return value

    def empty_grads(self) -> Arrays:
        """Allocate a dictionary of gradients: zeros shaped like ``params``."""
        return {name: np.zeros_like(theta) for name, theta in self.params.items()}

    def group_by_number(self, arrays: Arrays) -> dict[int, list[Array]]:
        """Group the arrays of a dictionary shaped like ``params`` by layer number."""
        groups: dict[int, list[Array]] = {}
        for number, (names, _) in zip(self.numbers, self._names, strict=True):
            if names:
                groups.setdefault(number, []).extend(arrays[name] for name in names.values())
        return groups

    def copy(self) -> "Network":
        """Return a copy of the network with copies of its arrays."""
        return self._with_arrays(np.copy)

    def astype(self, dtype: DTypeLike) -> "Network":
        """Return a copy of the network with its arrays converted to another dtype."""
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
        """Fuse batch normalisation and scaling into dense layers, and remove noise layers.

        Layers that cannot be fused are kept. If nothing changes, return the network itself.

        Examples
        --------
        >>> import glassnet as gn
        >>> net = gn.mlp([12, 8, 4], batch_norm=True, dropout=0.5, rng=0)
        >>> net
        Network(12 -> 8 -> batch norm relu -> dropout 0.5 -> 4 softmax, 148 parameters, float32)
        >>> net.for_inference()
        Network(12 -> 8 relu -> 4 softmax, 140 parameters, float32)
        """
        unfused = self.bound_layers
        fused: list[BoundLayer] = []
        for bound in unfused:
            fused[-1:] = bound.layer.fuse(bound, fused[-1:])
        is_same = len(fused) == len(unfused) and all(map(operator.is_, fused, unfused))
        return self if is_same else Network(fused)

    def predict_proba(self, X: ArrayLike, *, batch_size: int = 1000) -> Array:
        """Compute the class probabilities for images, (n, n_classes).

        Parameters
        ----------
        X : array-like, (n, n_in) or (n, height, width)
            Integers from 0 to 255, or floats in [0, 1].
        batch_size : int
            Number of images per forward pass.

        Raises
        ------
        ShapeError, DataError
            If the shape or the range of `X` differs from those above.

        Examples
        --------
        Before training, the logits for a black image are 0, since all biases are:

        >>> import numpy as np, glassnet as gn
        >>> net = gn.mlp([784, 128, 4], rng=0)
        >>> net.predict_proba(np.zeros((2, 28, 28), np.uint8))
        array([[0.25, 0.25, 0.25, 0.25],
               [0.25, 0.25, 0.25, 0.25]], dtype=float32)
        """
        rows = check_images(X, self.n_in)
        network = self.for_inference()
        probabilities = np.empty((len(rows), self.n_classes), self.dtype)
        for start in range(0, len(rows), batch_size):
            batch = slice(start, start + batch_size)
            # Not `forward`, which keeps all activations for the backward pass.
            for a, _ in network.activations(to_unit(rows[batch], self.dtype)):
                logits = a
            probabilities[batch], _ = softmax(logits)
        return probabilities

    def predict(self, X: ArrayLike) -> Array:
        """Predict the most probable class of each image, (n,) int; `X` is as in `predict_proba`."""
        classes: Array = self.predict_proba(X).argmax(axis=1)
        return classes
