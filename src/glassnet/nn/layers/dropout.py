"""Dropout: random activations set to zero during training."""

from dataclasses import dataclass

import numpy as np

from glassnet.errors import ConfigError, check_range
from glassnet.nn.layers.layer import BoundLayer, Layer, LayerBackward
from glassnet.types import Array, Arrays, Rng


@dataclass(frozen=True)
class Dropout(Layer):
    """Dropout: a = x k / (1 - rate), where k is 0 with probability `rate` and 1 otherwise.

    In training k is drawn for each element of each batch. The division keeps the expected value
    of a equal to x, so that inference needs no scaling.

    Parameters
    ----------
    rate : float
        Probability of zeroing an element, in [0, 1), in steps of 1 / 65,536.

    References
    ----------
    Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting",
    section 4 and (for the scaling) section 10.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> layer, x = gn.Dropout(0.25), np.ones((100, 100))
    >>> a, _ = layer.forward(x, {}, {}, training=True, rng=np.random.default_rng(0))
    >>> np.unique(a.round(2))
    array([0.  , 1.33])
    >>> round(float((a == 0).mean()), 2)
    0.25
    >>> a, _ = layer.forward(x, {}, {}, training=False, rng=None)
    >>> a is x
    True
    """

    rate: float

    def __post_init__(self) -> None:
        """Validate the rate."""
        check_range("rate", self.rate, below=1)

    def __str__(self) -> str:
        """Return a description such as ``"dropout 0.5"``."""
        return f"dropout {self.rate:g}"

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, *, training: bool, rng: Rng | None
    ) -> tuple[Array, LayerBackward]:
        """Zero random elements in training; return `x` itself in inference."""
        if not training:
            return x, pass_through
        rng = require_rng(rng)
        # 16 random bits per element take half the time of a random float.
        n_zeroed = min(round(self.rate * 65_536), 65_535)
        is_kept = rng.integers(0, 65_536, x.shape, dtype=np.uint16) >= n_zeroed
        factor = np.multiply(is_kept, 65_536 / (65_536 - n_zeroed), dtype=x.dtype)

        def backward(da: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
            return np.multiply(da, factor, out=da) if needs_dx else None  # equation 40

        return x * factor, backward  # equation 39

    def fuse(self, own: BoundLayer, before: list[BoundLayer]) -> list[BoundLayer]:
        """Remove the layer: inference has no noise."""
        return before


def require_rng(rng: Rng | None) -> Rng:
    """Return the generator for a noise layer, or raise ConfigError if it is None."""
    if rng is None:
        raise ConfigError(
            "rng: a noise layer needs a generator in training, got None; "
            "pass one, such as np.random.default_rng(0)"
        )
    return rng


def pass_through(da: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
    """Return the gradient unchanged: the backward function of a = x + constant."""
    return da if needs_dx else None  # equation 42: da/dx = 1
