"""Answers of ``glassnet predict``: of tables of images and of pictures, in one form."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console

from glassnet.models.model import Model
from glassnet.models.reading import DocumentReading
from glassnet.types import Array

N_SHOWN = 20  # images of a table, above which their digits are counted
PLACE = ("left", "top", "width", "height")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer for one image, or for one component of a picture.

    Parameters
    ----------
    file : str
        As it was given.
    index : int
        Which of the file's, from 0.
    likeliest : int or None
        Sure or not; None where there is nothing to read.
    probability : float
        Of the likeliest.
    probabilities : list of float
        Of all classes.
    reason : str or None
        Why there is no digit; None where there is one.
    box : tuple of int or None
        Where it is in a picture: left, top, width, height.
    line : int or None
        The line of handwriting in a picture, from 0.
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
        """Return the digit.

        Returns
        -------
        int or None
            None where the model does not know.
        """
        return self.likeliest if self.reason is None else None

    def to_dict(self) -> dict[str, Any]:
        """Return the answer for JSON.

        Returns
        -------
        dict
            Numbers, strings, lists, None.
        """
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


def of_images(file: str, model: Model, probabilities: Array) -> list[Answer]:
    """Return the answers for the images of a table or a dataset.

    Parameters
    ----------
    file : str
        As it was given.
    model : Model
        Says where it is not sure.
    probabilities : ndarray, (n, n_classes)
        From `model`.

    Returns
    -------
    list of Answer
        One for each image.
    """
    likeliest = probabilities.argmax(axis=1).tolist()
    unsure = model.is_unsure(probabilities).tolist()
    return [
        Answer(
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


def of_picture(file: str, page: DocumentReading) -> list[Answer]:
    """Return the answers for the components of a picture.

    Parameters
    ----------
    file : str
        As it was given.
    page : DocumentReading
        The picture, read.

    Returns
    -------
    list of Answer
        In reading order, at least one.
    """
    return [
        Answer(
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


def table_of(answers: list[Answer]) -> tuple[tuple[str, ...], Iterable[tuple[Any, ...]]]:
    """Return the table for ``--csv``, with positions if there are pictures.

    Parameters
    ----------
    answers : list of Answer
        Of all files.

    Returns
    -------
    head : tuple of str
        Names of the columns.
    rows : iterable of tuple
        A digit that the model is not sure of is left out.
    """
    has_places = any(answer.line is not None for answer in answers)
    head = ("file", "index", "digit", "probability")
    rows = (
        (
            answer.file,
            answer.index,
            "" if answer.digit is None else answer.digit,
            answer.probability,
        )
        + (((*(answer.box or ("",) * 4), answer.reason or "")) if has_places else ())
        for answer in answers
    )
    return head + ((*PLACE, "reason") if has_places else ()), rows


def show(file: str, answers: list[Answer], classes: tuple[str, ...], console: Console) -> None:
    """Print the answers for one file.

    Parameters
    ----------
    file : str
        As it was given.
    answers : list of Answer
        Of that file, at least one.
    classes : tuple of str
        The model's.
    console : Console
        Where to.
    """
    if answers[0].line is not None:
        _show_picture(file, answers, classes, console)
    elif len(answers) <= N_SHOWN:
        for answer in answers:
            doubt = "not sure, likeliest " if answer.digit is None else ""
            digit = classes[answer.likeliest or 0]
            console.print(
                f"{file}, image {answer.index}: {doubt}{digit}, "
                f"probability {answer.probability:.4f}",
                markup=False,
            )
    else:
        sure = [answer.digit for answer in answers if answer.digit is not None]
        digits, counts = np.unique(sure, return_counts=True)
        each = [f"{k:,} x {classes[int(d)]}" for d, k in zip(digits, counts, strict=True)]
        if len(sure) < len(answers):
            each.append(f"{len(answers) - len(sure):,} not sure")
        console.print(f"{file}: {len(answers):,} images, {', '.join(each)}", markup=False)


def _show_picture(
    file: str, answers: list[Answer], classes: tuple[str, ...], console: Console
) -> None:
    if len(answers) == 1:
        answer = answers[0]
        text = answer.reason if answer.digit is None else classes[answer.digit]
        shown = "" if answer.digit is None else f", probability {answer.probability:.4f}"
        console.print(f"{file}: {text}{shown}", markup=False)
        return
    n_read = sum(answer.digit is not None for answer in answers)
    n_unsure = len(answers) - n_read
    rest = f", {n_unsure} not sure (?)" if n_unsure else ""
    lowest = min(
        (answer.probability for answer in answers if answer.digit is not None), default=0.0
    )
    least = f", the least sure {lowest:.4f}" if n_read else ""
    lines = sorted({answer.line for answer in answers if answer.line is not None})
    noun = "line" if len(lines) == 1 else "lines"
    console.print(f"{file}: {n_read} digits in {len(lines)} {noun}{rest}{least}", markup=False)
    for line in lines:
        read = [answer for answer in answers if answer.line == line]
        text = "".join("?" if answer.digit is None else classes[answer.digit] for answer in read)
        console.print(f"  {text}", markup=False)
