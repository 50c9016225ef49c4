"""Plots of handwriting recognition: processing stages, network inputs and probabilities."""

import io
from typing import TYPE_CHECKING

import numpy as np

from glassnet.drawing import BLUE, GREY, VERMILLION
from glassnet.models.reading import DocumentReading, Reading
from glassnet.types import Array

if TYPE_CHECKING:
    from PIL import Image, ImageDraw


TEXT_COLOUR, BACKGROUND = "#1a1a1a", "#ffffff"
SIDE = 168  # pixels of a stage's picture
GAP, EM = 18, 13  # pixels; an em is the font size
N_COLUMNS = 6
MAX_GLYPHS = 60  # drawn for one page
PAGE_WIDTH = N_COLUMNS * (SIDE + GAP) + GAP
CELL = 56  # pixels of a component's picture on a page
N_GLYPH_COLUMNS = (PAGE_WIDTH - 2 * GAP + 10) // (CELL + 10)


def draw_reading(document: DocumentReading, name: str, classes: tuple[str, ...]) -> bytes:
    """Draw the recognition of the handwriting in a picture as a PNG.

    For a single digit, draw every stage from the picture to the 28 x 28 pixels of the network's
    input, and the probabilities; for several digits, draw the picture with a box around each of
    them, and their inputs.
    """
    if len(document.readings) == 1:
        canvas = _draw_single(document, document.readings[0], name, classes)
    else:
        canvas = _draw_several(document, name, classes)
    buffer = io.BytesIO()
    canvas.save(buffer, format="png")
    return buffer.getvalue()


