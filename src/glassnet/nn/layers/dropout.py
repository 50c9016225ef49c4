"""Dropout: zero random activations while training."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import ConfigError, check_range
from glassnet.nn.layers.layer import LayerBackward
from glassnet.types import Array, Arrays


@dataclass(frozen=True)
class Dropout:
    """Silence each number with probability `rate`, and scale the others: a = x k / (1 - rate).

    k is 0 or 1, drawn anew for each number of each batch; the division keeps the mean of a at x,
    so that nothing has to be scaled afterwards.

    Parameters
    ----------
    rate : float
        Probability of being silenced, from 0 to below 1; met to 1 / 65,536.

    References
    ----------
    Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting",
    section 4 and (for the scaling) section 10.
    """

    rate: float

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        check_range("dropout rate", self.rate, below=1)

    def __str__(self) -> str:
        """Return ``"dropout 0.5"`` or alike."""
        return f"dropout {self.rate:g}"

    def parameters(self, dtype: DTypeLike, rng: np.random.Generator) -> Arrays:
        """Return an empty dictionary: there is nothing to learn."""
        return {}

    def buffers(self, dtype: DTypeLike) -> Arrays:
        """Return an empty dictionary: there is nothing to keep."""
        return {}

    def forward(
        self,
        x: Array,
        params: Arrays,
        buffers: Arrays,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, LayerBackward]:
        """Silence some numbers while training; afterwards, pass all on.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch; never written to.
        training : bool
            Whether to silence any.
        rng : numpy.random.Generator or None
            Chooses which; needed while training.

        Returns
        -------
        a : ndarray, (n, n_in)
            The batch itself when not training.
        backward : callable
            ``backward(da, grads, needs_dx=True)`` returns dL/dx. It owns ``da``.
        """
        if not training:
            return x, unchanged
        rng = needed_rng(rng)
        # 16 random bits a number are half the work of a random float.
        silenced = min(round(self.rate * 65_536), 65_535)
        is_kept = rng.integers(0, 65_536, x.shape, dtype=np.uint16) >= silenced
        factor = np.multiply(is_kept, 65_536 / (65_536 - silenced), dtype=x.dtype)

        def backward(da: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
            return np.multiply(da, factor, out=da) if needs_dx else None  # equation 40

        return x * factor, backward  # equation 39


def needed_rng(rng: np.random.Generator | None) -> np.random.Generator:
    if rng is None:
        raise ConfigError(
            "rng: a network with noise needs a generator while training, got None; "
            "give it np.random.default_rng(0), or any other"
        )
    return rng


def unchanged(da: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
    return da if needs_dx else None  # equation 42: da/dx = 1
