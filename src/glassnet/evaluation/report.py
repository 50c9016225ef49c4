"""Report: how well a model reads images that it has not seen, in plain numbers."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.errors import DataError, ShapeError

Array = NDArray[Any]

Z_95 = 1.959963984540054  # the normal distribution's 97.5 % point
N_CONFUSIONS = 10
N_MISTAKES = 25


class Predictor(Protocol):
    """A `Network` or a `Model`."""

    def predict_proba(self, X: ArrayLike) -> Array:
        """Tell how probable each class is, (n, n_classes)."""


class Labelled(Protocol):
    """Images with their labels, as a `Split` is."""

    @property
    def images(self) -> Array:
        """Return the images."""

    @property
    def labels(self) -> Array:
        """Return the labels."""


@dataclass(frozen=True)
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


@dataclass(frozen=True, eq=False)
class Report:
    """What a model is worth on one split.

    Parameters
    ----------
    n : int
        Images.
    accuracy : float
        Share read rightly.
    accuracy_interval : tuple of float
        Its 95 % Wilson interval.
    loss : float
        Mean cross-entropy, in nats. A probability below the smallest normal number of its dtype
        counts as that number.
    confusion : ndarray of int, (n_classes, n_classes)
        Rows are labels, columns predictions.
    per_class : tuple of ClassScore
        By label.
    confusions : tuple of Confusion
        The most frequent first, at most 10.
    mistakes : tuple of Mistake
        The most confident first, at most 25.
    """

    n: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    loss: float
    confusion: Array
    per_class: tuple[ClassScore, ...]
    confusions: tuple[Confusion, ...]
    mistakes: tuple[Mistake, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON can hold it.

        Returns
        -------
        dict
            Numbers, strings, lists and dictionaries.
        """
        return asdict(self) | {"confusion": self.confusion.tolist()}


def evaluate(model: Predictor, split: Labelled) -> Report:
    """Measure a model on images with known labels.

    Parameters
    ----------
    model : Model or Network
        Anything with ``predict_proba``.
    split : Split
        Images and labels; whole-number labels.

    Returns
    -------
    Report
        Plain numbers.

    Raises
    ------
    DataError
        If there are no images, or a label is no class of the model.
    """
    labels = np.asarray(split.labels)
    if labels.ndim != 1 or len(labels) != len(split.images):
        raise ShapeError(
            f"labels: need one whole number for each of {len(split.images)} images, "
            f"got shape {labels.shape}"
        )
    if len(labels) and labels.dtype.kind not in "iu":
        raise DataError(f"labels: need whole numbers, got {labels.dtype}")
    if not len(labels):
        raise DataError("evaluate: needs at least one image, got none")
    probabilities = model.predict_proba(split.images)
    n_classes = probabilities.shape[1]
    if not 0 <= labels.min() <= labels.max() < n_classes:
        raise DataError(
            f"labels: the model knows classes 0 to {n_classes - 1}, "
            f"got {labels.min()} to {labels.max()}"
        )
    predictions = probabilities.argmax(axis=1)
    confusion = np.zeros((n_classes, n_classes), int)
    np.add.at(confusion, (labels, predictions), 1)
    n, n_right = len(labels), int(confusion.trace())
    of_truth = probabilities[np.arange(n), labels]
    return Report(
        n,
        n_right / n,
        wilson_interval(n_right, n),
        float(-np.log(np.maximum(of_truth, np.finfo(of_truth.dtype).tiny), dtype=float).mean()),
        confusion,
        tuple(_class_score(confusion, label) for label in range(n_classes)),
        _most_frequent(confusion),
        _most_confident(labels, predictions, probabilities),
    )


def wilson_interval(n_right: int, n: int) -> tuple[float, float]:
    """Bound a proportion with 95 % confidence, well also near 0 and 1.

    Parameters
    ----------
    n_right, n : int
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
    p, z2 = n_right / n, Z_95 * Z_95
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half_width = Z_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    lower = 0.0 if n_right == 0 else centre - half_width  # rounding would leave 1e-17
    return lower, 1.0 if n_right == n else centre + half_width


def _class_score(confusion: Array, label: int) -> ClassScore:
    right = int(confusion[label, label])
    n_called, n = int(confusion[:, label].sum()), int(confusion[label].sum())
    return ClassScore(  # equation 33
        label,
        right / n_called if n_called else None,
        right / n if n else None,
        2 * right / (n_called + n) if n_called + n else None,
        n,
    )


def _most_frequent(confusion: Array) -> tuple[Confusion, ...]:
    off_diagonal = confusion - np.diag(confusion.diagonal())
    order = np.argsort(-off_diagonal, axis=None, kind="stable")[:N_CONFUSIONS]
    pairs = (np.unravel_index(k, confusion.shape) for k in order if off_diagonal.flat[k])
    return tuple(Confusion(int(i), int(j), int(confusion[i, j])) for i, j in pairs)


def _most_confident(labels: Array, predictions: Array, probabilities: Array) -> tuple[Mistake, ...]:
    wrong = np.flatnonzero(predictions != labels)
    confidence = probabilities[wrong, predictions[wrong]]
    return tuple(
        Mistake(
            int(i), int(labels[i]), int(predictions[i]), float(probabilities[i, predictions[i]])
        )
        for i in wrong[np.argsort(-confidence, kind="stable")[:N_MISTAKES]]
    )
