"""Predictions of ``glassnet predict``, in one form for tables, datasets and pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console

from glassnet.models.model import Model
from glassnet.models.reading import DocumentReading
from glassnet.types import Array

N_SHOWN = 20  # for more images than these, only the counts of the digits are printed
PLACE = ("left", "top", "width", "height")


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The prediction for one image, or for one component of a picture.

    Parameters
    ----------
    file : str
        Name or path as given by the user.
    index : int
        Index of the image or component in its file, from 0.
    likeliest : int or None
        Most probable class, also below the confidence threshold; None if nothing was found.
    probability : float
        Probability of the most probable class.
    probabilities : list of float
        Probabilities of all classes, or empty.
    reason : str or None
        Reason why no digit is returned; None if one is.
    box : tuple of int or None
        Position in a picture: left, top, width, height.
    line : int or None
        Line of handwriting in a picture, from 0.
    """

    file: str
    index: int
    likeliest: int | None
    probability: float
    probabilities: list[float]
    reason: str | None
    box: tuple[int, int, int, int] | None = None
    line: int | None = None

    @property
    def digit(self) -> int | None:
        """Predicted class, or None below the confidence threshold."""
        return self.likeliest if self.reason is None else None

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction in JSON-serialisable form."""
        return {
            "file": self.file,
            "index": self.index,
            "line": self.line,
            "box": None if self.box is None else list(self.box),
            "digit": self.digit,
            "likeliest": self.likeliest,
            "probability": self.probability,
            "probabilities": self.probabilities,
            "reason": self.reason,
        }


def collect_image_predictions(file: str, model: Model, probabilities: Array) -> list[Prediction]:
    """Return the predictions for the images of a table or a dataset.

    Parameters
    ----------
    model : Model
        Its confidence threshold applies.
    probabilities : ndarray, (n, n_classes)
    """
    likeliest = probabilities.argmax(axis=1).tolist()
    unsure = model.is_unsure(probabilities).tolist()
    return [
        Prediction(
            file=file,
            index=i,
            likeliest=k,
            probability=row[k],
            probabilities=row,
            reason="not sure" if is_unsure else None,
        )
        for i, (k, is_unsure, row) in enumerate(
            zip(likeliest, unsure, probabilities.tolist(), strict=True)
        )
    ]


def collect_picture_predictions(file: str, page: DocumentReading) -> list[Prediction]:
    """Return at least one prediction for the components of a picture, in reading order."""
    return [
        Prediction(
            file=file,
            index=index,
            likeliest=int(np.argmax(reading.probabilities)) if reading.probabilities else None,
            probability=reading.probability,
            probabilities=list(reading.probabilities),
            reason=reading.reason or None,
            box=reading.box,
            line=reading.line,
        )
        for index, reading in enumerate(page.readings)
    ]


def build_table(predictions: list[Prediction]) -> tuple[tuple[str, ...], Iterable[tuple[Any, ...]]]:
    """Return the table for ``--csv``, with positions if there are pictures.

    Returns
    -------
    header : tuple of str
    rows : iterable of tuple
        A digit below the confidence threshold is left blank.
    """
    has_places = any(p.line is not None for p in predictions)
    head = ("file", "index", "digit", "probability")
    rows = (
        (
            prediction.file,
            prediction.index,
            "" if prediction.digit is None else prediction.digit,
            prediction.probability,
        )
        + (((*(prediction.box or ("",) * 4), prediction.reason or "")) if has_places else ())
        for prediction in predictions
    )
    return head + ((*PLACE, "reason") if has_places else ()), rows


def print_predictions(
    file: str, predictions: list[Prediction], classes: tuple[str, ...], console: Console
) -> None:
    """Print the predictions for a file, at least one."""
    if predictions[0].line is not None:
        _print_picture(file, predictions, classes, console)
    elif len(predictions) <= N_SHOWN:
        for prediction in predictions:
            prefix = "not sure, best guess " if prediction.digit is None else ""
            digit = classes[prediction.likeliest or 0]
            console.print(
                f"{file}, image {prediction.index}: {prefix}{digit}, "
                f"probability {prediction.probability:.4f}",
                markup=False,
            )
    else:
        sure = [p.digit for p in predictions if p.digit is not None]
        digits, counts = np.unique(sure, return_counts=True)
        each = [f"{k:,} x {classes[int(d)]}" for d, k in zip(digits, counts, strict=True)]
        if len(sure) < len(predictions):
            each.append(f"{len(predictions) - len(sure):,} not sure")
        console.print(f"{file}: {len(predictions):,} images, {', '.join(each)}", markup=False)


def _print_picture(
    file: str, predictions: list[Prediction], classes: tuple[str, ...], console: Console
) -> None:
    if len(predictions) == 1:
        prediction = predictions[0]
        text = prediction.reason if prediction.digit is None else classes[prediction.digit]
        shown = "" if prediction.digit is None else f", probability {prediction.probability:.4f}"
        console.print(f"{file}: {text}{shown}", markup=False)
        return
    n_read = sum(p.digit is not None for p in predictions)
    n_unsure = len(predictions) - n_read
    rest = f", {n_unsure} not sure (?)" if n_unsure else ""
    lowest = min((p.probability for p in predictions if p.digit is not None), default=0.0)
    lowest_text = f", lowest probability {lowest:.4f}" if n_read else ""
    lines = sorted({p.line for p in predictions if p.line is not None})
    noun = "line" if len(lines) == 1 else "lines"
    console.print(
        f"{file}: {n_read} digits in {len(lines)} {noun}{rest}{lowest_text}", markup=False
    )
    for line in lines:
        read = [p for p in predictions if p.line == line]
        text = "".join("?" if p.digit is None else classes[p.digit] for p in read)
        console.print(f"  {text}", markup=False)
