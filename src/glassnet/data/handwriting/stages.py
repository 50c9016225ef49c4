"""Stages: from a picture to what the network sees, one named step after the other.

The lesson and the tool are this one sequence; each step can be looked at, and left out to see what
it is good for.
"""

import os
from collections.abc import Collection

from numpy.typing import ArrayLike

from glassnet.data.handwriting import digit
from glassnet.data.handwriting.components import Component
from glassnet.data.handwriting.decoding import Picture
from glassnet.data.handwriting.document import Document, Stage, open_page, shown_mask


def cut_out(page: Document, component: Component, without: Collection[str] = ()) -> list[Stage]:
    """Bring one component to the form of MNIST's digits.

    Parameters
    ----------
    page : Document
        From `open_page`.
    component : Component
        One of its.
    without : collection of str
        Steps to leave out.

    Returns
    -------
    list of Stage
        The last holds the digit, 28 x 28.
    """
    left, top, width, height = component.box
    board = digit.on_board(component.mask, page.ink[top : top + height, left : left + width])
    if "thickness" in without:
        done = [Stage("thickness", shown_mask(board), "strokes as thick as they are")]
    else:
        before = digit.thickness(board)
        board = digit.even_strokes(board, before)
        note = f"strokes of {before:.1f} pixels of 28"
        low, high = digit.THINNEST, digit.THICKEST
        note += "" if low <= before <= high else f", made {low if before < low else high:g}"
        done = [Stage("thickness", shown_mask(board), note)]
    if "box" in without:
        seen = digit.whole(page.ink)
        return [*done, Stage("box", seen, "the whole picture on 28 x 28 pixels")]
    box = digit.in_box(board)
    note = f"{box.shape[1]} x {box.shape[0]} pixels, proportions kept, edges grey"
    done.append(Stage("box", box, note))
    if "centre" in without:
        return [*done, Stage("centre", digit.placed(box), "in the middle of 28 x 28")]
    seen = digit.centred(box)
    return [*done, Stage("centre", seen, "the centre of mass in the middle of 28 x 28 pixels")]


def stages(
    image: str | os.PathLike[str] | bytes | Picture | ArrayLike, *, without: Collection[str] = ()
) -> list[Stage]:
    """Show all steps from a picture to what the network sees of its largest digit.

    Parameters
    ----------
    image : path, bytes, Picture or array-like of uint8, (height, width)
        As for `open_page`.
    without : collection of str
        Steps to leave out, of `LEAVABLE`.

    Returns
    -------
    list of Stage
        The last picture has 28 x 28 pixels, but where there is no ink: then the steps end early.

    Raises
    ------
    DataError, ShapeError, ConfigError
        As from `open_page`.
    """
    page = open_page(image, without=without)
    if not page.components:
        return list(page.stages)
    largest = max(page.components, key=lambda component: component.mask.sum())
    return [*page.stages, *cut_out(page, largest, without)]
