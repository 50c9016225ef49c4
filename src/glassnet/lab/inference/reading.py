"""Reading: classification of drawings and pictures, with the stages of preprocessing."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
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

# The longer side, in pixels, of a stage and of an uploaded picture as they are sent.
STAGE_SIDE = 196
DOCUMENT_SIDE = 480
MAX_DRAWING_SIDE = 512  # pixels
# Stages that a drawing does not need: it is dark on white, with no edges, shadows or ruled lines.
PHOTO_STAGES = ("polarity", "sheet", "light", "lines")
FINAL_STAGES = ("centre", "box")  # one of them is last, unless there is no ink


@dataclass(frozen=True, kw_only=True)
class Task:
    """A drawing or picture to classify.

    Parameters
    ----------
    content : bytes
        Grey values of a drawing, or content of a picture's file.
    side : int or None
        Side of a drawing in pixels; None for a picture.
    without : tuple of str
        Preprocessing stages to leave out.
    has_stages : bool
        Whether to return the stages of a drawing as pictures; those of a picture always are.
    """

    content: bytes
    side: int | None = None
    without: tuple[str, ...] = ()
    has_stages: bool = False


def read(model: Model, task: Task) -> bytes:
    """Classify a drawing or a picture.

    Returns
    -------
    bytes
        The dictionary of `read_drawing` or `read_upload` as JSON.
    """
    if task.side is None:
        answer = read_upload(model, task.content, without=task.without)
    else:
        drawing = decode_drawing(task.content, task.side)
        answer = read_drawing(model, drawing, without=task.without, has_stages=task.has_stages)
    return json.dumps(answer).encode()


def decode_drawing(content: bytes, side: int) -> Array:
    """Convert the grey values of a drawing to a uint8 array, (side, side).

    Raises
    ------
    ShapeError
        If `content` is not side x side bytes.
    """
    if not 1 <= side <= MAX_DRAWING_SIDE or len(content) != side * side:
        raise ShapeError(
            f"drawing: needs side x side grey values, one byte each, with a side from 1 to "
            f"{MAX_DRAWING_SIDE}; got {len(content):,} bytes for a side of {side}"
        )
    return np.frombuffer(content, np.uint8).reshape(side, side)


def read_drawing(
    model: Model, drawing: Array, *, without: Collection[str] = (), has_stages: bool = False
) -> dict[str, Any]:
    """Classify the largest digit in a drawing.

    Parameters
    ----------
    model : Model
        Classifies images of 28 x 28 pixels.
    drawing : ndarray of uint8, (side, side)
        Dark ink on white.
    without, has_stages
        The fields of `Task` with the same names.

    Returns
    -------
    dict
        ``digit`` (None below the confidence threshold), ``likeliest``, ``probability``,
        ``probabilities``, ``reason``, ``seen`` (the image of 28 x 28 pixels) and ``stages``.
    """
    results = stages(drawing, without={*PHOTO_STAGES, *without})
    results = [stage for stage in results if stage.name not in PHOTO_STAGES]
    return _classify(model, results, has_stages=has_stages)


def read_upload(model: Model, content: bytes, *, without: Collection[str] = ()) -> dict[str, Any]:
    """Classify every digit in an uploaded picture, and the largest one with its stages.

    Parameters
    ----------
    model : Model
        Classifies images of 28 x 28 pixels.
    content : bytes
        Content of a file that Pillow can open.
    without : collection of str
        Stages to leave out for the largest digit.

    Returns
    -------
    dict
        The dictionary of `read_drawing`, with ``digits`` (their ``box``, ``digit``,
        ``probability`` and ``reason``, in reading order), the ``width`` of the picture, and the
        ``picture`` itself.

    Raises
    ------
    DataError
        If Pillow cannot open it.
    """
    picture = decode(content)
    document = read_picture(model, picture)
    answer = _classify(model, stages(picture, without=without), has_stages=True)
    return answer | {
        "digits": [_describe_reading(reading) for reading in document.readings],
        "width": document.width,
        "picture": pack_picture(shrink(document.stages[0].picture, DOCUMENT_SIDE)),
    }


def _classify(model: Model, results: Sequence[Stage], *, has_stages: bool) -> dict[str, Any]:
    shown = {"stages": [_describe_stage(stage) for stage in results] if has_stages else []}
    if results[-1].name not in FINAL_STAGES:
        return _describe_blank(model) | shown
    seen = results[-1].picture
    probabilities = model.predict_proba(seen[None])[0]
    return _describe_answer(model, probabilities) | {"seen": pack_bytes(seen)} | shown


def _describe_blank(model: Model) -> dict[str, Any]:
    return {
        "digit": None,
        "likeliest": None,
        "probability": 0.0,
        "probabilities": [0.0] * model.n_classes,
        "reason": "no-ink",
        "seen": None,
    }


def _describe_answer(model: Model, probabilities: Array) -> dict[str, Any]:
    likeliest = int(probabilities.argmax())
    is_sure = not model.is_unsure(probabilities[None])[0]
    return {
        "digit": likeliest if is_sure else None,
        "likeliest": likeliest,
        "probability": float(probabilities[likeliest]),
        "probabilities": [float(p) for p in probabilities],
        "reason": "" if is_sure else "not-sure",
    }


def _describe_stage(stage: Stage) -> dict[str, Any]:
    picture = pack_picture(shrink(stage.picture, STAGE_SIDE))
    return {"name": stage.name, "note": stage.note, **picture}


def _describe_reading(reading: Reading) -> dict[str, Any]:
    return {
        "box": reading.box,
        "line": reading.line,
        "digit": reading.digit,
        "probability": reading.probability,
        "reason": reading.reason,
    }
