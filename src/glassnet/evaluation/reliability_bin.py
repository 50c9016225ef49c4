"""Reliability: accuracy compared with confidence, and the expected calibration error.

The confidence of a prediction is its highest probability. A model is calibrated if, for example,
90% of the predictions with a confidence of 90% are correct.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glassnet.errors import DataError, ShapeError, whole_number
from glassnet.nn.validation import check_labels
from glassnet.types import Array

N_BINS = 15  # as in Guo et al. 2017, table 1


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """Predictions with a confidence above `low` and at most `high`.

    Parameters
    ----------
    n : int
        Number of predictions in the bin.
    confidence, accuracy : float or None
        Mean confidence and fraction of correct predictions; None for an empty bin.
    """

    low: float
    high: float
    n: int
    confidence: float | None
    accuracy: float | None


def reliability(
    probabilities: ArrayLike, labels: ArrayLike, n_bins: int = N_BINS
) -> tuple[ReliabilityBin, ...]:
    """Group predictions by confidence into bins of equal width, in ascending order.

    Parameters
    ----------
    probabilities : array-like of float, (n, n_classes)
        Each row sums to 1.
    labels : array-like of int, (n,)
        Index of the true class of each row.
    n_bins : int, at least 1

    Raises
    ------
    ShapeError, DataError
        If `probabilities` are not probabilities, or `labels` do not match them.

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", section 2.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> confidence = np.array([0.6, 0.65, 0.8, 0.9, 0.95])
    >>> probabilities = np.stack([confidence, 1 - confidence], axis=1)
    >>> for b in gn.reliability(probabilities, labels=[0, 1, 0, 0, 1], n_bins=4):
    ...     if b.n:
    ...         print(f"{b.n} images: confidence {b.confidence:.1%}, accuracy {b.accuracy:.1%}")
    2 images: confidence 62.5%, accuracy 50.0%
    3 images: confidence 88.3%, accuracy 66.7%
    """
    n_bins = whole_number("n_bins", n_bins, 1)
    probabilities, labels = check_predictions(probabilities, labels)
    confidence = probabilities.max(axis=1).astype(float)
    is_correct = probabilities.argmax(axis=1) == labels
    edges = np.arange(n_bins + 1) / n_bins
    # Rounding may leave a confidence just above 1.
    place = np.minimum(np.searchsorted(edges[1:], confidence), n_bins - 1)
    return tuple(
        ReliabilityBin(
            low=float(edges[b]),
            high=float(edges[b + 1]),
            n=int(is_in.sum()),
            confidence=float(confidence[is_in].mean()) if is_in.any() else None,
            accuracy=float(is_correct[is_in].mean()) if is_in.any() else None,
        )
        for b in range(n_bins)
        for is_in in [place == b]
    )


def expected_calibration_error(
    probabilities: ArrayLike, labels: ArrayLike, n_bins: int = N_BINS
) -> float:
    """Compute the expected calibration error: ECE = sum of n_b |a_b - c_b| / n over the bins b.

    Bin b has n_b of the n images, accuracy a_b and mean confidence c_b. Parameters and
    errors are those of `glassnet.reliability`.

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", equation 3; equation 50 of
    ``docs/math.md``.

    Examples
    --------
    A model that is 90% confident but correct in 3 of 4 cases:

    >>> import numpy as np, glassnet as gn
    >>> probabilities = np.full((4, 2), [0.9, 0.1])
    >>> print(f"{gn.expected_calibration_error(probabilities, labels=[0, 0, 0, 1]):.1%}")
    15.0%
    """
    return mean_gap(reliability(probabilities, labels, n_bins))


def mean_gap(bins: tuple[ReliabilityBin, ...]) -> float:
    """Compute the expected calibration error from the bins."""
    gaps = (
        b.n * abs(b.accuracy - b.confidence)
        for b in bins
        if b.accuracy is not None and b.confidence is not None
    )
    return sum(gaps) / sum(b.n for b in bins)


def check_predictions(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """Validate probabilities and their labels, and return both as arrays."""
    checked = check_probabilities(probabilities)
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ShapeError(f"labels: need one whole number for each image, got shape {labels.shape}")
    return checked, check_labels(labels, *checked.shape)


def check_probabilities(probabilities: ArrayLike) -> Array:
    """Validate probabilities, and return them as an array."""
    checked = np.asarray(probabilities)
    if checked.ndim != 2 or not checked.size:
        raise ShapeError(
            f"probabilities: need one row for each image, at least one, got shape {checked.shape}"
        )
    is_whole = checked.dtype.kind != "f"
    if is_whole or not (checked.min() >= 0 and np.allclose(checked.sum(axis=1), 1, atol=1e-2)):
        raise DataError("probabilities: each row must be floats from 0 that sum to 1 (no logits)")
    return checked
