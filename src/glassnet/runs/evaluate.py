"""Evaluation of a model on held-out images, with its probabilities."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet.data.dataset import Split
from glassnet.data.readers.gzip_io import MAX_BYTES
from glassnet.errors import DataError, ShapeError
from glassnet.evaluation.report import Report, evaluate
from glassnet.models.model import Model
from glassnet.models.shipped import locate
from glassnet.runs.eval_split import choose_split
from glassnet.runs.training_hashes import read_training_hashes
from glassnet.types import Array


@dataclass(frozen=True, eq=False, kw_only=True)
class Evaluation:
    """Model, evaluation images and results.

    Parameters
    ----------
    data : str
        Description of the images.
    training_hashes : ndarray of uint64 or None
        Hashes of the training and validation images; None if there is no record of them.
    probabilities : ndarray, (n, n_classes)
        Predictions for all images of the split.
    seconds : float
        Duration of the prediction.
    report : Report
        Report on the held-out images.
    """

    model: Model
    data: str
    split: Split
    training_hashes: Array | None
    probabilities: Array
    seconds: float
    report: Report

    @property
    def rows(self) -> Array:
        """Row indices of the held-out images, as an integer array."""
        if self.training_hashes is None:
            return np.arange(len(self.split))
        return np.flatnonzero(~np.isin(self.split.hashes, self.training_hashes))


def evaluate_model(
    model: Model,
    name: str,
    data: str | None,
    *,
    label: str | None = None,
    shape: tuple[int, int] | None = None,
    max_bytes: int = MAX_BYTES,
    shifts: int = 0,
) -> Evaluation:
    """Evaluate a model on the test set of its run, or on other data.

    Parameters
    ----------
    model : Model
    name : str
        Where the model was loaded from: a run's folder, a model file, or a shipped model.
    data : str or None
        Name or path of a dataset; None for the test set of the run.
    label, shape, max_bytes : object
        See `RunConfig`; the default shape of a table is that of the model's images.
    shifts : int
        Number of test-time shifts; see `glassnet.models.model.Model.predict_proba`.

    Raises
    ------
    GlassnetError
        If there are no images to evaluate on, or they do not fit the model.
    """
    description, split = choose_split(
        locate(name),
        data,
        label=label,
        shape=shape or (_table_shape(model, data) if data else None),
        max_bytes=max_bytes,
    )
    training_hashes = read_training_hashes(name)
    timed = _TimedModel(model, shifts)
    try:
        report = evaluate(timed, split, training_hashes)
    except (DataError, ShapeError) as error:
        raise type(error)(f"{description}: {error}") from error
    return Evaluation(
        model=model,
        data=description,
        split=split,
        training_hashes=training_hashes,
        probabilities=timed.probabilities,
        seconds=timed.seconds,
        report=report,
    )


class _TimedModel:
    """Model with test-time shifts that records its probabilities and how long they took."""

    def __init__(self, model: Model, shifts: int) -> None:
        self.model, self.shifts = model, shifts
        self.probabilities: Any = None
        self.seconds = 0.0

    def predict_proba(self, X: ArrayLike) -> Any:
        """Compute the probabilities, and record them and how long they took."""
        begun = time.perf_counter()
        self.probabilities = self.model.predict_proba(X, shifts=self.shifts)
        self.seconds = time.perf_counter() - begun
        return self.probabilities


def _table_shape(model: Model, data: str) -> tuple[int, int] | None:
    """Return the shape of the model's images for a CSV table, or None if they are square."""
    is_table = data.lower().endswith((".csv", ".csv.gz"))
    shape = model.image_shape
    return shape if is_table and shape is not None and shape[0] != shape[1] else None
