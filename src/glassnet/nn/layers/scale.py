"""Scale: a layer that multiplies what enters by one number, and learns nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import ConfigError
from glassnet.nn.layers.layer import LayerBackward
from glassnet.types import Array, Arrays


@dataclass(frozen=True)
class Scale:
    """Multiply by a number: a = c x.

    In front of a network it is the size of the input: pixels come as floats from 0 to 1, and a
    factor of 255 makes them what they were in the file.

    Parameters
    ----------
    factor : float
        c, above 0.
    """

    factor: float

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if not 0 < self.factor < float("inf"):
            raise ConfigError(f"input_scale: needs a number above 0, got {self.factor}")

    def __str__(self) -> str:
        """Return ``"times 255"`` or alike."""
        return f"times {self.factor:g}"

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
        """Multiply.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch; never written to.
        training : bool
            Makes no difference here.
        rng : numpy.random.Generator or None
            Not used here.

        Returns
        -------
        a : ndarray, (n, n_in)
            c x.
        backward : callable
            ``backward(da, grads, needs_dx=True)`` returns dL/dx = c da. It owns ``da``.
        """

        def backward(da: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
            da *= self.factor
            return da

        return x * self.factor, backward
