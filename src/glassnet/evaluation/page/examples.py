"""Which test images the page shows: for each pair of label and prediction, a few."""

import numpy as np

from glassnet.evaluation.page.confusion import MAX_CLASSES
from glassnet.evaluation.page.content import Example
from glassnet.evaluation.report import Report
from glassnet.nn.validation import Labelled
from glassnet.types import Array

MOST_WRONG, MOST_RIGHT = 24, 6  # images of one cell
MOST = 600  # images of all cells together, so that the page stays small


def choose_examples(
    report: Report, split: Labelled, probabilities: Array, rows: Array
) -> dict[tuple[int, int], tuple[Example, ...]]:
    """Pick images for the confusion matrix: the surest mistakes, the least sure right ones.

    Parameters
    ----------
    report : Report
        Its confusion matrix.
    split : Split
        The images that it was made on.
    probabilities : ndarray, (n, n_classes)
        What the model gives to each of them.
    rows : ndarray of int
        Those that the report is about.

    Returns
    -------
    dict of (int, int) to tuple of Example
        By label and prediction. All pairs that there are; with many classes, those that are
        confused most often.
    """
    labels = np.asarray(split.labels)
    predictions, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    if probabilities.shape[1] <= MAX_CLASSES:
        pairs = [(int(i), int(j)) for i, j in np.argwhere(report.confusion)]
    else:
        pairs = [(pair.label, pair.prediction) for pair in report.confusions]
    most = _most(report, pairs)
    chosen = {}
    for label, prediction in pairs:
        found = rows[(labels[rows] == label) & (predictions[rows] == prediction)]
        is_correct = label == prediction
        order = np.argsort(confidence[found] if is_correct else -confidence[found], kind="stable")
        shown = found[order[: min(most, MOST_RIGHT) if is_correct else most]]
        chosen[label, prediction] = tuple(
            Example(int(row), label, probabilities[row], split.images[row]) for row in shown
        )
    return chosen


def _most(report: Report, pairs: list[tuple[int, int]]) -> int:
    """Return how many images a cell may show, so that all cells together stay in bounds."""
    for most in range(MOST_WRONG, 1, -1):
        total = sum(
            min(int(report.confusion[pair]), min(most, MOST_RIGHT) if pair[0] == pair[1] else most)
            for pair in pairs
        )
        if total <= MOST:
            return most
    return 1
