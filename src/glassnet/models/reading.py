"""Reading: a picture of handwriting to digits, each with its place, or with why it is none."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from glassnet.data.handwriting.components import Component, in_reading_order
from glassnet.data.handwriting.decoding import Picture
from glassnet.data.handwriting.document import Document, Stage, open_page, to_picture
from glassnet.data.handwriting.stages import cut_out
from glassnet.errors import ConfigError
from glassnet.models.model import Model
from glassnet.models.splitting import MAX_SINGLE_DIGIT_ASPECT, cuts
from glassnet.types import Array

SIDE = 28
SHEET_TURNS = (-90.0, 90.0)  # a crooked sheet may lie on its side as well
# Of the height of what was read: what is smaller or larger, and not read, is none.
KEPT_HEIGHTS = 0.6, 1.8


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """What a model makes of one component.

    Parameters
    ----------
    box : tuple of int or None
        Left, top, width, height in the picture as it was given; None where there is no ink.
    line : int
        The line of handwriting that it stands in, from 0.
    digit : int or None
        None where the model does not know.
    probability : float
        Of the likeliest digit, sure or not; 0 without ink.
    probabilities : tuple of float
        Of all classes; none without ink.
    reason : str
        Why there is no digit; empty where there is one.
    stages : tuple of Stage
        From the component to what the network saw of it.
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
    """A picture, read.

    Parameters
    ----------
    stages : tuple of Stage
        From the picture to its ink.
    readings : tuple of Reading
        In reading order, at least one.
    width : int
        Of the picture as it was given, in pixels.
    """

    stages: tuple[Stage, ...]
    readings: tuple[Reading, ...]
    width: int

    @property
    def lines(self) -> list[list[Reading]]:
        """Return the readings line by line.

        Returns
        -------
        list of list of Reading
            From top to bottom, each from left to right.
        """
        numbers = sorted({one.line for one in self.readings})
        return [[one for one in self.readings if one.line == number] for number in numbers]


def read_picture(
    model: Model, image: str | os.PathLike[str] | bytes | Picture | ArrayLike, *, shifts: int = 0
) -> DocumentReading:
    """Read the digits of a picture: one, a line, or a page of lines.

    Parameters
    ----------
    model : Model
        Of digits of 28 x 28 pixels.
    image : path, bytes, Picture or array-like of uint8, (height, width)
        As for `glassnet.data.handwriting.document.open_page`.
    shifts : int
        As for `Model.predict_proba`.

    Returns
    -------
    DocumentReading
        A component that the model is not sure of has its place among the others, and a reason; what
        is moreover much smaller or larger than they is left out as rubbish.

    Raises
    ------
    ConfigError
        If the model reads other images.
    DataError, ShapeError
        As from `open_page`.
    """
    if (model.image_shape or (model.n_in,)) not in ((SIDE, SIDE), (SIDE * SIDE,)):
        raise ConfigError(
            f"a picture of handwriting is read by a model of {SIDE} x {SIDE} pixels, "
            f"this one has {model.n_in}"
        )
    picture = to_picture(image)
    page = open_page(picture)
    looks = _look(model, page, page.components, shifts)
    if page.sheet_angle:
        for turn in SHEET_TURNS:
            other = open_page(picture, turn=turn)
            others = _look(model, other, other.components, shifts)
            if _sureness(others) > _sureness(looks):
                page, looks = other, others
    if not looks:
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
    looks = _split(model, page, looks, shifts)
    numbers = _lines([look.component for look in looks])
    readings = [_decide(model, page, look, line) for look, line in zip(looks, numbers, strict=True)]
    return DocumentReading(page.stages, tuple(_without_rubbish(looks, readings)), page.width)


@dataclass(frozen=True, eq=False)
class _Look:
    """A component, what the network saw of it, and what it made of that."""

    component: Component
    stages: tuple[Stage, ...]
    probabilities: Array

    @property
    def sureness(self) -> float:
        return float(self.probabilities.max())


def _look(
    model: Model, page: Document, components: Sequence[Component], shifts: int
) -> list[_Look]:
    if not components:
        return []
    seen = [tuple(cut_out(page, component)) for component in components]
    digits = np.stack([stages[-1].picture for stages in seen])
    probabilities = model.predict_proba(digits, shifts=shifts)
    return [_Look(*one) for one in zip(components, seen, probabilities, strict=True)]


def _sureness(looks: Sequence[_Look]) -> float:
    return float(np.mean([look.sureness for look in looks])) if looks else 0.0


def _split(model: Model, page: Document, looks: list[_Look], shifts: int) -> list[_Look]:
    """Part digits that touch, where both parts are read surely and the whole is not."""
    least = model.threshold or 0.5
    parted: list[_Look] = []
    for look in looks:
        width, height = look.component.box[2:]
        is_two = width > MAX_SINGLE_DIGIT_ASPECT * height and look.sureness < least
        ways = cuts(look.component) if is_two else []
        parts = _look(model, page, [part for way in ways for part in way], shifts)
        pairs = list(zip(parts[::2], parts[1::2], strict=True))
        best = max(pairs, key=lambda pair: min(one.sureness for one in pair), default=())
        if best and min(one.sureness for one in best) >= least:
            parted += best
        else:
            parted.append(look)
    if len(parted) == len(looks):
        return looks
    order = in_reading_order([look.component for look in parted])
    return [look for component in order for look in parted if look.component is component]


def _lines(components: Sequence[Component]) -> list[int]:
    """Return the line of each component; a line begins where reading returns to the left."""
    numbers = [0]
    for before, component in pairwise(components):
        numbers.append(numbers[-1] + (component.box[0] < before.box[0]))
    return numbers


def _decide(model: Model, page: Document, look: _Look, line: int) -> Reading:
    likeliest = int(look.probabilities.argmax())
    told = tuple(map(float, look.probabilities))
    is_sure = not model.is_unsure(look.probabilities[None])[0]
    reason = (
        f"not sure: likeliest {model.classes[likeliest]}, with probability {look.sureness:.2f}, "
        f"{model.threshold or 0:.2f} is needed"
    )
    digit = likeliest if is_sure else None
    box = page.box(look.component)
    return Reading(
        box=box,
        line=line,
        digit=digit,
        probability=look.sureness,
        probabilities=told,
        reason="" if is_sure else reason,
        stages=look.stages,
    )


def _without_rubbish(looks: Sequence[_Look], readings: Sequence[Reading]) -> list[Reading]:
    both = list(zip(looks, readings, strict=True))
    heights = [look.component.box[3] for look, one in both if one.digit is not None]
    if not heights:
        return list(readings)
    low, high = (share * float(np.median(heights)) for share in KEPT_HEIGHTS)
    return [
        one
        for look, one in both
        if one.digit is not None or low <= max(look.component.box[2:]) <= high
    ]
