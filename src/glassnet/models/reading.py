"""Reading: digits found and classified in a picture of handwriting."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from glassnet.data.handwriting.components import Component, sort_in_reading_order
from glassnet.data.handwriting.decoding import Picture
from glassnet.data.handwriting.document import Document, Stage, open_page, to_picture
from glassnet.data.handwriting.stages import cut_out
from glassnet.errors import ConfigError
from glassnet.models.model import Model
from glassnet.models.splitting import MAX_SINGLE_DIGIT_ASPECT, propose_cuts
from glassnet.types import Array

SIDE = 28
SHEET_TURNS = (-90.0, 90.0)  # degrees; a tilted sheet may also lie on its side
# Relative to the median height of the digits: unsure components outside this range are dropped.
KEPT_HEIGHTS = 0.6, 1.8


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """The prediction for one component of a picture.

    Parameters
    ----------
    box : tuple of int or None
        Left, top, width, height in the original picture; None if there is no ink.
    line : int
        Number of the line of handwriting, from 0.
    digit : int or None
        Predicted digit; None if the model is unsure.
    probability : float
        Probability of the most probable digit; 0 if there is no ink.
    probabilities : tuple of float
        Probabilities of all classes; empty if there is no ink.
    reason : str
        Why `digit` is None; otherwise empty.
    stages : tuple of Stage
        Processing steps from the component to the input of the network.
    """

    box: tuple[int, int, int, int] | None
    line: int
    digit: int | None
    probability: float
    probabilities: tuple[float, ...]
    reason: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, eq=False)
class DocumentReading:
    """The readings of a picture, with the processing steps from the picture to its ink.

    Parameters
    ----------
    readings : tuple of Reading
        At least one, in reading order.
    width : int
        Width of the original picture in pixels.
    """

    stages: tuple[Stage, ...]
    readings: tuple[Reading, ...]
    width: int

    @property
    def lines(self) -> list[list[Reading]]:
        """Readings grouped by line, from top to bottom and left to right."""
        numbers = sorted({reading.line for reading in self.readings})
        return [[r for r in self.readings if r.line == number] for number in numbers]


def read_picture(
    model: Model, image: str | os.PathLike[str] | bytes | Picture | ArrayLike, *, shifts: int = 0
) -> DocumentReading:
    """Read the digits in a picture: a single digit, a line, or a page of lines.

    Parameters
    ----------
    model : Model
        For images of 28 x 28 pixels.
    image : path, bytes, Picture or array-like of uint8, (height, width)
        A file, its content, or grey values.
    shifts : int
        Test-time augmentation, see `Model.predict_proba`.

    Returns
    -------
    DocumentReading
        Unsure components are included, with a reason, unless they are much smaller or larger than
        the digits.

    Raises
    ------
    ConfigError
        If the model is for images of another size.
    DataError, ShapeError
        If the picture is invalid, see `glassnet.data.handwriting.document.open_page`.
    """
    if (model.image_shape or (model.n_in,)) not in ((SIDE, SIDE), (SIDE * SIDE,)):
        raise ConfigError(
            f"model: needs images of {SIDE} x {SIDE} pixels to read a picture, "
            f"got {model.n_in} inputs"
        )
    picture = to_picture(image)
    page = open_page(picture)
    candidates = _classify(model, page, page.components, shifts)
    if page.sheet_angle:
        for turn in SHEET_TURNS:
            other = open_page(picture, turn=turn)
            others = _classify(model, other, other.components, shifts)
            if _mean_confidence(others) > _mean_confidence(candidates):
                page, candidates = other, others
    if not candidates:
        nothing = Reading(
            box=None,
            line=0,
            digit=None,
            probability=0.0,
            probabilities=(),
            reason="no ink that could be a digit",
            stages=(),
        )
        return DocumentReading(page.stages, (nothing,), page.width)
    candidates = _split(model, page, candidates, shifts)
    numbers = _lines([candidate.component for candidate in candidates])
    readings = [
        _decide(model, page, candidate, line)
        for candidate, line in zip(candidates, numbers, strict=True)
    ]
    return DocumentReading(page.stages, tuple(_drop_outliers(candidates, readings)), page.width)


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A component with its processing steps and class probabilities."""

    component: Component
    stages: tuple[Stage, ...]
    probabilities: Array

    @property
    def confidence(self) -> float:
        return float(self.probabilities.max())


def _classify(
    model: Model, page: Document, components: Sequence[Component], shifts: int
) -> list[_Candidate]:
    if not components:
        return []
    stages = [tuple(cut_out(page, component)) for component in components]
    digits = np.stack([steps[-1].picture for steps in stages])
    probabilities = model.predict_proba(digits, shifts=shifts)
    return list(map(_Candidate, components, stages, probabilities))


def _mean_confidence(candidates: Sequence[_Candidate]) -> float:
    return float(np.mean([candidate.confidence for candidate in candidates])) if candidates else 0.0


def _split(
    model: Model, page: Document, candidates: list[_Candidate], shifts: int
) -> list[_Candidate]:
    """Split wide components below the threshold into two digits if both are above it."""
    threshold = model.threshold or 0.5
    result: list[_Candidate] = []
    for candidate in candidates:
        width, height = candidate.component.box[2:]
        is_two = width > MAX_SINGLE_DIGIT_ASPECT * height and candidate.confidence < threshold
        cuts = propose_cuts(candidate.component) if is_two else []
        parts = _classify(model, page, [part for cut in cuts for part in cut], shifts)
        pairs = list(zip(parts[::2], parts[1::2], strict=True))
        best = max(pairs, key=_min_confidence, default=())
        if best and _min_confidence(best) >= threshold:
            result += best
        else:
            result.append(candidate)
    if len(result) == len(candidates):
        return candidates
    order = sort_in_reading_order([candidate.component for candidate in result])
    return [c for component in order for c in result if c.component is component]


def _min_confidence(candidates: Sequence[_Candidate]) -> float:
    return min(candidate.confidence for candidate in candidates)


def _lines(components: Sequence[Component]) -> list[int]:
    """Return the line number of each component; a new line begins where x decreases."""
    numbers = [0]
    for before, component in pairwise(components):
        numbers.append(numbers[-1] + (component.box[0] < before.box[0]))
    return numbers


def _decide(model: Model, page: Document, candidate: _Candidate, line: int) -> Reading:
    best = int(candidate.probabilities.argmax())
    is_sure = not model.is_unsure(candidate.probabilities[None])[0]
    reason = (
        f"unsure: best guess {model.classes[best]} (probability {candidate.confidence:.2f}), below "
        f"the threshold {model.threshold or 0:.2f}"
    )
    digit = best if is_sure else None
    box = page.box(candidate.component)
    return Reading(
        box=box,
        line=line,
        digit=digit,
        probability=candidate.confidence,
        probabilities=tuple(map(float, candidate.probabilities)),
        reason="" if is_sure else reason,
        stages=candidate.stages,
    )


def _drop_outliers(candidates: Sequence[_Candidate], readings: Sequence[Reading]) -> list[Reading]:
    """Drop unsure readings of components much smaller or larger than the digits."""
    pairs = list(zip(candidates, readings, strict=True))
    heights = [c.component.box[3] for c, reading in pairs if reading.digit is not None]
    if not heights:
        return list(readings)
    low, high = (share * float(np.median(heights)) for share in KEPT_HEIGHTS)
    return [
        reading
        for candidate, reading in pairs
        if reading.digit is not None or low <= max(candidate.component.box[2:]) <= high
    ]
