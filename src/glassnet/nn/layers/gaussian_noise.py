"""GaussianNoise: additive noise during training."""

from dataclasses import dataclass

from glassnet.errors import check_range
from glassnet.nn.layers.dropout import pass_through, require_rng
from glassnet.nn.layers.layer import BoundLayer, Layer, LayerBackward
from glassnet.types import Array, Arrays, Rng


@dataclass(frozen=True)
class GaussianNoise(Layer):
    """Additive Gaussian noise: a = x + s e, where e is standard normal.

    In training e is drawn for each element of each batch; inference adds no noise.

    Parameters
    ----------
    standard_deviation : float
        s, in units of x; at least 0.

    References
    ----------
    Bishop 1995, "Training with noise is equivalent to Tikhonov regularization".

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> layer, x = gn.GaussianNoise(0.3), np.zeros((100, 100))
    >>> a, _ = layer.forward(x, {}, {}, training=True, rng=np.random.default_rng(0))
    >>> round(float(a.std()), 1)
    0.3
    >>> a, _ = layer.forward(x, {}, {}, training=False, rng=None)
    >>> a is x
    True
    """

    standard_deviation: float

    def __post_init__(self) -> None:
        """Validate the standard deviation."""
        check_range("standard_deviation", self.standard_deviation)

    def __str__(self) -> str:
        """Return a description such as ``"noise 0.3"``."""
        return f"noise {self.standard_deviation:g}"

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, *, training: bool, rng: Rng | None
    ) -> tuple[Array, LayerBackward]:
        """Add noise in training; return `x` itself in inference."""
        if not training:
            return x, pass_through
        a = require_rng(rng).standard_normal(x.shape, dtype=x.dtype)
        a *= self.standard_deviation
        a += x  # equation 41
        return a, pass_through

    def fuse(self, own: BoundLayer, before: list[BoundLayer]) -> list[BoundLayer]:
        """Remove the layer: inference has no noise."""
        return before
