"""Fully connected layers: z = x W + b, a = phi(z)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.layers.layer import LayerBackward
from glassnet.types import Array, Arrays


def affine(x: Array, W: Array, b: Array | None) -> tuple[Array, LayerBackward]:
    """Weigh and add: z = x W + b.

    Parameters
    ----------
    x : ndarray, (n, n_in)
        A batch; rows are samples.
    W : ndarray, (n_in, n_out)
        Weights.
    b : ndarray, (n_out,), or None
        Biases; None where the next layer adds its own.

    Returns
    -------
    z : ndarray, (n, n_out)
        Pre-activation.
    backward : callable
        ``backward(dz, grads, needs_dx=True)`` fills ``grads["W"]`` and ``grads["b"]`` and
        returns dL/dx, or None where nobody needs it.
    """
    z = x @ W  # equation 1
    if b is not None:
        z += b

    def backward(dz: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
        np.matmul(x.T, dz, out=grads["W"])  # equation 14: dW = x^T dz
        if b is not None:
            np.add.reduce(dz, axis=0, out=grads["b"])  # equation 15: db = sum of dz over samples
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
    has_bias : bool
        False where batch normalisation follows, which would take any b away again.
    """

    n_in: int
    n_out: int
    activation: str
    initializer: str
    has_bias: bool = True

    def __str__(self) -> str:
        """Return ``"128 relu"``; without the activation where batch normalisation has it."""
        return f"{self.n_out} {self.activation}" if self.has_bias else str(self.n_out)

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
            ``{"W": (n_in, n_out), "b": (n_out,)}``, or without ``b``.
        """
        W = np.empty((self.n_in, self.n_out), dtype)
        INITIALIZERS[self.initializer](W, rng)
        return {"W": W, "b": np.zeros(self.n_out, dtype)} if self.has_bias else {"W": W}

    def buffers(self, dtype: DTypeLike) -> Arrays:
        """Return an empty dictionary: all that the layer keeps is learnt."""
        return {}

    def forward(
        self,
        x: Array,
        params: Arrays,
        buffers: Arrays | None = None,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, LayerBackward]:
        """Compute the layer's activation.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch; never written to.
        params : dict of str to ndarray
            The layer's own ``W`` and, if it has one, ``b``.
        training : bool
            Makes no difference here.
        rng : numpy.random.Generator or None
            Not used here.

        Returns
        -------
        a : ndarray, (n, n_out)
            Activation.
        backward : callable
            ``backward(da, grads, needs_dx=True)`` fills ``grads`` and returns dL/dx. It owns
            ``da`` and may overwrite it.
        """
        z, affine_backward = affine(x, params["W"], params.get("b"))
        a, activation_backward = ACTIVATIONS[self.activation](z)  # equation 2

        def backward(da: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
            dz = activation_backward(da)  # equation 13
            return affine_backward(dz, grads, needs_dx=needs_dx)

        return a, backward
