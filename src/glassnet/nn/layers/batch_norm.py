"""BatchNorm: normalisation over the batch, with a learned scale and shift for each unit."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import whole_number
from glassnet.nn.activations import (
    Activation,
    activation_name,
    canonical_activation,
    find_activation,
)
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.layer import BoundLayer, Layer, LayerBackward
from glassnet.types import Array, Arrays, Rng

MOMENTUM = 0.1  # weight of the newest batch in the running statistics
EPS = 1e-5  # added to the variance, to avoid a division by zero for constant units


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Batch normalisation with a scale, a shift and an activation: a = phi(gamma x^ + beta).

    x^ = (x - mean) / sqrt(variance + eps). Training uses the mean and variance of the batch,
    inference uses running averages, so that the output for an image does not depend on the rest
    of its batch. For inference the layer is fused with a preceding `Dense` layer that has no
    activation.

    Parameters
    ----------
    n_out : int
        Number of units, equal to the number of inputs.
    activation : str or callable
        Name or function, as in `Dense`.

    References
    ----------
    Ioffe and Szegedy 2015, "Batch normalization", arXiv 1502.03167, algorithms 1 and 2.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> layer = gn.BatchNorm(2)
    >>> params = {"gamma": np.ones(2), "beta": np.zeros(2)}
    >>> buffers = {"mean": np.zeros(2), "variance": np.ones(2)}
    >>> x = np.array([[0.0, 10.0], [2.0, 30.0]])
    >>> a, _ = layer.forward(x, params, buffers, training=True, rng=None)
    >>> a.round(2)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> buffers["mean"]  # a tenth of the batch's means, 1 and 20
    array([0.1, 2. ])
    >>> gn.mlp([784, 128, 10], batch_norm=True, rng=0).for_inference()
    Network(784 -> 128 relu -> 10 softmax, 101,770 parameters, float32)
    """

    n_out: int
    activation: str | Activation = "identity"

    def __post_init__(self) -> None:
        """Validate the hyper-parameters."""
        whole_number("n_out", self.n_out, 1)
        object.__setattr__(self, "activation", canonical_activation(self.activation))

    def __str__(self) -> str:
        """Return a description such as ``"batch norm relu"``."""
        return f"batch norm {activation_name(self.activation)}"

    @property
    def n_in(self) -> int:
        """Number of inputs, equal to the number of units."""
        return self.n_out

    def parameters(self, dtype: DTypeLike, rng: Rng) -> Arrays:
        """Allocate gamma (ones) and beta (zeros), each of shape (n_out,)."""
        return {"gamma": np.ones(self.n_out, dtype), "beta": np.zeros(self.n_out, dtype)}

    def buffers(self, dtype: DTypeLike) -> Arrays:
        """Allocate the running mean (zeros) and variance (ones), each of shape (n_out,)."""
        return {"mean": np.zeros(self.n_out, dtype), "variance": np.ones(self.n_out, dtype)}

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, *, training: bool, rng: Rng | None
    ) -> tuple[Array, LayerBackward]:
        """Compute a, (n, n_out); in training, also update the running statistics."""
        n = len(x)
        mean = np.add.reduce(x, axis=0) / n if training else buffers["mean"]
        x_hat = x - mean
        if training:
            variance = np.einsum("ij,ij->j", x_hat, x_hat) / n
            _update_running(buffers["mean"], mean)
            if n > 1:  # a single sample has no spread
                _update_running(buffers["variance"], variance * (n / (n - 1)))  # unbiased
        else:
            variance = buffers["variance"]
        per_sigma = 1 / np.sqrt(variance + EPS)
        x_hat *= per_sigma  # equation 34
        z = x_hat * params["gamma"]
        z += params["beta"]  # equation 35
        a, activation_backward = find_activation(self.activation)(z)

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

    def fuse(self, own: BoundLayer, before: list[BoundLayer]) -> list[BoundLayer]:
        """Fuse the layer into a preceding dense layer that has no activation.

        a = phi(gamma (x W + b - mean) / sigma + beta) is again a dense layer:
        W' = W gamma / sigma, b' = (b - mean) gamma / sigma + beta.
        """
        dense = before[0].layer if before else None
        if not isinstance(dense, Dense) or dense.activation != "identity":
            return [*before, own]
        scale = own.params["gamma"] / np.sqrt(own.buffers["variance"] + EPS)
        params = {
            "W": before[0].params["W"] * scale,  # equation 43
            "b": (before[0].params["b"] - own.buffers["mean"]) * scale + own.params["beta"],
        }
        fused = replace(dense, activation=self.activation)
        return [before[0]._replace(layer=fused, params=params)]


def _update_running(running: Array, newest: Array) -> None:
    running *= 1 - MOMENTUM
    running += MOMENTUM * newest
