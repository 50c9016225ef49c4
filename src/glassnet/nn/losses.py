"""Losses: how wrong the network is, and in which direction it would be less wrong.

A loss takes the network's raw outputs, the logits, and returns the mean over the batch together
with dL/dlogits. Labels are whole numbers (n,) or rows of a distribution (n, n_classes), of which
one-hot rows are the usual kind.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import DataError, ShapeError
from glassnet.nn.activations import softmax
from glassnet.types import Array

Loss = Callable[[Array, Array], tuple[float, Array]]


def one_hot(labels: Array, n_classes: int, dtype: DTypeLike = np.float32) -> Array:
    """Turn each label into a row of zeros with a single one: 2 -> [0, 0, 1, 0].

    Parameters
    ----------
    labels : ndarray of int, (n,)
        Classes, from 0 to ``n_classes - 1``.
    n_classes : int
        Length of a row.
    dtype : dtype
        Of the result.

    Returns
    -------
    ndarray, (n, n_classes)
        One-hot rows.

    Raises
    ------
    ShapeError, DataError
        If they are no such labels, or one is no class.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ShapeError(
            f"labels: need whole numbers of shape (n,), got {labels.dtype} of shape {labels.shape}"
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
        raise DataError(
            f"labels: need whole numbers from 0 to {n_classes - 1}, "
            f"got {labels.min()} to {labels.max()}"
        )
    rows = np.zeros((len(labels), n_classes), dtype)
    rows[np.arange(len(labels)), labels] = 1
    return rows


def smooth(labels: Array, n_classes: int, smoothing: float, dtype: DTypeLike) -> Array:
    """Take a share of each label and spread it evenly: y' = (1 - s) y + s / n_classes.

    A network that is never told to be certain stays less certain, and reads new images better.

    Parameters
    ----------
    labels : ndarray, (n,) int or (n, n_classes)
        The truth.
    n_classes : int
        Length of a row.
    smoothing : float
        s, from 0 to below 1.
    dtype : dtype
        Of the result.

    Returns
    -------
    ndarray, (n, n_classes)
        Rows that each sum to 1.

    References
    ----------
    Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision", section 7.
    """
    y = one_hot(labels, n_classes, dtype) if labels.ndim == 1 else labels.astype(dtype)
    y *= 1 - smoothing
    y += smoothing / n_classes  # equation 45
    return y


def cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """Softmax and cross-entropy in one: L = -mean log p[label], dL/dlogits = (p - y) / n.

    Parameters
    ----------
    logits : ndarray, (n, n_classes)
        Raw outputs; never written to.
    labels : ndarray, (n,) int or (n, n_classes)
        The truth.

    Returns
    -------
    loss : float
        Mean over the batch, in nats.
    dlogits : ndarray, (n, n_classes)
        Its gradient; a transposed view.
    """
    n = len(logits)
    # Turned, a row for each class: NumPy adds ten long rows several times faster than it adds
    # up many rows of ten.
    shifted = logits.T.copy()
    shifted -= shifted.max(axis=0)
    if labels.ndim == 1:
        right = (labels, np.arange(n))
        shifted_right = shifted[right]
    else:
        shifted_right = (labels.T * shifted).sum(axis=0)
    p = np.exp(shifted, out=shifted)
    totals = p.sum(axis=0)
    # Equation 9, by log-sum-exp: log p = z - max - log sum exp(z - max), which never takes the
    # logarithm of a probability that was rounded to 0.
    loss = float((np.log(totals) - shifted_right).sum()) / n
    # Equation 10: dlogits = (p - y) / n.
    p /= totals
    if labels.ndim == 1:
        p[right] -= 1
    else:
        p -= labels.T
    p /= n
    return loss, p.T


def mean_squared_error(logits: Array, labels: Array) -> tuple[float, Array]:
    """Half the squared distance of the probabilities from the truth: L = mean |p - y|^2 / 2.

    Parameters
    ----------
    logits : ndarray, (n, n_classes)
        Raw outputs; never written to.
    labels : ndarray, (n,) int or (n, n_classes)
        The truth.

    Returns
    -------
    loss : float
        Mean over the batch.
    dlogits : ndarray, (n, n_classes)
        Its gradient, back through softmax's full Jacobian.
    """
    n, n_classes = logits.shape
    y = one_hot(labels, n_classes, logits.dtype) if labels.ndim == 1 else labels
    y = y.astype(logits.dtype, copy=False)
    p, softmax_backward = softmax(logits.copy())
    distance = p - y
    loss = (distance * distance).sum(axis=1).mean() / 2  # equation 11
    dp = distance / n  # equation 12
    return float(loss), softmax_backward(dp)


LOSSES: dict[str, Loss] = {
    "cross_entropy": cross_entropy,
    "mean_squared_error": mean_squared_error,
    "mse": mean_squared_error,
}
