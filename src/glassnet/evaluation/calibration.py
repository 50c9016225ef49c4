"""Calibration: choosing the temperature of the probabilities and the confidence threshold."""

import math

import numpy as np
from numpy.typing import ArrayLike

from glassnet.errors import ConfigError
from glassnet.evaluation.reliability_bin import check_predictions, check_probabilities

MAX_TEMPERATURE = 20.0  # the search is from 1 / 20 to 20
N_HALVINGS = 60  # of that range: more would be below the precision of float64


def fit_temperature(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Fit the temperature T that minimizes the mean cross-entropy of normalised p^(1/T).

    That is softmax(logits / T), since ln p equals the logits up to a constant for each row. T above
    1 lowers the confidence; no T changes the most probable class.

    Parameters
    ----------
    probabilities : array-like of float, (n, n_classes)
        Each row sums to 1. A value below the smallest normal number of its dtype counts as that.
    labels : array-like of int, (n,)
        Of images that the model was not trained on, since it is overconfident on the others.

    Returns
    -------
    float
        From 1/20 to 20; one of the ends if the loss still falls there, as it does towards 0 if all
        predictions are correct.

    Raises
    ------
    ShapeError, DataError
        As from `glassnet.evaluation.reliability_bin.reliability`.

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", section 4.2; equations 51 and 52
    of ``docs/math.md``.
    """
    probabilities, labels = check_predictions(probabilities, labels)
    z = np.log(np.maximum(probabilities, np.finfo(probabilities.dtype).tiny), dtype=float)
    z -= z.max(axis=1, keepdims=True)
    of_truth = z[np.arange(len(z)), labels].mean()
    # The loss is convex in beta = 1/T, so its slope changes sign once.
    low, high = 1 / MAX_TEMPERATURE, MAX_TEMPERATURE
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
    """Return the highest threshold at which at most a share of these images is below it.

    It depends on the confidence alone: evaluate the accuracy of the other images on another part.

    Parameters
    ----------
    probabilities : array-like of float, (n, n_classes)
        Each row sums to 1.
    share : float
        From 0 (the threshold is the lowest confidence) to 1 (it is 1).

    Raises
    ------
    ShapeError, DataError
        If these are not probabilities.
    ConfigError
        If `share` is out of range.
    """
    if not 0 <= share <= 1:
        raise ConfigError(f"share: needs a number from 0 to 1, got {share}")
    confidence = np.sort(check_probabilities(probabilities).max(axis=1))
    n_refused = math.floor(share * len(confidence) + 1e-9)  # 0.29 x 100 is 28.999... in floats
    # Any threshold above confidence[n_refused] refuses that image too, and those before it.
    return float(confidence[n_refused]) if n_refused < len(confidence) else 1.0
