"""Layer: the base class for all layers, and each layer's view of a network's arrays."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from numpy.typing import DTypeLike

from glassnet.errors import ConfigError
from glassnet.types import Array, Arrays, Rng

LayerBackward = Callable[..., Array | None]  # backward(da, grads, *, needs_dx=True) -> dx


class Layer(Protocol):
    """Base class of layers; a layer has hyper-parameters and functions but no arrays.

    To write a layer, subclass it and define `forward`. The other methods have defaults, which suit
    a layer without parameters that behaves the same in training and in inference. A layer that
    changes the number of units has attributes ``n_in`` and ``n_out``, which `Network` reads.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> class Negate(gn.Layer):
    ...     def forward(self, x, params, buffers, *, training=False, rng=None):
    ...         def backward(da, grads, *, needs_dx=True):
    ...             return -da
    ...
    ...         return -x, backward
    >>> net = gn.Network.build([gn.Dense(6, 4, "tanh"), Negate(), gn.Dense(4, 3)], rng=0)
    >>> net
    Network(6 -> 4 tanh -> Negate -> 3 softmax, 43 parameters, float32)
    >>> gn.check_gradients(net, np.full((2, 6), 0.5), [0, 2]).is_correct
    True
    """

    def __str__(self) -> str:
        """Return the text that stands for the layer in the ``repr`` of a network."""
        return type(self).__name__

    def parameters(self, dtype: DTypeLike, rng: Rng) -> Arrays:
        """Allocate and initialise the learnable arrays; none by default.

        Their names are short and do not end in a digit, such as ``"W"``.
        """
        return {}

    def buffers(self, dtype: DTypeLike) -> Arrays:
        """Allocate the arrays that are not learned, such as running statistics; none by default.

        Their names are short and do not end in a digit, such as ``"mean"``.
        """
        return {}

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, *, training: bool, rng: Rng | None
    ) -> tuple[Array, LayerBackward]:
        """Compute the output, and return it with its backward function.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch, which must not be modified.
        params, buffers : dict of str to ndarray
            Arrays from `parameters`, not modified, and from `buffers`, which training may update.
        training : bool
            Whether to compute as in training, for instance with noise.
        rng : numpy.random.Generator or None
            Source of randomness for a noise layer, needed in training.

        Returns
        -------
        a : ndarray, (n, n_out)
            The output; `x` itself if the layer changes nothing.
        backward : callable
            ``backward(da, grads, *, needs_dx=True)`` fills ``grads``, a dictionary shaped like
            `params`, and returns dL/dx. It may overwrite ``da``. For the first layer with
            parameters ``needs_dx`` is False, and None may be returned.
        """
        ...

    def fuse(self, own: "BoundLayer", before: list["BoundLayer"]) -> list["BoundLayer"]:
        """Simplify the layer for inference; by default, keep it unchanged.

        Parameters
        ----------
        own : BoundLayer
            This layer with its arrays.
        before : list of BoundLayer
            The previous layer, already fused; empty for the first layer.

        Returns
        -------
        list of BoundLayer
            Layers that replace `before` and this layer.
        """
        return [*before, own]


class BoundLayer(NamedTuple):
    """A layer with its number and its arrays.

    Parameters
    ----------
    number : int
        Number of the layer, from 1, at the end of its arrays' names in a network.
    params, buffers : dict of str to ndarray
        The layer's arrays, under its own short names.
    """

    layer: Layer
    number: int
    params: Arrays
    buffers: Arrays


def layer_view(arrays: Arrays, names: Mapping[str, str]) -> Arrays:
    """Return one layer's arrays under its own short names: W3 and b3 as W and b.

    Parameters
    ----------
    arrays : dict of str to ndarray
        Parameters, buffers or gradients of a network; not copied.
    names : mapping of str to str
        The layer's short names, mapped to those of the network.
    """
    return {letter: arrays[name] for letter, name in names.items()}


def check_layers(layers: Sequence[Layer]) -> None:
    """Raise ConfigError if an object is not a layer or adjacent layers do not fit together."""
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
