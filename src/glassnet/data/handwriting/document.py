"""Document: a picture whose ink was found, step after step, and what may be digits on it."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet.data.handwriting import binarize, polarity
from glassnet.data.handwriting import sheet as sheets
from glassnet.data.handwriting.components import Component, everything, find_components
from glassnet.data.handwriting.decoding import Picture, decode
from glassnet.data.handwriting.ruling import without_lines
from glassnet.errors import ConfigError, ShapeError, did_you_mean
from glassnet.types import Array

QUICK = 640  # pixels of the longer side that are enough for one large digit
LARGE = 100  # pixels; a digit of which so many are seen gains nothing by more
LONGEST = 1_200  # pixels that are looked at for a page; a pen is still two wide
LEAVABLE = ("polarity", "sheet", "light", "ink", "lines", "specks", "thickness", "box", "centre")


@dataclass(frozen=True, eq=False)
class Stage:
    """One step, as a picture.

    Parameters
    ----------
    name : str
        ``"grey"``, or one of `LEAVABLE`.
    picture : ndarray of uint8, (height, width)
        What came of it.
    note : str
        What was done, in a sentence.
    """

    name: str
    picture: Array
    note: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Document:
    """A picture whose ink was found, and what may be digits on it.

    Parameters
    ----------
    stages : tuple of Stage
        From the grey picture to its ink.
    ink : ndarray of uint8, (height, width)
        How dark the ink is.
    components : tuple of Component
        In reading order.
    to_picture : ndarray of float, (2, 3)
        Brings a point (x, y, 1) to the picture as it was given.
    sheet_angle : float
        By how many degrees the sheet was turned back; 0 for not at all.
    width : int
        Of the picture as it was given, in pixels.
    """

    stages: tuple[Stage, ...]
    ink: Array
    components: tuple[Component, ...]
    to_picture: Array
    sheet_angle: float
    width: int

    def box(self, component: Component) -> tuple[int, int, int, int]:
        """Return a component's left, top, width and height in the picture as it was given.

        Parameters
        ----------
        component : Component
            One of the page.

        Returns
        -------
        tuple of int
            The smallest upright box around it, in pixels.
        """
        left, top, width, height = component.box
        corners = np.array([[x, y, 1] for x in (left, left + width) for y in (top, top + height)])
        points = corners @ self.to_picture.T
        low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
        return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def open_page(
    image: str | os.PathLike[str] | bytes | Picture | ArrayLike,
    *,
    turn: float = 0.0,
    without: Collection[str] = (),
) -> Document:
    """Find the ink of a picture, and what may be digits.

    Parameters
    ----------
    image : path, bytes, Picture or array-like of uint8, (height, width)
        A file, its content, or grey values.
    turn : float
        Degrees by which a sheet is turned on, beside what its edges say.
    without : collection of str
        Steps to leave out, of `LEAVABLE`.

    Returns
    -------
    Document
        With no components where there is no ink.

    Raises
    ------
    DataError
        If the file is no picture.
    ShapeError
        If the array is none.
    ConfigError
        If there is no step of that name.
    """
    for name in without:
        if name not in LEAVABLE:
            raise ConfigError(
                f"without: unknown step {name!r}.{did_you_mean(name, LEAVABLE)} "
                f"Known: {', '.join(LEAVABLE)}"
            )
    given = to_picture(image)
    quick = binarize.shrink(given.grey, QUICK)
    is_bright = "polarity" not in without and not polarity.is_dark_on_light(quick)
    page = _open(given.width, quick, is_bright, turn, without)
    is_one = len(page.components) == 1 and max(page.components[0].box[2:]) >= LARGE
    if is_one or quick.shape == given.grey.shape:
        return page
    return _open(given.width, binarize.shrink(given.grey, LONGEST), is_bright, turn, without)


def _open(
    full_width: int, grey: Array, is_bright: bool, turn: float, without: Collection[str]
) -> Document:
    """Find the ink at one size of the picture."""
    scale = full_width / grey.shape[1]
    note = "grey values, 0 black and 255 white"
    if scale > 1:
        note += f", {full_width} pixels of width brought to {grey.shape[1]}"
    done = [Stage("grey", grey, note)]

    if is_bright:
        grey = 255 - grey
        done.append(Stage("polarity", grey, "bright ink on dark: turned to dark on bright"))
    else:
        done.append(Stage("polarity", grey, "dark ink on bright: left as it is"))

    back, angle = np.array([[scale, 0, 0], [0, scale, 0]]), 0.0
    sheet = None if "sheet" in without else sheets.find_sheet(grey)
    if sheet is not None:
        angle = sheets.tilt(sheet) + turn
        grey = sheets.clear_ground(grey, sheet)
        note = "a sheet on a darker ground: the ground is left out"
        if abs(angle) > 1:
            grey, turned = sheets.turn_back(grey, angle)
            sheet = sheets.turn_back(sheet.astype(np.uint8), angle)[0] > 0
            back = back @ turned
            note += f", and the sheet turned back by {angle:.0f} degrees"
        rows, columns = np.flatnonzero(sheet.any(axis=1)), np.flatnonzero(sheet.any(axis=0))
        inside = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        grey, sheet = grey[inside], sheet[inside]
        back = back @ np.array([[1, 0, columns[0]], [0, 1, rows[0]], [0, 0, 1]])
        done.append(Stage("sheet", grey, note))
    else:
        done.append(Stage("sheet", grey, "no edge of a sheet in sight: the whole picture is paper"))

    dark = 255 - grey if "light" in without else binarize.lift(grey)
    done.append(
        Stage("light", dark, "divided by the light on the paper: bright is ink from here on")
    )

    is_ink = dark > 127 if "ink" in without else binarize.threshold(dark)
    note = f"ink where it takes {100 * binarize.SURE:.0f} % of the light that the darkest ink takes"
    done.append(Stage("ink", shown_mask(is_ink), note))

    if "lines" not in without:
        is_ink, n_lines = without_lines(is_ink)
        note = f"{n_lines} ruled lines taken away" if n_lines else "no ruled lines"
        done.append(Stage("lines", shown_mask(is_ink), note))

    found = everything(is_ink) if "specks" in without else find_components(is_ink, sheet)
    found = [component for component in found if not _is_area(grey, component)]
    shown = np.zeros_like(is_ink)
    for component in found:
        left, top, width, height = component.box
        shown[top : top + height, left : left + width] |= component.mask
    note = f"without specks, and what comes in from the border: {len(found)} to read"
    done.append(Stage("specks", shown_mask(shown), note))
    return Document(
        stages=tuple(done),
        ink=dark,
        components=tuple(found),
        to_picture=back,
        sheet_angle=angle,
        width=full_width,
    )


def _is_area(grey: Array, component: Component) -> bool:
    left, top, width, height = component.box
    return polarity.is_edge_of_area(grey[top : top + height, left : left + width], component.mask)


def to_picture(image: Any) -> Picture:
    """Take a picture in any of the forms in which it may come.

    Parameters
    ----------
    image : path, bytes, Picture or array-like of uint8, (height, width)
        A file, its content, or grey values.

    Returns
    -------
    Picture
        Decoded, once.

    Raises
    ------
    DataError
        If the file is no picture.
    ShapeError
        If the array is none.
    """
    if isinstance(image, Picture):
        return image
    if isinstance(image, str | os.PathLike | bytes):
        return decode(image)
    grey = np.asarray(image)
    if grey.ndim != 2 or grey.dtype != np.uint8 or not grey.size:
        raise ShapeError(
            f"image: needs grey values as uint8, (height, width), got {grey.dtype} {grey.shape}"
        )
    return Picture(grey, grey.shape[1])


def shown_mask(mask: Array) -> Array:
    """Make a mask a picture.

    Parameters
    ----------
    mask : ndarray of bool
        True is ink.

    Returns
    -------
    ndarray of uint8
        0 and 255.
    """
    return mask.astype(np.uint8) * 255
