"""Examples: images in the report for each pair of label and prediction."""

from dataclasses import dataclass

import numpy as np

from glassnet.evaluation.report import Report
from glassnet.nn.validation import Labelled
from glassnet.types import Array

MAX_MATRIX_CLASSES = 26  # above it, the most frequent confusions are listed
MAX_WRONG, MAX_CORRECT = 24, 6  # images in one cell
MAX_IMAGES = 600  # in all cells together, to keep the page small


@dataclass(frozen=True, eq=False)
class Example:
    """A test image with its label and class probabilities.

    Parameters
    ----------
    index : int
        Row of the image in the split.
    probabilities : ndarray of float, (n_classes,)
    image : ndarray of uint8, (height, width)
        Grey values, 0 to 255.
    """

    index: int
    label: int
    probabilities: Array
    image: Array

    @property
    def prediction(self) -> int:
        """Most probable class."""
        return int(self.probabilities.argmax())

    @property
    def probability(self) -> float:
        """Confidence: the highest probability."""
        return float(self.probabilities.max())


def choose_examples(
    report: Report, split: Labelled, probabilities: Array, rows: Array
) -> dict[tuple[int, int], tuple[Example, ...]]:
    """Choose the most confident mistakes and the least confident correct predictions.

    Parameters
    ----------
    split : Split
        All images that were evaluated.
    probabilities : ndarray, (n, n_classes)
        Predictions for the whole split.
    rows : ndarray of int
        Row indices of the held-out images that the report covers.

    Returns
    -------
    dict of (int, int) to tuple of Example
        Images for each pair that occurs; with more than 26 classes, only for the most
        frequent confusions.
    """
    labels = np.asarray(split.labels)
    predictions, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    if probabilities.shape[1] <= MAX_MATRIX_CLASSES:
        pairs = [(int(i), int(j)) for i, j in np.argwhere(report.confusion)]
    else:
        pairs = [(pair.label, pair.prediction) for pair in report.confusions]
    limit = _limit_cell(report, pairs)
    chosen = {}
    for label, prediction in pairs:
        found = rows[(labels[rows] == label) & (predictions[rows] == prediction)]
        is_correct = label == prediction
        order = np.argsort(confidence[found] if is_correct else -confidence[found], kind="stable")
        shown = found[order[: min(limit, MAX_CORRECT) if is_correct else limit]]
        chosen[label, prediction] = tuple(
            Example(int(row), label, probabilities[row], split.images[row]) for row in shown
        )
    return chosen


def _limit_cell(report: Report, pairs: list[tuple[int, int]]) -> int:
    """Return the number of images per cell that keeps the total within the limit."""
    for limit in range(MAX_WRONG, 1, -1):
        total = sum(
            min(int(report.confusion[i, j]), min(limit, MAX_CORRECT) if i == j else limit)
            for i, j in pairs
        )
        if total <= MAX_IMAGES:
            return limit
    return 1
