"""Calibration: temperature scaling and the confidence threshold."""

import math

import numpy as np
from numpy.typing import ArrayLike

from glassnet.errors import ConfigError
from glassnet.evaluation.reliability_bin import check_predictions, check_probabilities

MAX_TEMPERATURE = 20.0  # the search interval is [1 / 20, 20]
N_HALVINGS = 60  # of that interval; more would be below the precision of float64


def fit_temperature(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Fit the temperature T that minimises the mean cross-entropy of softmax(ln(p) / T).

    This equals softmax(logits / T), since ln p and the logits of a row differ by a constant. T
    above 1 lowers the confidence; no T changes the most probable class.

    Parameters
    ----------
    probabilities : array-like of float, (n, n_classes)
        Each row sums to 1. Values below the smallest normal number of the dtype are raised to it.
    labels : array-like of int, (n,)
        Labels of held-out images: a model is overconfident on its training images.

    Returns
    -------
    float
        From 1/20 to 20; an end of that interval if the loss is still falling there. It falls
        towards T = 0 if all predictions are correct.

    Raises
    ------
    ShapeError, DataError
        See `glassnet.reliability`.

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", section 4.2; equations 51 and 52
    of ``docs/math.md``.

    Examples
    --------
    A model that is 90% confident and 75% accurate has odds of 9, but 3 would be calibrated; as
    3 = 9^(1/2), the temperature is 2.

    >>> import numpy as np, glassnet as gn
    >>> probabilities = np.full((4, 2), [0.9, 0.1])
    >>> print(f"{gn.fit_temperature(probabilities, labels=[0, 0, 0, 1]):.4f}")
    2.0000
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
    """Return the highest threshold that rejects at most a given fraction of the images.

    An image is rejected if its confidence is below the threshold. The labels are not used: evaluate
    the accuracy of the accepted images on another set.

    Parameters
    ----------
    probabilities : array-like of float, (n, n_classes)
        Each row sums to 1.
    share : float
        Maximum fraction of rejected images: from 0, where the threshold is the lowest confidence,
        to 1, where it is 1.

    Raises
    ------
    ShapeError, DataError
        If these are not probabilities.
    ConfigError
        If `share` is out of range.

    Examples
    --------
    Reject at most one image in five:

    >>> import numpy as np, glassnet as gn
    >>> confidence = np.array([0.7, 0.5, 0.9, 0.6, 0.8])
    >>> gn.choose_threshold(np.stack([confidence, 1 - confidence], axis=1), share=0.2)
    0.6
    """
    if not 0 <= share <= 1:
        raise ConfigError(f"share: needs a number from 0 to 1, got {share}")
    confidence = np.sort(check_probabilities(probabilities).max(axis=1))
    n_refused = math.floor(share * len(confidence) + 1e-9)  # 0.29 x 100 is 28.999... in floats
    # Any threshold above confidence[n_refused] rejects one more image.
    return float(confidence[n_refused]) if n_refused < len(confidence) else 1.0
