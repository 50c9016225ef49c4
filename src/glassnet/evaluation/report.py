"""Report: metrics of a model on held-out images."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet.data.image_hash import hash_images
from glassnet.errors import DataError, ShapeError
from glassnet.evaluation.class_score import ClassScore, score_class
from glassnet.evaluation.confusion import Confusion, most_frequent
from glassnet.evaluation.mistake import Mistake, most_confident
from glassnet.evaluation.predictor import Predictor
from glassnet.evaluation.reliability_bin import ReliabilityBin, mean_gap, reliability
from glassnet.evaluation.wilson import wilson_interval
from glassnet.nn.validation import Labelled
from glassnet.types import Array

JSON_KEYS = {"n_in_training": "n_leaked"}  # keys that differ from the field names


@dataclass(frozen=True, kw_only=True, eq=False)
class Report:
    """Metrics of a model on the held-out images in a split.

    Metrics are None if no image was held out.

    Parameters
    ----------
    n : int
        Number of held-out images; all metrics are computed on them.
    n_in_training : int
        Number of images left out because the model was trained or selected on them.
    accuracy_interval : tuple of float, or None
        95% Wilson interval for the accuracy.
    loss : float or None
        Mean cross-entropy in nats. Probabilities below the smallest normal number of the dtype are
        raised to it.
    calibration_error : float or None
        Expected calibration error with 15 bins.
    confusion : ndarray of int, (n_classes, n_classes)
        Number of images by label (rows) and prediction (columns).
    per_class : tuple of ClassScore
        Precision, recall and F1 score for each class.
    confusions : tuple of Confusion
        The 10 most frequent pairs of label and wrong prediction, in descending order.
    mistakes : tuple of Mistake
        The 25 most confident mistakes, in descending order.
    reliability : tuple of ReliabilityBin
        15 bins of equal width; empty without held-out images.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> net = gn.mlp([2, 2], rng=0)
    >>> net.params["W1"][...] = np.eye(2)  # the class is the brighter of two pixels
    >>> images = np.array([[[200, 0]], [[0, 200]], [[90, 100]], [[255, 60]]], np.uint8)
    >>> report = gn.evaluate(net, gn.Split(images, labels=np.array([0, 1, 0, 0])))
    >>> report.accuracy
    0.75
    >>> print(report.confusion)
    [[2 1]
     [0 1]]
    >>> [(mistake.index, mistake.label, mistake.prediction) for mistake in report.mistakes]
    [(2, 0, 1)]
    """

    n: int
    n_in_training: int
    accuracy: float | None
    accuracy_interval: tuple[float, float] | None
    loss: float | None
    calibration_error: float | None
    confusion: Array
    per_class: tuple[ClassScore, ...]
    confusions: tuple[Confusion, ...]
    mistakes: tuple[Mistake, ...]
    reliability: tuple[ReliabilityBin, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report in JSON-serialisable form, with `n_in_training` as ``n_leaked``."""
        content = asdict(self) | {"confusion": self.confusion.tolist()}
        return {JSON_KEYS.get(name, name): value for name, value in content.items()}


def evaluate(model: Predictor, split: Labelled, training_hashes: ArrayLike | None = None) -> Report:
    """Evaluate a model on labelled images that it was not trained on.

    Parameters
    ----------
    model : Model, Network or object with ``predict_proba``
    training_hashes : array-like of uint64, optional
        Hashes of the images to leave out because the model was trained or selected on them, for
        example ``dataset.image_hashes.training``.

    Raises
    ------
    ShapeError, DataError
        If there are no images, or the labels are not classes of the model.

    Examples
    --------
    The first image is a training image, so it is left out:

    >>> import numpy as np, glassnet as gn
    >>> net = gn.mlp([2, 2], rng=0)
    >>> net.params["W1"][...] = np.eye(2)  # the class is the brighter of two pixels
    >>> images = np.array([[[200, 0]], [[0, 200]], [[90, 100]]], np.uint8)
    >>> split = gn.Split(images, labels=np.array([0, 1, 0]))
    >>> report = gn.evaluate(net, split, training_hashes=split.hashes[:1])
    >>> report.n, report.n_in_training, report.accuracy
    (2, 1, 0.5)
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
            f"labels: the model has classes 0 to {n_classes - 1}, "
            f"got {labels.min()} to {labels.max()}"
        )
    rows = (
        np.arange(len(labels))
        if training_hashes is None
        else _held_out(split.images, training_hashes)
    )
    confusion = np.zeros((n_classes, n_classes), int)
    np.add.at(confusion, (labels[rows], probabilities[rows].argmax(axis=1)), 1)
    n, n_correct = len(rows), int(confusion.trace())
    of_truth = probabilities[rows, labels[rows]]
    log_losses = -np.log(np.maximum(of_truth, np.finfo(of_truth.dtype).tiny), dtype=float)
    bins = reliability(probabilities[rows], labels[rows]) if n else ()
    return Report(
        n=n,
        n_in_training=len(labels) - n,
        accuracy=n_correct / n if n else None,
        accuracy_interval=wilson_interval(n_correct, n) if n else None,
        loss=float(log_losses.mean()) if n else None,
        calibration_error=mean_gap(bins) if n else None,
        confusion=confusion,
        per_class=tuple(score_class(confusion, label) for label in range(n_classes)),
        confusions=most_frequent(confusion),
        mistakes=most_confident(rows, labels, probabilities),
        reliability=bins,
    )


def _held_out(images: ArrayLike, training_hashes: ArrayLike) -> Array:
    """Return the row indices of the held-out images."""
    hashes = np.asarray(training_hashes)
    if hashes.size and hashes.dtype.kind not in "iu":
        raise DataError(f"training_hashes: needs hashes of uint64, got {hashes.dtype}")
    return np.flatnonzero(~np.isin(hash_images(np.asarray(images)), hashes.astype(np.uint64)))
