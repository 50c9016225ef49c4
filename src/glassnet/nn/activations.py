"""Activation functions a = phi(z) and their backward functions.

Each function maps the pre-activation ``z``, (n, n_out), to the activation ``a``, of the same shape
and dtype, and also returns ``backward``, which maps dL/da to dL/dz. Both functions may overwrite
their argument. Nothing is stored on objects.
"""

import math
from collections.abc import Callable

import numpy as np

from glassnet.errors import canonical
from glassnet.types import Array

ElementBackward = Callable[[Array], Array]
Activation = Callable[[Array], tuple[Array, ElementBackward]]


def identity(z: Array) -> tuple[Array, ElementBackward]:
    """Return z unchanged: a = z, da/dz = 1."""
    return z, lambda da: da


def sigmoid(z: Array) -> tuple[Array, ElementBackward]:
    """Compute the logistic sigmoid: a = 1 / (1 + exp(-z)), da/dz = a (1 - a)."""
    # Equation 3. exp(-z) overflows for large negative z; e = exp(-|z|) never does, and
    # 1 / (1 + exp(-z)) is 1 / (1 + e) for z >= 0 and e / (1 + e) for z < 0.
    e = np.exp(-np.abs(z))
    a = np.where(z >= 0, 1, e)
    a /= 1 + e

    def backward(da: Array) -> Array:
        da *= a * (1 - a)
        return da

    return a, backward


def relu(z: Array) -> tuple[Array, ElementBackward]:
    """Compute the rectified linear unit: a = max(0, z), da/dz = 1 where z > 0, else 0."""
    # Equation 4; at the kink, z = 0, the derivative is taken as 0. A row of zeros is a faster
    # second operand than the scalar 0, for which NumPy has no vectorised loop.
    a = np.maximum(z, np.zeros(z.shape[-1:], z.dtype), out=z)

    def backward(da: Array) -> Array:
        da *= a > 0
        return da

    return a, backward


def tanh(z: Array) -> tuple[Array, ElementBackward]:
    """Compute the hyperbolic tangent: a = tanh(z), da/dz = 1 - a^2."""
    a = np.tanh(z, out=z)  # equation 5

    def backward(da: Array) -> Array:
        da *= 1 - a * a
        return da

    return a, backward


def gelu(z: Array) -> tuple[Array, ElementBackward]:
    """Compute the Gaussian error linear unit, a = z Phi(z), by its tanh approximation.

    Phi is the distribution function of the standard normal distribution. The approximation,
    a = z (1 + t) / 2 with t = tanh(sqrt(2 / pi) (z + 0.044715 z^3)), is accurate to 0.0005 and has
    a minimum of -0.1701; da/dz = (1 + t) / 2 + z (1 - t^2) sqrt(2 / pi) (1 + 3 x 0.044715 z^2) / 2.

    References
    ----------
    Hendrycks and Gimpel 2016, "Gaussian error linear units", arXiv 1606.08415, section 2.
    """
    root, cubic = math.sqrt(2 / math.pi), 0.044715
    t = z * z
    t *= root * cubic
    t += root
    t *= z
    np.tanh(t, out=t)
    a = t + 1
    a *= 0.5
    a *= z  # equation 46

    def backward(da: Array) -> Array:
        slope = z * z  # equation 47
        slope *= 1.5 * root * cubic
        slope += 0.5 * root
        slope *= z
        slope *= 1 - t * t
        slope += 0.5
        slope += 0.5 * t
        da *= slope
        return da

    return a, backward


def softmax(z: Array) -> tuple[Array, ElementBackward]:
    """Convert each row to probabilities: p_k = exp(z_k) / sum_j exp(z_j).

    Rows are samples, columns are classes. The Jacobian is dp_k/dz_j = p_k ([k = j] - p_j);
    ``backward`` multiplies by it, for any loss, without forming it. `cross_entropy` uses a shorter
    form, p - y.
    """
    # Equation 6. Subtracting the row's largest logit does not change p and prevents overflow.
    z -= z.max(axis=-1, keepdims=True)
    p = np.exp(z, out=z)
    p /= p.sum(axis=-1, keepdims=True)

    def backward(dp: Array) -> Array:
        dp -= (dp * p).sum(axis=-1, keepdims=True)  # equation 7
        dp *= p
        return dp

    return p, backward


KINKED = frozenset({"relu"})  # activations with a discontinuous derivative

ACTIVATIONS: dict[str, Activation] = {
    "gelu": gelu,
    "identity": identity,
    "relu": relu,
    "sigmoid": sigmoid,
    "softmax": softmax,
    "tanh": tanh,
}


def canonical_activation(activation: str | Activation) -> str | Activation:
    """Validate an activation and return its key in ``ACTIVATIONS``, or the function itself.

    Raises
    ------
    ConfigError
        If the name is unknown.
    """
    return activation if callable(activation) else canonical("activation", ACTIVATIONS, activation)


def find_activation(activation: str | Activation) -> Activation:
    """Return the function for a validated activation."""
    return activation if callable(activation) else ACTIVATIONS[activation]


def activation_name(activation: str | Activation) -> str:
    """Return the display name of an activation."""
    return getattr(activation, "__name__", "custom") if callable(activation) else activation
