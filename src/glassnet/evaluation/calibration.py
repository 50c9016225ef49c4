"""Calibration: whether 90 % of the images that are read with 90 % confidence are read rightly.

The confidence of a prediction is the highest of its probabilities.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glassnet.errors import ConfigError, DataError, ShapeError, whole_number
from glassnet.nn.validation import check_labels
from glassnet.types import Array

N_BINS = 15  # as in Guo et al. 2017, table 1
HOTTEST = 20.0  # temperatures are looked for from 1 / 20 to 20
N_HALVINGS = 60  # of that range: more would be less than float64 tells apart


@dataclass(frozen=True, kw_only=True)
class Bin:
    """The predictions of about one confidence.

    Parameters
    ----------
    low, high : float
        Confidences above `low`, up to and including `high`.
    n : int
        Images among them.
    confidence : float or None
        Their mean confidence; None where there are no images.
    accuracy : float or None
        Share of them read rightly; None where there are no images.
    """

    low: float
    high: float
    n: int
    confidence: float | None
    accuracy: float | None


def reliability(
    probabilities: ArrayLike, labels: ArrayLike, n_bins: int = N_BINS
) -> tuple[Bin, ...]:
    """Sort predictions by their confidence into bins of equal width, and see how right they are.

    Parameters
    ----------
    probabilities : array-like of float, (n, n_classes)
        Each row sums to 1.
    labels : array-like of int, (n,)
        True classes.
    n_bins : int
        How many bins share the range from 0 to 1.

    Returns
    -------
    tuple of Bin
        All bins, the least confident first.

    Raises
    ------
    ShapeError, DataError
        If these are no probabilities, or no labels for them.

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", section 2.
    """
    n_bins = whole_number("n_bins", n_bins, 1)
    probabilities, labels = _checked(probabilities, labels)
    confidence = probabilities.max(axis=1).astype(float)
    is_correct = probabilities.argmax(axis=1) == labels
    edges = np.arange(n_bins + 1) / n_bins
    # Rounding may leave a confidence just above 1.
    place = np.minimum(np.searchsorted(edges[1:], confidence), n_bins - 1)
    return tuple(
        Bin(
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
    """Return the mean distance between confidence and accuracy: ECE = sum of n_b |a_b - c_b| / n.

    Parameters
    ----------
    probabilities : array-like of float, (n, n_classes)
        Each row sums to 1.
    labels : array-like of int, (n,)
        True classes.
    n_bins : int
        How many bins share the range from 0 to 1.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ShapeError, DataError
        If these are no probabilities, or no labels for them.

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", equation 3; equation 50 of
    ``docs/math.md``.
    """
    return mean_gap(reliability(probabilities, labels, n_bins))


def mean_gap(bins: tuple[Bin, ...]) -> float:
    """Return the expected calibration error of bins that are there already.

    Parameters
    ----------
    bins : tuple of Bin
        From `reliability`.

    Returns
    -------
    float
        From 0 to 1.
    """
    gaps = (
        one.n * abs(one.accuracy - one.confidence)
        for one in bins
        if one.accuracy is not None and one.confidence is not None
    )
    return sum(gaps) / sum(one.n for one in bins)


def fit_temperature(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Find the T for which p^(1/T), made to sum to 1 again, has the least mean cross-entropy.

    That is softmax(logits / T), since ln p is the logits up to a constant for each row. T above 1
    makes a model less confident, and no T changes which class is the most probable.

    Parameters
    ----------
    probabilities : array-like of float, (n, n_classes)
        Each row sums to 1. One below the smallest normal number of its dtype counts as that.
    labels : array-like of int, (n,)
        True classes. Of images that the model was not trained on: on those it is too sure.

    Returns
    -------
    float
        From 1/20 to 20; an end where the loss still falls there, as it does towards 0 when all
        images are read rightly.

    Raises
    ------
    ShapeError, DataError
        If these are no probabilities, or no labels for them.

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", section 4.2; equations 51 and 52
    of ``docs/math.md``.
    """
    probabilities, labels = _checked(probabilities, labels)
    z = np.log(np.maximum(probabilities, np.finfo(probabilities.dtype).tiny), dtype=float)
    z -= z.max(axis=1, keepdims=True)
    of_truth = z[np.arange(len(z)), labels].mean()
    # The loss is convex in beta = 1/T, so its slope changes sign once.
    low, high = 1 / HOTTEST, HOTTEST
    for _ in range(N_HALVINGS):
        beta = (low + high) / 2
        q = np.exp(beta * z)
        slope = ((q * z).sum(axis=1) / q.sum(axis=1)).mean() - of_truth  # equation 52
        if slope < 0:
            low = beta
        else:
            high = beta
    return 2 / (low + high)


def choose_threshold(probabilities: ArrayLike, share: float) -> float:
    """Find the highest threshold that makes a model refuse at most a share of these images.

    An image is refused ("I don't know") when its confidence is below the threshold. Labels do
    not enter: how many of the others are read rightly is for a report on other images to say.

    Parameters
    ----------
    probabilities : array-like of float, (n, n_classes)
        Each row sums to 1.
    share : float
        Of the images, from 0 (the threshold is then the lowest confidence) to 1 (it is then 1).

    Returns
    -------
    float
        The confidence of one of the images, or 1.

    Raises
    ------
    ShapeError, DataError
        If these are no probabilities.
    ConfigError
        If `share` is no share.
    """
    if not 0 <= share <= 1:
        raise ConfigError(f"share: needs a number from 0 to 1, got {share}")
    confidence = np.sort(_checked_probabilities(probabilities).max(axis=1))
    n_refused = math.floor(share * len(confidence) + 1e-9)  # 0.29 x 100 is 28.999... in floats
    # Any threshold above confidence[n_refused] refuses that image too, and those before it.
    return float(confidence[n_refused]) if n_refused < len(confidence) else 1.0


def _checked(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    checked = _checked_probabilities(probabilities)
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ShapeError(f"labels: need one whole number for each image, got shape {labels.shape}")
    return checked, check_labels(labels, *checked.shape)


def _checked_probabilities(probabilities: ArrayLike) -> Array:
    checked = np.asarray(probabilities)
    if checked.ndim != 2 or not checked.size:
        raise ShapeError(
            f"probabilities: need one row for each image, at least one, got shape {checked.shape}"
        )
    is_whole = checked.dtype.kind != "f"
    if is_whole or not (checked.min() >= 0 and np.allclose(checked.sum(axis=1), 1, atol=1e-2)):
        raise DataError("probabilities: each row must be floats from 0 that sum to 1 (no logits)")
    return checked
