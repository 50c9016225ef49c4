"""Loss functions: the mean loss over a batch and its gradient.

A loss takes the raw outputs of the network, the logits, (n, n_classes), which it does not modify,
and the labels: integers, (n,), or one distribution per row, (n, n_classes), usually one-hot. It
returns the mean over the batch, a float, and dL/dlogits, (n, n_classes).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import DataError, ShapeError
from glassnet.nn.activations import softmax
from glassnet.types import Array

Loss = Callable[[Array, Array], tuple[float, Array]]


def one_hot(labels: Array, n_classes: int, dtype: DTypeLike = np.float32) -> Array:
    """Encode labels as one-hot rows: 2 becomes [0, 0, 1, 0].

    Parameters
    ----------
    labels : ndarray of int, (n,)
        Classes from 0 to ``n_classes - 1``.

    Returns
    -------
    ndarray, (n, n_classes)
        Rows of zeros with a 1 at the label.

    Raises
    ------
    ShapeError
        If the labels are not integers of shape (n,).
    DataError
        If a label is out of range.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> gn.one_hot(np.array([2, 0]), 4)
    array([[0., 0., 1., 0.],
           [1., 0., 0., 0.]], dtype=float32)
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
    """Smooth labels: y' = (1 - s) y + s / n_classes, where s is `smoothing`, in [0, 1).

    Trained on less certain labels, a network is less certain and more accurate on new images.

    References
    ----------
    Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision", section 7.
    """
    y = one_hot(labels, n_classes, dtype) if labels.ndim == 1 else labels.astype(dtype)
    y *= 1 - smoothing
    y += smoothing / n_classes  # equation 45
    return y


def cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """Compute the cross-entropy of p = softmax(logits): L = -mean log p[label].

    Parameters
    ----------
    logits : ndarray, (n, n_classes)
        Raw outputs of a network.
    labels : ndarray, (n,) int or (n, n_classes)
        Correct classes, or a distribution y for each sample.

    Returns
    -------
    loss : float
        Mean over the batch, in nats.
    dlogits : ndarray, (n, n_classes)
        Gradient dL/dlogits = (p - y) / n, a transposed view.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> loss, dlogits = gn.cross_entropy(np.log([[0.5, 0.25, 0.25]]), np.array([0]))
    >>> round(loss, 4)  # log 2
    0.6931
    >>> dlogits.round(2)
    array([[-0.5 ,  0.25,  0.25]])
    """
    n = len(logits)
    # Transposed, one row per class: NumPy sums ten long rows several times faster than many rows
    # of ten.
    shifted = logits.T.copy()
    shifted -= shifted.max(axis=0)
    if labels.ndim == 1:
        correct = (labels, np.arange(n))
        shifted_label = shifted[correct]
    else:
        shifted_label = (labels.T * shifted).sum(axis=0)
    p = np.exp(shifted, out=shifted)
    totals = p.sum(axis=0)
    # Equation 9, by log-sum-exp: log p = z - max - log sum exp(z - max), which never takes the
    # logarithm of a probability that was rounded to 0.
    loss = float((np.log(totals) - shifted_label).sum()) / n
    # Equation 10: dlogits = (p - y) / n.
    p /= totals
    if labels.ndim == 1:
        p[correct] -= 1
    else:
        p -= labels.T
    p /= n
    return loss, p.T


def mean_squared_error(logits: Array, labels: Array) -> tuple[float, Array]:
    """Compute half the squared distance between p = softmax(logits) and y: L = mean |p - y|^2 / 2.

    Parameters
    ----------
    logits : ndarray, (n, n_classes)
        Raw outputs of a network.
    labels : ndarray, (n,) int or (n, n_classes)
        Correct classes, or a distribution y for each sample.

    Returns
    -------
    loss : float
        Mean over the batch.
    dlogits : ndarray, (n, n_classes)
        Gradient dL/dlogits, computed with the full Jacobian of softmax.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> loss, dlogits = gn.mean_squared_error(np.zeros((1, 2)), np.array([0]))
    >>> round(loss, 4)
    0.25
    >>> dlogits.round(4)
    array([[-0.25,  0.25]])
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
