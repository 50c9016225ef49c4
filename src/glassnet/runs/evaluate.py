"""Evaluate: a model on held-out images, with each of its answers."""

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
    """A model, the images that it was evaluated on, and the results.

    Parameters
    ----------
    model : Model
        Which.
    data : str
        What the images are, in words.
    split : Split
        The images.
    training_hashes : ndarray of uint64 or None
        Hashes of the training and validation images; None if there is no record of them.
    probabilities : ndarray, (n, n_classes)
        What the model gives to each image of the split.
    seconds : float
        That it took to tell them.
    report : Report
        On the images that it has not seen.
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
        """Return the rows of the held-out images.

        Returns
        -------
        ndarray of int
            Those that the model has not seen.
        """
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
    """Evaluate a model on the test part of its run, or on other data.

    Parameters
    ----------
    model : Model
        As it was loaded.
    name : str
        From where: a run's folder, a model file, or the name of a model that comes with glassnet.
    data : str or None
        Other data than the run's own.
    label, shape, max_bytes : object
        As for `choose_split`; a table without a shape has that of the model.
    shifts : int
        As for `glassnet.models.model.Model.predict_proba`.

    Returns
    -------
    Evaluation
        All that was found.

    Raises
    ------
    GlassnetError
        If there is nothing that it could be measured on.
    """
    description, split = choose_split(
        locate(name),
        data,
        label=label,
        shape=shape or (_table_shape(model, data) if data else None),
        max_bytes=max_bytes,
    )
    training_hashes = read_training_hashes(name)
    timed = _Asked(model, shifts)
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


class _Asked:
    """A model with test-time shifts that keeps its probabilities."""

    def __init__(self, model: Model, shifts: int) -> None:
        self.model, self.shifts = model, shifts
        self.probabilities: Any = None
        self.seconds = 0.0

    def predict_proba(self, X: ArrayLike) -> Any:
        """Compute and keep the probabilities and the time."""
        begun = time.perf_counter()
        self.probabilities = self.model.predict_proba(X, shifts=self.shifts)
        self.seconds = time.perf_counter() - begun
        return self.probabilities


def _table_shape(model: Model, data: str) -> tuple[int, int] | None:
    """Return the shape of the model's images for a table that has none, unless it is square."""
    is_table = data.lower().endswith((".csv", ".csv.gz"))
    shape = model.image_shape
    return shape if is_table and shape is not None and shape[0] != shape[1] else None
