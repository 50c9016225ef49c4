"""Mistake: an image whose prediction is wrong."""

from dataclasses import dataclass

import numpy as np

from glassnet.types import Array

MAX_MISTAKES = 25


@dataclass(frozen=True)
class Mistake:
    """An image, by its row in the split, with its label, its prediction and the probability."""

    index: int
    label: int
    prediction: int
    probability: float


def most_confident(rows: Array, labels: Array, probabilities: Array) -> tuple[Mistake, ...]:
    """List at most 25 mistakes among some rows of a split, the most confident first.

    Parameters
    ----------
    rows : ndarray of int, (k,)
        Rows of the images that count.
    labels : ndarray of int, (n,)
        Labels of the whole split.
    probabilities : ndarray, (n, n_classes)
        Of the whole split.
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
