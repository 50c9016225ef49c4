"""Layers: one class each, frozen, holding hyper-parameters and no arrays.

``forward`` computes and hands back ``backward``, the way home; what ``backward`` needs it
remembers by closing over it, so a network that is being trained can predict at the same time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS

Array = NDArray[Any]
Arrays = dict[str, Array]
LayerBackward = Callable[..., Array | None]


def affine(x: Array, W: Array, b: Array) -> tuple[Array, LayerBackward]:
    """Weigh and add: z = x W + b.

    Parameters
    ----------
    x : ndarray, (n, n_in)
        A batch; rows are samples.
    W : ndarray, (n_in, n_out)
        Weights.
    b : ndarray, (n_out,)
        Biases.

    Returns
    -------
    z : ndarray, (n, n_out)
        Pre-activation.
    backward : callable
        ``backward(dz, grads, needs_dx=True)`` fills ``grads["W"]`` and ``grads["b"]`` and
        returns dL/dx, or None where nobody needs it.
    """
    z = x @ W  # equation 1
    z += b

    def backward(dz: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
        np.matmul(x.T, dz, out=grads["W"])  # equation 14: dW = x^T dz
        np.add.reduce(dz, axis=0, out=grads["b"])  # equation 15: db = sum of dz over the samples
        return dz @ W.T if needs_dx else None  # equation 16: dx = dz W^T

    return z, backward


@dataclass(frozen=True)
class Dense:
    """A fully connected layer: a = phi(x W + b).

    Parameters
    ----------
    n_in, n_out : int
        Number of inputs and of units, at least 1.
    activation : str
        A key of ``ACTIVATIONS``.
    initializer : str
        A key of ``INITIALIZERS``.
    """

    n_in: int
    n_out: int
    activation: str
    initializer: str

    def parameters(self, dtype: DTypeLike, rng: np.random.Generator) -> Arrays:
        """Allocate the layer's arrays: random weights, zero biases.

        Parameters
        ----------
        dtype : dtype
            Of every array.
        rng : numpy.random.Generator
            Draws the weights.

        Returns
        -------
        dict of str to ndarray
            ``{"W": (n_in, n_out), "b": (n_out,)}``.
        """
        W = np.empty((self.n_in, self.n_out), dtype)
        INITIALIZERS[self.initializer](W, rng)
        return {"W": W, "b": np.zeros(self.n_out, dtype)}

    def forward(self, x: Array, params: Arrays) -> tuple[Array, LayerBackward]:
        """Compute the layer's activation.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch; never written to.
        params : dict of str to ndarray
            The layer's own ``W`` and ``b``.

        Returns
        -------
        a : ndarray, (n, n_out)
            Activation.
        backward : callable
            ``backward(da, grads, needs_dx=True)`` fills ``grads`` and returns dL/dx. It owns
            ``da`` and may overwrite it.
        """
        z, affine_backward = affine(x, params["W"], params["b"])
        a, activation_backward = ACTIVATIONS[self.activation](z)  # equation 2

        def backward(da: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
            dz = activation_backward(da)  # equation 13
            return affine_backward(dz, grads, needs_dx=needs_dx)

        return a, backward
