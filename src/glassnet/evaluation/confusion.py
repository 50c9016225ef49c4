"""Confusion: the number of images of one class that are predicted as another."""

from dataclasses import dataclass

import numpy as np

from glassnet.types import Array

MAX_CONFUSIONS = 10


@dataclass(frozen=True)
class Confusion:
    """Number of images of one class that are predicted as another."""

    label: int
    prediction: int
    count: int


def most_frequent(confusion: Array) -> tuple[Confusion, ...]:
    """Return the 10 most frequent confusions in a confusion matrix (rows are labels)."""
    off_diagonal = confusion - np.diag(confusion.diagonal())
    order = np.argsort(-off_diagonal, axis=None, kind="stable")[:MAX_CONFUSIONS]
    pairs = (np.unravel_index(k, confusion.shape) for k in order if off_diagonal.flat[k])
    return tuple(Confusion(int(i), int(j), int(confusion[i, j])) for i, j in pairs)
