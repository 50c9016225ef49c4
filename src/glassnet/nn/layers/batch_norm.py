"""Batch normalisation: give each unit a mean and a spread that are learnt, not inherited."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import ConfigError
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.layer import Layer, LayerBackward
from glassnet.types import Array, Arrays

MOMENTUM = 0.1  # weight of the newest batch in the running statistics
EPS = 1e-5  # added to the variance, so that a unit that never changes divides by no zero


@dataclass(frozen=True)
class BatchNorm:
    """Normalise over the batch, scale and shift: a = phi(gamma x^ + beta).

    While training, x^ = (x - mean) / sqrt(variance + eps) with the batch's own mean and
    variance; afterwards with running ones, so that an image's answer does not depend on its
    neighbours. It stands behind a `Dense` with the identity, of which it is a part: the two share
    a number, and `glassnet.nn.folding.fold` makes them one.

    Parameters
    ----------
    n_out : int
        Number of units.
    activation : str
        A key of ``ACTIVATIONS``.

    References
    ----------
    Ioffe and Szegedy 2015, "Batch normalization", arXiv 1502.03167, algorithms 1 and 2.
    """

    n_out: int
    activation: str

    def __str__(self) -> str:
        """Return ``"batch norm relu"`` or alike."""
        return f"batch norm {self.activation}"

    def parameters(self, dtype: DTypeLike, rng: np.random.Generator) -> Arrays:
        """Allocate the layer's arrays, with which it changes nothing but mean and spread.

        Parameters
        ----------
        dtype : dtype
            Of every array.
        rng : numpy.random.Generator
            Not used here.

        Returns
        -------
        dict of str to ndarray
            ``{"gamma": ones, "beta": zeros}``, each (n_out,).
        """
        return {"gamma": np.ones(self.n_out, dtype), "beta": np.zeros(self.n_out, dtype)}

    def buffers(self, dtype: DTypeLike) -> Arrays:
        """Allocate the running statistics.

        Parameters
        ----------
        dtype : dtype
            Of both.

        Returns
        -------
        dict of str to ndarray
            ``{"mean": zeros, "variance": ones}``, each (n_out,).
        """
        return {"mean": np.zeros(self.n_out, dtype), "variance": np.ones(self.n_out, dtype)}

    def forward(
        self,
        x: Array,
        params: Arrays,
        buffers: Arrays,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, LayerBackward]:
        """Compute the layer's activation.

        Parameters
        ----------
        x : ndarray, (n, n_out)
            A batch; never written to.
        params : dict of str to ndarray
            The layer's own ``gamma`` and ``beta``.
        buffers : dict of str to ndarray
            Running ``mean`` and ``variance``; written to while training.
        training : bool
            Whether the batch's own statistics count, or the running ones.
        rng : numpy.random.Generator or None
            Not used here.

        Returns
        -------
        a : ndarray, (n, n_out)
            Activation.
        backward : callable
            ``backward(da, grads, needs_dx=True)`` fills ``grads["gamma"]`` and ``grads["beta"]``
            and returns dL/dx. It owns ``da``.
        """
        n = len(x)
        mean = np.add.reduce(x, axis=0) / n if training else buffers["mean"]
        x_hat = x - mean
        if training:
            variance = np.einsum("ij,ij->j", x_hat, x_hat) / n
            _follow(buffers["mean"], mean)
            if n > 1:  # one sample tells nothing of the spread
                _follow(buffers["variance"], variance * (n / (n - 1)))  # of the population
        else:
            variance = buffers["variance"]
        per_sigma = 1 / np.sqrt(variance + EPS)
        x_hat *= per_sigma  # equation 34
        z = x_hat * params["gamma"]
        z += params["beta"]  # equation 35
        a, activation_backward = ACTIVATIONS[self.activation](z)

        def backward(da: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
            dz = activation_backward(da)
            dgamma = np.einsum("ij,ij->j", dz, x_hat, out=grads["gamma"])  # equation 36
            dbeta = np.add.reduce(dz, axis=0, out=grads["beta"])  # equation 37
            if not needs_dx:
                return None
            if training:  # mean and variance depend on x too
                along = x_hat * dgamma
                along += dbeta
                along /= n
                dz -= along
            dz *= params["gamma"] * per_sigma  # equation 38
            return dz

        return a, backward


def _follow(running: Array, newest: Array) -> None:
    running *= 1 - MOMENTUM
    running += MOMENTUM * newest


def check_order(layers: Sequence[Layer]) -> None:
    """Refuse batch normalisation anywhere but behind a dense layer of its own, with the identity.

    Elsewhere it could not be folded, and would share its arrays' names with another.

    Parameters
    ----------
    layers : sequence of Layer
        Of a network, from input to output.

    Raises
    ------
    ConfigError
        If one stands elsewhere.
    """
    free: Dense | None = None  # the dense layer that the next normalisation would belong to
    for place, layer in enumerate(layers, start=1):
        if isinstance(layer, Dense):
            free = layer
        elif isinstance(layer, BatchNorm):
            if free is None or (free.n_out, free.activation) != (layer.n_out, "identity"):
                raise ConfigError(
                    f"layer {place}, {layer}: needs a dense layer with {layer.n_out} units and the "
                    f"activation identity before it, for itself alone, got {free or 'none'}"
                )
            free = None
