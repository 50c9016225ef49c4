"""Confusion: how often one class is predicted as another."""

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
    """List at most 10 confusions of a matrix (rows are labels), the most frequent first."""
    off_diagonal = confusion - np.diag(confusion.diagonal())
    order = np.argsort(-off_diagonal, axis=None, kind="stable")[:MAX_CONFUSIONS]
    pairs = (np.unravel_index(k, confusion.shape) for k in order if off_diagonal.flat[k])
    return tuple(Confusion(int(i), int(j), int(confusion[i, j])) for i, j in pairs)
