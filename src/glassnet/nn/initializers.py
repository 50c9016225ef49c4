"""Where the weights start: random, to tell units apart, and of the right size.

Biases start at zero. Each initialiser fills an array that the layer has allocated.
"""

import math
from collections.abc import Callable

import numpy as np

from glassnet.types import Array

Initializer = Callable[[Array, np.random.Generator], None]


def small(W: Array, rng: np.random.Generator) -> None:
    """Draw from a normal distribution with standard deviation 0.01, whatever the layer's width.

    Parameters
    ----------
    W : ndarray, (n_in, n_out)
        Filled in place.
    rng : numpy.random.Generator
        Source of randomness.
    """
    _normal(W, 0.01, rng)  # equation 17


def glorot(W: Array, rng: np.random.Generator) -> None:
    """Draw from a normal distribution of variance 2 / (n_in + n_out), for sigmoid and tanh.

    Parameters
    ----------
    W : ndarray, (n_in, n_out)
        Filled in place.
    rng : numpy.random.Generator
        Source of randomness.

    References
    ----------
    Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks", equation 12.
    """
    n_in, n_out = W.shape
    _normal(W, math.sqrt(2 / (n_in + n_out)), rng)  # equation 18


def he(W: Array, rng: np.random.Generator) -> None:
    """Draw from a normal distribution of variance 2 / n_in, for ReLU.

    Parameters
    ----------
    W : ndarray, (n_in, n_out)
        Filled in place.
    rng : numpy.random.Generator
        Source of randomness.

    References
    ----------
    He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers", arXiv 1502.01852, equation 10.
    """
    n_in, _ = W.shape
    _normal(W, math.sqrt(2 / n_in), rng)  # equation 19


def zeros(W: Array, rng: np.random.Generator) -> None:  # noqa: ARG001 - as the others are called
    """Fill with zeros: units that start alike stay alike, which is why nobody should.

    Without a hidden layer it does no harm.

    Parameters
    ----------
    W : ndarray, (n_in, n_out)
        Filled in place.
    rng : numpy.random.Generator
        Not used.
    """
    W[...] = 0


def _normal(W: Array, standard_deviation: float, rng: np.random.Generator) -> None:
    # Drawn in float64 and then rounded, so that a float32 net starts where its float64 twin does.
    W[...] = rng.normal(0.0, standard_deviation, W.shape)


INITIALIZERS: dict[str, Initializer] = {
    "glorot": glorot,
    "he": he,
    "small": small,
    "zeros": zeros,
}
