"""The Layer protocol, and the view of a network's arrays that a layer gets."""

from collections.abc import Callable
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import DTypeLike

from glassnet.types import Array, Arrays

LayerBackward = Callable[..., Array | None]


class Layer(Protocol):
    """What a `Network` asks of a layer, which shows itself, hidden, as a person would draw it."""

    def __str__(self) -> str:
        """Return ``"128 relu"`` or alike."""

    def parameters(self, dtype: DTypeLike, rng: np.random.Generator) -> Arrays:
        """Allocate what the layer learns.

        Parameters
        ----------
        dtype : dtype
            Of every array.
        rng : numpy.random.Generator
            Draws what starts at random.

        Returns
        -------
        dict of str to ndarray
            By short names, which end in no digit; empty for a layer that learns nothing.
        """

    def buffers(self, dtype: DTypeLike) -> Arrays:
        """Allocate what the layer keeps without learning it.

        Parameters
        ----------
        dtype : dtype
            Of every array.

        Returns
        -------
        dict of str to ndarray
            By short names; empty for most layers.
        """

    def forward(
        self,
        x: Array,
        params: Arrays,
        buffers: Arrays,
        *,
        training: bool,
        rng: np.random.Generator | None,
    ) -> tuple[Array, LayerBackward]:
        """Compute the output.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch; never written to.
        params : dict of str to ndarray
            What `parameters` allocated; only read.
        buffers : dict of str to ndarray
            What `buffers` allocated; written to while training, only read otherwise.
        training : bool
            Whether this is a step of training.
        rng : numpy.random.Generator or None
            For a layer with noise.

        Returns
        -------
        a : ndarray, (n, n_out)
            Activation; `x` itself where a layer does nothing.
        backward : callable
            ``backward(da, grads, needs_dx=True)`` fills ``grads`` and returns dL/dx, or None
            where nobody needs it. It owns ``da`` and may overwrite it.
        """


def layer_view(arrays: Arrays, number: int) -> Arrays:
    """View the arrays of one number under their short names: W3, b3 as W, b.

    Parameters
    ----------
    arrays : dict of str to ndarray
        Parameters, buffers or gradients of a network.
    number : int
        From 1.

    Returns
    -------
    dict of str to ndarray
        The same arrays; empty where none has that number.
    """
    names = _short_names(tuple(arrays)).get(number, ())
    return {short: arrays[name] for short, name in names}


@cache
def _short_names(names: tuple[str, ...]) -> dict[int, tuple[tuple[str, str], ...]]:
    """List the names that go with each number: {3: (("W", "W3"), ("b", "b3"))}."""
    table: dict[int, tuple[tuple[str, str], ...]] = {}
    for name in names:
        short = name.rstrip("0123456789")
        number = int(name.removeprefix(short))
        table[number] = (*table.get(number, ()), (short, name))
    return table
