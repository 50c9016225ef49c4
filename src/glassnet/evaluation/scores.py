"""What a report is made of: scores of classes, confusions, mistakes, and an interval."""

import math
from dataclasses import dataclass

import numpy as np

from glassnet.types import Array

Z_95 = 1.959963984540054  # the normal distribution's 97.5 % point
N_CONFUSIONS = 10
N_MISTAKES = 25


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    """How one class fares.

    Parameters
    ----------
    label : int
        The class.
    precision : float or None
        Share of the images called so that are so; None where none was called so.
    recall : float or None
        Share of the images that are so which were called so; None where there are none.
    f1 : float or None
        Harmonic mean of the two.
    n : int
        Images of that class.
    """

    label: int
    precision: float | None
    recall: float | None
    f1: float | None
    n: int


@dataclass(frozen=True)
class Confusion:
    """One class taken for another.

    Parameters
    ----------
    label, prediction : int
        What the images are, and what they were called.
    count : int
        How many.
    """

    label: int
    prediction: int
    count: int


@dataclass(frozen=True)
class Mistake:
    """One image that was read wrongly.

    Parameters
    ----------
    index : int
        Its row in the split.
    label, prediction : int
        What it is, and what it was called.
    probability : float
        With which it was called so.
    """

    index: int
    label: int
    prediction: int
    probability: float


def wilson_interval(n_correct: int, n: int) -> tuple[float, float]:
    """Bound a proportion with 95 % confidence, well also near 0 and 1.

    Parameters
    ----------
    n_correct, n : int
        Successes out of trials, `n` at least 1.

    Returns
    -------
    tuple of float
        Lower and upper bound, in [0, 1].

    References
    ----------
    Wilson 1927, "Probable inference, the law of succession, and statistical inference"; equation
    32 of ``docs/math.md``.
    """
    p, z2 = n_correct / n, Z_95 * Z_95
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half_width = Z_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    lower = 0.0 if n_correct == 0 else centre - half_width  # rounding would leave 1e-17
    return lower, 1.0 if n_correct == n else centre + half_width


def score_class(confusion: Array, label: int) -> ClassScore:
    """Score one class by the confusion matrix; equation 33 of ``docs/math.md``.

    Parameters
    ----------
    confusion : ndarray of int, (n_classes, n_classes)
        Rows are labels, columns predictions.
    label : int
        The class.

    Returns
    -------
    ClassScore
        Of that class.
    """
    right = int(confusion[label, label])
    n_called, n = int(confusion[:, label].sum()), int(confusion[label].sum())
    return ClassScore(
        label=label,
        precision=right / n_called if n_called else None,
        recall=right / n if n else None,
        f1=2 * right / (n_called + n) if n_called + n else None,
        n=n,
    )


def most_frequent(confusion: Array) -> tuple[Confusion, ...]:
    """List the most frequent confusions.

    Parameters
    ----------
    confusion : ndarray of int, (n_classes, n_classes)
        Rows are labels, columns predictions.

    Returns
    -------
    tuple of Confusion
        The most frequent first, at most 10.
    """
    off_diagonal = confusion - np.diag(confusion.diagonal())
    order = np.argsort(-off_diagonal, axis=None, kind="stable")[:N_CONFUSIONS]
    pairs = (np.unravel_index(k, confusion.shape) for k in order if off_diagonal.flat[k])
    return tuple(Confusion(int(i), int(j), int(confusion[i, j])) for i, j in pairs)


def most_confident(rows: Array, labels: Array, probabilities: Array) -> tuple[Mistake, ...]:
    """List the mistakes that the model was surest of.

    Parameters
    ----------
    rows : ndarray of int, (k,)
        Which images to look at.
    labels : ndarray of int, (n,)
        Classes of all images.
    probabilities : ndarray, (n, n_classes)
        What the model gives to each.

    Returns
    -------
    tuple of Mistake
        The most confident first, at most 25.
    """
    predictions = probabilities.argmax(axis=1)
    wrong = rows[predictions[rows] != labels[rows]]
    confidence = probabilities[wrong, predictions[wrong]]
    return tuple(
        Mistake(
            int(i), int(labels[i]), int(predictions[i]), float(probabilities[i, predictions[i]])
        )
        for i in wrong[np.argsort(-confidence, kind="stable")[:N_MISTAKES]]
    )
