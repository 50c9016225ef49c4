"""How a picture was read, as a picture: its stages, what the network saw, and how sure it is."""

import io
from typing import TYPE_CHECKING

import numpy as np

from glassnet.drawing import BLUE, GREY, VERMILLION
from glassnet.models.reading import Reading, ReadPage
from glassnet.types import Array

if TYPE_CHECKING:
    from PIL import Image, ImageDraw


INK, PAPER = "#1a1a1a", "#ffffff"
SIDE = 168  # pixels of a stage's picture
GAP, TEXT = 18, 13
N_ACROSS = 6
N_GLYPHS = 60  # of a page; more are left out of the picture, not of the answer
PAGE_WIDTH = N_ACROSS * (SIDE + GAP) + GAP
CELL = 56  # pixels of a component's picture on a page
N_GLYPH_COLUMNS = (PAGE_WIDTH - 2 * GAP + 10) // (CELL + 10)


def draw_page(page: ReadPage, name: str, classes: tuple[str, ...]) -> bytes:
    """Draw how a picture was read.

    Of one digit all stages, from the picture to the 28 x 28 pixels that the network saw, and the
    probabilities. Of several, the picture with a box around each, and each as the network saw it.

    Parameters
    ----------
    page : ReadPage
        The picture, read.
    name : str
        What to call it.
    classes : tuple of str
        The model's.

    Returns
    -------
    bytes
        A PNG.
    """
    one = page.readings[0]
    if len(page.readings) == 1:
        canvas = _draw_single(page, one, name, classes)
    else:
        canvas = _draw_several(page, name, classes)
    buffer = io.BytesIO()
    canvas.save(buffer, format="png")
    return buffer.getvalue()


def _draw_single(
    page: ReadPage, one: Reading, name: str, classes: tuple[str, ...]
) -> "Image.Image":
    stages = [*page.stages, *one.stages]
    n_rows = -(-(len(stages) + bool(one.probabilities)) // N_ACROSS)
    tall = SIDE + 5 * TEXT + GAP
    canvas, pen = _blank(PAGE_WIDTH, 4 * TEXT + n_rows * tall + GAP)
    said = f"{name}: {classes[one.digit]}" if one.digit is not None else f"{name}: {one.reason}"
    if one.digit is not None:
        said += f", probability {one.probability:.4f}"
    _write(pen, (GAP, GAP), said, size=TEXT + 4, width=PAGE_WIDTH - 2 * GAP)
    for place, stage in enumerate(stages):
        x = GAP + place % N_ACROSS * (SIDE + GAP)
        y = 4 * TEXT + place // N_ACROSS * tall
        picture = _fitted(stage.picture, SIDE)
        canvas.paste(picture, (x, y + SIDE - picture.height))
        pen.rectangle((x - 1, y - 1, x + SIDE, y + SIDE), outline="#d9d9d9")
        _write(pen, (x, y + SIDE + 5), stage.name, size=TEXT + 1)
        _write(
            pen, (x, y + SIDE + 5 + TEXT + 4), stage.note, colour=GREY, width=SIDE, size=TEXT - 2
        )
    if one.probabilities:
        x = GAP + len(stages) % N_ACROSS * (SIDE + GAP)
        _bars(pen, (x, 4 * TEXT + len(stages) // N_ACROSS * tall), one, classes)
    return canvas


def _draw_several(page: ReadPage, name: str, classes: tuple[str, ...]) -> "Image.Image":
    # The boxes are in pixels of the picture as it was given; the stage may be smaller.
    whole = page.stages[0].picture
    picture = _fitted(whole, PAGE_WIDTH - 2 * GAP)
    scale = picture.width / page.width
    shown = page.readings[:N_GLYPHS]
    n_rows = -(-len(shown) // N_GLYPH_COLUMNS)
    canvas, pen = _blank(PAGE_WIDTH, 4 * TEXT + picture.height + n_rows * (CELL + 44) + 2 * GAP)
    read = " / ".join(
        "".join("?" if one.digit is None else classes[one.digit] for one in line)
        for line in page.lines
    )
    _write(pen, (GAP, GAP), f"{name}: {read}", size=TEXT + 4, width=PAGE_WIDTH - 2 * GAP)
    top = 4 * TEXT
    canvas.paste(picture, (GAP, top))
    for one in page.readings:
        if one.box is None:
            continue
        left, up, width, height = (scale * side for side in one.box)
        colour = VERMILLION if one.digit is None else BLUE
        corner = (GAP + left - 3, top + up - 3)
        pen.rectangle(
            (*corner, corner[0] + width + 6, corner[1] + height + 6), outline=colour, width=2
        )
        label = "?" if one.digit is None else classes[one.digit]
        _write(pen, (corner[0], corner[1] - TEXT - 6), label, colour=colour, size=TEXT + 2)
    top += picture.height + GAP
    for place, one in enumerate(shown):
        x = GAP + place % N_GLYPH_COLUMNS * (CELL + 10)
        y = top + place // N_GLYPH_COLUMNS * (CELL + 44)
        if one.stages:
            canvas.paste(_fitted(one.stages[-1].picture, CELL), (x, y))
        label = "?" if one.digit is None else classes[one.digit]
        colour = VERMILLION if one.digit is None else BLUE
        _write(pen, (x, y + CELL + 2), label, colour=colour, size=TEXT + 3)
        _write(pen, (x + 16, y + CELL + 5), f"{one.probability:.3f}", colour=GREY)
    return canvas


def _bars(
    pen: "ImageDraw.ImageDraw", corner: tuple[int, int], one: Reading, classes: tuple[str, ...]
) -> None:
    """Draw the probabilities as bars, each with its number."""
    x, y = corner
    step = SIDE / len(classes)
    likeliest = int(np.argmax(one.probabilities))
    for k, probability in enumerate(one.probabilities):
        middle = y + step * (k + 0.5)
        colour = (BLUE if one.digit is not None else VERMILLION) if k == likeliest else "#b0b0b0"
        _write(pen, (x, middle - 8), classes[k])
        length = 100 * probability
        pen.rectangle((x + 16, middle - 5, x + 17 + length, middle + 5), fill=colour)
        if probability >= 0.01:
            _write(
                pen, (x + 22 + length, middle - 7), f"{probability:.2f}", colour=GREY, size=TEXT - 2
            )
    _write(pen, (x, y + SIDE + 5), "probabilities", size=TEXT + 1)
    if one.digit is None:
        note = (x, y + SIDE + 5 + TEXT + 4)
        _write(pen, note, one.reason, colour=VERMILLION, width=SIDE, size=TEXT - 2)


def _blank(width: int, height: int) -> "tuple[Image.Image, ImageDraw.ImageDraw]":
    from PIL import Image, ImageDraw

    canvas = Image.new("RGB", (width, height), PAPER)
    return canvas, ImageDraw.Draw(canvas)


def _fitted(picture: Array, side: int) -> "Image.Image":
    """Bring a picture to fit a square; few pixels stay visible as squares."""
    from PIL import Image

    height, width = picture.shape
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST
    return Image.fromarray(picture).resize(size, way).convert("RGB")


def _write(
    pen: "ImageDraw.ImageDraw",
    corner: tuple[float, float],
    text: str,
    *,
    colour: str = INK,
    size: int = TEXT,
    width: int | None = None,
) -> None:
    """Write a line, or as many as the width needs."""
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