def _draw_single(
    document: DocumentReading, reading: Reading, name: str, classes: tuple[str, ...]
) -> "Image.Image":
    stages = [*document.stages, *reading.stages]
    n_rows = -(-(len(stages) + bool(reading.probabilities)) // N_COLUMNS)
    tall = SIDE + 5 * EM + GAP
    canvas, pen = _make_canvas(PAGE_WIDTH, 4 * EM + n_rows * tall + GAP)
    text = (
        f"{name}: {classes[reading.digit]}"
        if reading.digit is not None
        else f"{name}: {reading.reason}"
    )
    if reading.digit is not None:
        text += f", probability {reading.probability:.4f}"
    _write_text(pen, (GAP, GAP), text, size=EM + 4, width=PAGE_WIDTH - 2 * GAP)
    for place, stage in enumerate(stages):
        x = GAP + place % N_COLUMNS * (SIDE + GAP)
        y = 4 * EM + place // N_COLUMNS * tall
        picture = _fit(stage.picture, SIDE)
        canvas.paste(picture, (x, y + SIDE - picture.height))
        pen.rectangle((x - 1, y - 1, x + SIDE, y + SIDE), outline="#d9d9d9")
        _write_text(pen, (x, y + SIDE + 5), stage.name, size=EM + 1)
        _write_text(
            pen,
            (x, y + SIDE + 5 + EM + 4),
            stage.note,
            colour=GREY,
            width=SIDE,
            size=EM - 2,
        )
    if reading.probabilities:
        x = GAP + len(stages) % N_COLUMNS * (SIDE + GAP)
        _draw_bars(pen, (x, 4 * EM + len(stages) // N_COLUMNS * tall), reading, classes)
    return canvas


def _draw_several(document: DocumentReading, name: str, classes: tuple[str, ...]) -> "Image.Image":
    # The boxes are in pixels of the original picture; the stage may be smaller.
    picture = _fit(document.stages[0].picture, PAGE_WIDTH - 2 * GAP)
    scale = picture.width / document.width
    shown = document.readings[:MAX_GLYPHS]
    n_rows = -(-len(shown) // N_GLYPH_COLUMNS)
    canvas, pen = _make_canvas(PAGE_WIDTH, 4 * EM + picture.height + n_rows * (CELL + 44) + 2 * GAP)
    text = " / ".join(
        "".join("?" if reading.digit is None else classes[reading.digit] for reading in line)
        for line in document.lines
    )
    _write_text(pen, (GAP, GAP), f"{name}: {text}", size=EM + 4, width=PAGE_WIDTH - 2 * GAP)
    top = 4 * EM
    canvas.paste(picture, (GAP, top))
    for reading in document.readings:
        if reading.box is None:
            continue
        left, up, width, height = (scale * side for side in reading.box)
        colour = VERMILLION if reading.digit is None else BLUE
        corner = (GAP + left - 3, top + up - 3)
        pen.rectangle(
            (*corner, corner[0] + width + 6, corner[1] + height + 6), outline=colour, width=2
        )
        label = "?" if reading.digit is None else classes[reading.digit]
        _write_text(pen, (corner[0], corner[1] - EM - 6), label, colour=colour, size=EM + 2)
    top += picture.height + GAP
    for place, reading in enumerate(shown):
        x = GAP + place % N_GLYPH_COLUMNS * (CELL + 10)
        y = top + place // N_GLYPH_COLUMNS * (CELL + 44)
        if reading.stages:
            canvas.paste(_fit(reading.stages[-1].picture, CELL), (x, y))
        label = "?" if reading.digit is None else classes[reading.digit]
        colour = VERMILLION if reading.digit is None else BLUE
        _write_text(pen, (x, y + CELL + 2), label, colour=colour, size=EM + 3)
        _write_text(pen, (x + 16, y + CELL + 5), f"{reading.probability:.3f}", colour=GREY)
    return canvas


def _draw_bars(
    pen: "ImageDraw.ImageDraw", corner: tuple[int, int], reading: Reading, classes: tuple[str, ...]
) -> None:
    """Draw the probabilities as labelled bars."""
    x, y = corner
    step = SIDE / len(classes)
    likeliest = int(np.argmax(reading.probabilities))
    for k, probability in enumerate(reading.probabilities):
        middle = y + step * (k + 0.5)
        colour = (
            (BLUE if reading.digit is not None else VERMILLION) if k == likeliest else "#b0b0b0"
        )
        _write_text(pen, (x, middle - 8), classes[k])
        length = 100 * probability
        pen.rectangle((x + 16, middle - 5, x + 17 + length, middle + 5), fill=colour)
        if probability >= 0.01:
            _write_text(
                pen,
                (x + 22 + length, middle - 7),
                f"{probability:.2f}",
                colour=GREY,
                size=EM - 2,
            )
    _write_text(pen, (x, y + SIDE + 5), "probabilities", size=EM + 1)
    if reading.digit is None:
        note = (x, y + SIDE + 5 + EM + 4)
        _write_text(pen, note, reading.reason, colour=VERMILLION, width=SIDE, size=EM - 2)


def _make_canvas(width: int, height: int) -> "tuple[Image.Image, ImageDraw.ImageDraw]":
    from PIL import Image, ImageDraw

    canvas = Image.new("RGB", (width, height), BACKGROUND)
    return canvas, ImageDraw.Draw(canvas)


def _fit(picture: Array, side: int) -> "Image.Image":
    """Scale a picture to fit into a square, enlarging without interpolation."""
    from PIL import Image

    height, width = picture.shape
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST
    return Image.fromarray(picture).resize(size, method).convert("RGB")


def _write_text(
    pen: "ImageDraw.ImageDraw",
    corner: tuple[float, float],
    text: str,
    *,
    colour: str = TEXT_COLOUR,
    size: int = EM,
    width: int | None = None,
) -> None:
    """Write text, wrapping it if a width is given."""
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    text = text.encode("latin-1", "replace").decode("latin-1")
    if width is not None:
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if pen.textlength(longer, font=font) <= width or not lines[-1]:
                lines[-1] = longer
            else:
                lines.append(word)
        text = "\n".join(lines)
    pen.multiline_text(corner, text, fill=colour, font=font, spacing=3)
