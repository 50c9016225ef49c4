"""Gaussian noise, added while training."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import check_range
from glassnet.nn.layers.dropout import needed_rng, unchanged
from glassnet.nn.layers.layer import LayerBackward
from glassnet.types import Array, Arrays


@dataclass(frozen=True)
class GaussianNoise:
    """Add noise: a = x + s e, with e drawn from the standard normal distribution.

    Parameters
    ----------
    standard_deviation : float
        s, at least 0.

    References
    ----------
    Bishop 1995, "Training with noise is equivalent to Tikhonov regularization".
    """

    standard_deviation: float

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        check_range("noise standard_deviation", self.standard_deviation)

    def __str__(self) -> str:
        """Return ``"noise 0.3"`` or alike."""
        return f"noise {self.standard_deviation:g}"

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
        """Add noise while training; afterwards, pass all on.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch; never written to.
        training : bool
            Whether to add any.
        rng : numpy.random.Generator or None
            Draws it; needed while training.

        Returns
        -------
        a : ndarray, (n, n_in)
            The batch itself when not training.
        backward : callable
            ``backward(da, grads, needs_dx=True)`` returns dL/dx.
        """
        if not training:
            return x, unchanged
        rng = needed_rng(rng)
        a = rng.standard_normal(x.shape, dtype=x.dtype)
        a *= self.standard_deviation
        a += x  # equation 41
        return a, unchanged
