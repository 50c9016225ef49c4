"""Reading: what a model makes of a drawing or a picture, as the page shows it."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from glassnet.data.handwriting.binarize import shrink
from glassnet.data.handwriting.decoding import decode
from glassnet.data.handwriting.document import Stage
from glassnet.data.handwriting.stages import stages
from glassnet.errors import ShapeError
from glassnet.lab.encoding import pack_bytes, pack_picture
from glassnet.models.model import Model
from glassnet.models.reading import Reading, read_picture
from glassnet.types import Array

SHOWN = 196  # pixels of the longer side of a stage, as it is sent
PAGE = 480  # the same of an uploaded picture
LARGEST = 512  # pixels of the side of a drawing
# What a drawing has no need of: it is dark on white, without a sheet's edge, shadow or ruled lines.
OF_PICTURES = ("polarity", "sheet", "light", "lines")
LAST = ("centre", "box")  # stages that end with what the network sees; others end without ink


def to_drawing(content: bytes, side: int) -> Array:
    """Take a drawing as it came.

    Parameters
    ----------
    content : bytes
        Grey values, row by row.
    side : int
        Of the square.

    Returns
    -------
    ndarray of uint8, (side, side)
        Dark ink on white.

    Raises
    ------
    ShapeError
        If they are not as many.
    """
    if not 1 <= side <= LARGEST or len(content) != side * side:
        raise ShapeError(
            f"drawing: needs side x side grey values, a byte each, with a side of 1 to {LARGEST}; "
            f"got {len(content):,} bytes for a side of {side}"
        )
    return np.frombuffer(content, np.uint8).reshape(side, side)


def read_drawing(
    model: Model, drawing: Array, *, without: Collection[str] = (), shown: bool = False
) -> dict[str, Any]:
    """Read the largest digit of a drawing.

    Parameters
    ----------
    model : Model
        Of digits of 28 x 28 pixels.
    drawing : ndarray of uint8, (side, side)
        Dark ink on white.
    without : collection of str
        Steps of the preprocessing to leave out.
    shown : bool
        Whether to send the steps as pictures.

    Returns
    -------
    dict
        ``digit`` (None where it does not know), ``likeliest``, ``probability``,
        ``probabilities``, ``reason``, ``seen`` (28 x 28 pixels) and, if asked for, ``stages``.
    """
    done = stages(drawing, without={*OF_PICTURES, *without})
    return _tell(model, [one for one in done if one.name not in OF_PICTURES], shown=shown)


def _tell(model: Model, done: Sequence[Stage], *, shown: bool) -> dict[str, Any]:
    told = {"stages": [_stage(one) for one in done] if shown else []}
    if done[-1].name not in LAST:
        return _nothing(model) | told
    seen = done[-1].picture
    probabilities = model.predict_proba(seen[None])[0]
    return _answer(model, probabilities) | {"seen": pack_bytes(seen)} | told


def read_upload(model: Model, content: bytes, *, without: Collection[str] = ()) -> dict[str, Any]:
    """Read an uploaded picture: its largest digit, and all digits of a page.

    Parameters
    ----------
    model : Model
        Of digits of 28 x 28 pixels.
    content : bytes
        A file that Pillow opens.
    without : collection of str
        Steps to leave out of the first.

    Returns
    -------
    dict
        As `read_drawing`, with ``digits``: each one's ``box``, ``digit``, ``probability`` and
        ``reason``, in reading order; ``width`` of the picture, and the picture itself.

    Raises
    ------
    DataError
        If it is no picture.
    """
    picture = decode(content)
    page = read_picture(model, picture)
    answer = _tell(model, stages(picture, without=without), shown=True)
    return answer | {
        "digits": [_reading(one) for one in page.readings],
        "width": page.width,
        "picture": pack_picture(shrink(page.stages[0].picture, PAGE)),
    }


def _nothing(model: Model) -> dict[str, Any]:
    return {
        "digit": None,
        "likeliest": None,
        "probability": 0.0,
        "probabilities": [0.0] * model.n_classes,
        "reason": "no-ink",
        "seen": None,
    }


def _answer(model: Model, probabilities: Array) -> dict[str, Any]:
    likeliest = int(probabilities.argmax())
    is_sure = not model.is_unsure(probabilities[None])[0]
    return {
        "digit": likeliest if is_sure else None,
        "likeliest": likeliest,
        "probability": float(probabilities[likeliest]),
        "probabilities": [float(p) for p in probabilities],
        "reason": "" if is_sure else "not-sure",
    }


def _stage(stage: Stage) -> dict[str, Any]:
    picture = pack_picture(shrink(stage.picture, SHOWN))
    return {"name": stage.name, "note": stage.note, **picture}


def _reading(one: Reading) -> dict[str, Any]:
    return {
        "box": one.box,
        "line": one.line,
        "digit": one.digit,
        "probability": one.probability,
        "reason": one.reason,
    }
