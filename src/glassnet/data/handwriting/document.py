"""Document: a picture with its ink and the components that may be digits."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet.data.handwriting import binarize, polarity
from glassnet.data.handwriting import sheet as sheets
from glassnet.data.handwriting.components import Component, find_components, merge_ink
from glassnet.data.handwriting.decoding import Picture, decode
from glassnet.data.handwriting.ruling import remove_lines
from glassnet.errors import ConfigError, ShapeError, did_you_mean
from glassnet.types import Array

PREVIEW_SIDE = 640  # pixels of the longer side, enough for one large digit
MIN_LARGE_DIGIT = 100  # pixels; a higher resolution does not help
PAGE_SIDE = 1_200  # pixels of the longer side of a page; pen strokes are still 2 pixels wide
OPTIONAL_STEPS = (
    "polarity",
    "sheet",
    "light",
    "ink",
    "lines",
    "specks",
    "thickness",
    "box",
    "centre",
)


@dataclass(frozen=True, eq=False)
class Stage:
    """A processing step: its name, the resulting picture, and a note on its effect.

    Parameters
    ----------
    name : str
        Either ``"grey"`` or one of `OPTIONAL_STEPS`.
    picture : ndarray of uint8, (height, width)
        Grey values, or 0 and 255 for a mask.
    """

    name: str
    picture: Array
    note: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Document:
    """A picture with its ink and the components that may be digits.

    Parameters
    ----------
    stages : tuple of Stage
        Processing steps from the grey picture to its ink.
    ink : ndarray of uint8, (height, width)
        Darkness of the ink.
    components : tuple of Component
        Candidates for digits, in reading order.
    to_picture : ndarray of float, (2, 3)
        Affine map of a point (x, y, 1) to the original picture.
    sheet_angle : float
        Degrees by which the sheet was rotated.
    width : int
        Width of the original picture in pixels.
    """

    stages: tuple[Stage, ...]
    ink: Array
    components: tuple[Component, ...]
    to_picture: Array
    sheet_angle: float
    width: int

    def box(self, component: Component) -> tuple[int, int, int, int]:
        """Return the left, top, width and height of a component in the original picture."""
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
    """Find the ink in a picture and the components that may be digits.

    Parameters
    ----------
    image : path, bytes, Picture or array-like of uint8, (height, width)
        A file, its content, or grey values.
    turn : float
        Degrees by which to rotate a sheet, in addition to its tilt.
    without : collection of str
        Steps to skip, from `OPTIONAL_STEPS`.

    Raises
    ------
    DataError
        If the file is not a picture.
    ShapeError
        If the array is not two-dimensional uint8.
    ConfigError
        If a step is unknown.
    """
    for name in without:
        if name not in OPTIONAL_STEPS:
            raise ConfigError(
                f"without: unknown step {name!r}.{did_you_mean(name, OPTIONAL_STEPS)} "
                f"Known: {', '.join(OPTIONAL_STEPS)}"
            )
    given = to_picture(image)
    quick = binarize.shrink(given.grey, PREVIEW_SIDE)
    is_bright = "polarity" not in without and not polarity.is_dark_on_light(quick)
    page = _open(given.width, quick, is_bright, turn, without)
    is_one = len(page.components) == 1 and max(page.components[0].box[2:]) >= MIN_LARGE_DIGIT
    if is_one or quick.shape == given.grey.shape:
        return page
    return _open(given.width, binarize.shrink(given.grey, PAGE_SIDE), is_bright, turn, without)


def _open(
    full_width: int, grey: Array, is_bright: bool, turn: float, without: Collection[str]
) -> Document:
    """Find the ink and components at a given resolution."""
    scale = full_width / grey.shape[1]
    note = "grey values, 0 black to 255 white"
    if scale > 1:
        note += f", width reduced from {full_width} to {grey.shape[1]} pixels"
    done = [Stage("grey", grey, note)]

    if is_bright:
        grey = 255 - grey
        done.append(Stage("polarity", grey, "bright ink on a dark background: inverted"))
    else:
        done.append(Stage("polarity", grey, "dark ink on a bright background: unchanged"))

    back, angle = np.array([[scale, 0, 0], [0, scale, 0]]), 0.0
    sheet = None if "sheet" in without else sheets.find_sheet(grey)
    if sheet is not None:
        angle = sheets.measure_tilt(sheet) + turn
        grey = sheets.clear_ground(grey, sheet)
        note = "sheet on a darker background: cropped to the sheet"
        if abs(angle) > 1:
            grey, turned = sheets.rotate_back(grey, angle)
            sheet = sheets.rotate_back(sheet.astype(np.uint8), angle)[0] > 0
            back = back @ turned
            note += f", rotated back by {angle:.0f} degrees"
        rows, columns = np.flatnonzero(sheet.any(axis=1)), np.flatnonzero(sheet.any(axis=0))
        inside = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        grey, sheet = grey[inside], sheet[inside]
        back = back @ np.array([[1, 0, columns[0]], [0, 1, rows[0]], [0, 0, 1]])
        done.append(Stage("sheet", grey, note))
    else:
        done.append(Stage("sheet", grey, "no edge of a sheet found: the whole picture is paper"))

    dark = 255 - grey if "light" in without else binarize.divide_by_light(grey)
    done.append(Stage("light", dark, "divided by the illumination; from here on, ink is bright"))

    is_ink = dark > 127 if "ink" in without else binarize.threshold(dark)
    share = f"{100 * binarize.CORE_SHARE:.0f}%"
    note = f"ink: at least {share} as dark as the darkest ink"
    done.append(Stage("ink", mask_to_picture(is_ink), note))

    if "lines" not in without:
        is_ink, n_lines = remove_lines(is_ink)
        note = f"ruled lines removed: {n_lines}" if n_lines else "no ruled lines"
        done.append(Stage("lines", mask_to_picture(is_ink), note))

    found = merge_ink(is_ink) if "specks" in without else find_components(is_ink, sheet)
    found = [component for component in found if not _is_area(grey, component)]
    shown = np.zeros_like(is_ink)
    for component in found:
        left, top, width, height = component.box
        shown[top : top + height, left : left + width] |= component.mask
    note = f"specks and objects at the border removed; components left: {len(found)}"
    done.append(Stage("specks", mask_to_picture(shown), note))
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
    """Decode an image of any type that `open_page` accepts; the errors are the same."""
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


def mask_to_picture(mask: Array) -> Array:
    """Convert a mask to a picture with the values 0 and 255."""
    return mask.astype(np.uint8) * 255
