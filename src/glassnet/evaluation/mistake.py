"""Mistake: a misclassified image."""

from dataclasses import dataclass

import numpy as np

from glassnet.types import Array

MAX_MISTAKES = 25


@dataclass(frozen=True)
class Mistake:
    """A misclassified image: row index in the split, label, prediction and confidence."""

    index: int
    label: int
    prediction: int
    probability: float


def most_confident(rows: Array, labels: Array, probabilities: Array) -> tuple[Mistake, ...]:
    """Return the 25 most confident mistakes among the given rows of a split.

    Parameters
    ----------
    rows : ndarray of int, (k,)
        Row indices of the held-out images.
    labels : ndarray of int, (n,)
        Labels of the whole split.
    probabilities : ndarray, (n, n_classes)
        Predictions for the whole split.
    """
    predictions = probabilities.argmax(axis=1)
    wrong = rows[predictions[rows] != labels[rows]]
    confidence = probabilities[wrong, predictions[wrong]]
    return tuple(
        Mistake(
            int(i), int(labels[i]), int(predictions[i]), float(probabilities[i, predictions[i]])
        )
        for i in wrong[np.argsort(-confidence, kind="stable")[:MAX_MISTAKES]]
    )
