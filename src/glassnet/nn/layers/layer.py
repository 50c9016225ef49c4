"""The Layer protocol, and the view of a network's arrays that each layer receives."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from numpy.typing import DTypeLike

from glassnet.errors import ConfigError
from glassnet.types import Array, Arrays, Rng

LayerBackward = Callable[..., Array | None]  # backward(da, grads, *, needs_dx=True) -> dx


class Layer(Protocol):
    """A layer: hyper-parameters and functions, no arrays.

    Subclass it and define `forward`; the other methods have defaults, for a layer without
    parameters that inference computes as it is. A layer that changes the number of units has
    attributes ``n_in`` and ``n_out``, from which `Network` takes its own.

    Examples
    --------
    >>> import glassnet as gn
    >>> class Negate(gn.Layer):
    ...     def forward(self, x, params, buffers, *, training=False, rng=None):
    ...         def backward(da, grads, *, needs_dx=True):
    ...             return -da
    ...
    ...         return -x, backward
    >>> gn.Network.build([gn.Dense(784, 32, "relu"), Negate(), gn.Dense(32, 10)], rng=0)
    Network(784 -> 32 relu -> Negate -> 10 softmax, 25,450 parameters, float32)
    """

    def __str__(self) -> str:
        """Return the text that stands for the layer in a network's ``repr``."""
        return type(self).__name__

    def parameters(self, dtype: DTypeLike, rng: Rng) -> Arrays:
        """Allocate and initialise the learnable arrays, none by default.

        Their names are short and do not end in a digit: ``"W"``.
        """
        return {}

    def buffers(self, dtype: DTypeLike) -> Arrays:
        """Allocate the arrays that are kept but not learned, such as running statistics.

        None by default; named as in `parameters`.
        """
        return {}

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, *, training: bool, rng: Rng | None
    ) -> tuple[Array, LayerBackward]:
        """Compute the output and return it with the backward function.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch; never written to.
        params, buffers : dict of str to ndarray
            The arrays from `parameters`, only read, and from `buffers`, written to in training.
        training : bool
            False for inference.
        rng : numpy.random.Generator or None
            Source of the noise, if the layer has any.

        Returns
        -------
        a : ndarray, (n, n_out)
            The output; `x` itself where the layer changes nothing.
        backward : callable
            ``backward(da, grads, *, needs_dx=True)`` fills ``grads``, a dictionary shaped like
            `params`, and returns dL/dx. It owns ``da`` and may overwrite it. The first layer
            with parameters is called with ``needs_dx=False`` and may return None.
        """
        ...

    def fuse(self, own: "BoundLayer", before: list["BoundLayer"]) -> list["BoundLayer"]:
        """Simplify the layer for inference; by default it is kept.

        Parameters
        ----------
        own : BoundLayer
            This layer with its arrays.
        before : list of BoundLayer
            The layer before it, itself already fused; empty for the first.

        Returns
        -------
        list of BoundLayer
            Replacement for `before` and this layer.
        """
        return [*before, own]


class BoundLayer(NamedTuple):
    """A layer with its number and its arrays.

    Parameters
    ----------
    number : int
        From 1; the names of the layer's arrays in a network end in it.
    params, buffers : dict of str to ndarray
        Under the layer's own short names.
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
        From the layer's short names to the network's.
    """
    return {letter: arrays[name] for letter, name in names.items()}


def check_layers(layers: Sequence[Layer]) -> None:
    """Raise ConfigError if an object is not a layer, or two layers do not fit together."""
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
