"""Dense: a fully connected layer, a = phi(x W + b)."""

from dataclasses import KW_ONLY, dataclass, replace

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import canonical, whole_number
from glassnet.nn.activations import (
    Activation,
    activation_name,
    canonical_activation,
    find_activation,
)
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.layers.layer import BoundLayer, Layer, LayerBackward
from glassnet.nn.layers.scale import Scale
from glassnet.types import Array, Arrays, Rng


def affine(x: Array, W: Array, b: Array | None) -> tuple[Array, LayerBackward]:
    """Compute the pre-activation z = x W + b, (n, n_out), for a batch x, (n, n_in).

    Rows are samples; W is (n_in, n_out), b is (n_out,), or None if the next layer has a bias.
    The backward function is that of `Layer.forward`, with dz in place of da.
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
class Dense(Layer):
    """Dense layer: an affine map and an activation, a = phi(x W + b).

    Parameters
    ----------
    n_in, n_out : int
        Number of inputs and of units, at least 1.
    activation : str or callable
        ``"relu"``, ``"gelu"``, ``"tanh"``, ``"sigmoid"``, ``"softmax"``, ``"identity"``, or a
        function ``z -> (a, backward)``.
    initializer : str
        Distribution of the initial weights: ``"he"``, ``"glorot"``, ``"small"`` or ``"zeros"``.
    has_bias : bool
        False before batch normalisation, which would cancel b.

    Raises
    ------
    ConfigError
        If a size is not a whole number above 0, or a name is unknown.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> layer = gn.Dense(3, 2, "relu")
    >>> params = {"W": np.array([[1.0, -1.0], [0.5, 2.0], [1.0, 0.5]]), "b": np.array([0.5, 0.0])}
    >>> x = np.array([[1.0, 2.0, 1.0], [2.0, 0.5, 1.0]])
    >>> a, backward = layer.forward(x, params, {}, training=True, rng=None)
    >>> a
    array([[3.5 , 3.5 ],
           [3.75, 0.  ]])
    >>> grads = {"W": np.empty((3, 2)), "b": np.empty(2)}
    >>> dx = backward(np.ones((2, 2)), grads)
    >>> grads["b"]  # the second unit is off for the second sample
    array([2., 1.])
    """

    n_in: int
    n_out: int
    activation: str | Activation = "identity"
    _: KW_ONLY
    initializer: str = "he"
    has_bias: bool = True

    def __post_init__(self) -> None:
        """Validate the hyper-parameters."""
        whole_number("n_in", self.n_in, 1)
        whole_number("n_out", self.n_out, 1)
        object.__setattr__(self, "activation", canonical_activation(self.activation))
        object.__setattr__(
            self, "initializer", canonical("initializer", INITIALIZERS, self.initializer)
        )

    def __str__(self) -> str:
        """Return a description such as ``"128 relu"``, or ``"128"`` for a layer without bias."""
        return (
            f"{self.n_out} {activation_name(self.activation)}" if self.has_bias else f"{self.n_out}"
        )

    def parameters(self, dtype: DTypeLike, rng: Rng) -> Arrays:
        """Allocate random weights W, (n_in, n_out), and zero biases b, (n_out,)."""
        W = np.empty((self.n_in, self.n_out), dtype)
        INITIALIZERS[self.initializer](W, rng)
        return {"W": W, "b": np.zeros(self.n_out, dtype)} if self.has_bias else {"W": W}

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, *, training: bool, rng: Rng | None
    ) -> tuple[Array, LayerBackward]:
        """Compute a = phi(x W + b), (n, n_out)."""
        z, affine_backward = affine(x, params["W"], params.get("b"))
        a, activation_backward = find_activation(self.activation)(z)  # equation 2

        def backward(da: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
            dz = activation_backward(da)  # equation 13
            return affine_backward(dz, grads, needs_dx=needs_dx)

        return a, backward

    def fuse(self, own: BoundLayer, before: list[BoundLayer]) -> list[BoundLayer]:
        """Absorb a preceding scale into the weights, (c x) W = x (c W), and add a missing bias."""
        W, b = own.params["W"], own.params.get("b")
        scales = [bound.layer.factor for bound in before if isinstance(bound.layer, Scale)]
        if b is not None and not scales:
            return [*before, own]
        params = {
            "W": W * scales[0] if scales else W,
            "b": np.zeros(self.n_out, W.dtype) if b is None else b,
        }
        fused = own._replace(layer=replace(self, has_bias=True), params=params)
        return [fused] if scales else [*before, fused]
