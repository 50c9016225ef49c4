"""Weight initialisers: random values with a suitable variance.

Each fills the array ``W``, (n_in, n_out), in place. Biases start at zero.
"""

import math
from collections.abc import Callable

from glassnet.types import Array, Rng

Initializer = Callable[[Array, Rng], None]


def small(W: Array, rng: Rng) -> None:
    """Draw from a normal distribution with standard deviation 0.01, whatever the layer width."""
    _normal(W, 0.01, rng)  # equation 17


def glorot(W: Array, rng: Rng) -> None:
    """Draw from a normal distribution with variance 2 / (n_in + n_out), for sigmoid and tanh.

    References
    ----------
    Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks", equation 12.
    """
    n_in, n_out = W.shape
    _normal(W, math.sqrt(2 / (n_in + n_out)), rng)  # equation 18


def he(W: Array, rng: Rng) -> None:
    """Draw from a normal distribution with variance 2 / n_in, for ReLU.

    References
    ----------
    He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers", arXiv 1502.01852, equation 10.
    """
    n_in, _ = W.shape
    _normal(W, math.sqrt(2 / n_in), rng)  # equation 19


def zeros(W: Array, rng: Rng) -> None:  # noqa: ARG001 - the common signature
    """Set all weights to 0, to demonstrate the symmetry problem: identical units stay identical.

    A network without hidden layers does not have this problem.
    """
    W[...] = 0


def _normal(W: Array, standard_deviation: float, rng: Rng) -> None:
    # Drawn in float64 and rounded, so that networks of either dtype start from the same weights.
    W[...] = rng.normal(0.0, standard_deviation, W.shape)


INITIALIZERS: dict[str, Initializer] = {
    "glorot": glorot,
    "he": he,
    "small": small,
    "zeros": zeros,
}
