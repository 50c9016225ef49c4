"""Stages: the named steps from a picture to the input of the network.

The lesson and the tool share this sequence; each step can be shown, and left out to see its effect.
"""

import os
from collections.abc import Collection

from numpy.typing import ArrayLike

from glassnet.data.handwriting import digit
from glassnet.data.handwriting.components import Component
from glassnet.data.handwriting.decoding import Picture
from glassnet.data.handwriting.document import Document, Stage, mask_to_picture, open_page


def cut_out(page: Document, component: Component, without: Collection[str] = ()) -> list[Stage]:
    """Bring a component of a page to the form of MNIST's digits; the last stage is 28 x 28."""
    left, top, width, height = component.box
    board = digit.draw_on_board(component.mask, page.ink[top : top + height, left : left + width])
    if "thickness" in without:
        done = [Stage("thickness", mask_to_picture(board), "strokes as thick as they are")]
    else:
        before = digit.measure_stroke_width(board)
        board = digit.normalize_stroke_width(board, before)
        note = f"strokes of {before:.1f} pixels of 28"
        low, high = digit.MIN_STROKE_WIDTH, digit.MAX_STROKE_WIDTH
        note += "" if low <= before <= high else f", made {low if before < low else high:g}"
        done = [Stage("thickness", mask_to_picture(board), note)]
    if "box" in without:
        picture = digit.shrink_picture(page.ink)
        return [*done, Stage("box", picture, "the whole picture on 28 x 28 pixels")]
    box = digit.fit_box(board)
    note = f"{box.shape[1]} x {box.shape[0]} pixels, proportions kept, edges grey"
    done.append(Stage("box", box, note))
    if "centre" in without:
        return [*done, Stage("centre", digit.center_by_box(box), "in the middle of 28 x 28")]
    picture = digit.center_by_mass(box)
    return [*done, Stage("centre", picture, "the centre of mass in the middle of 28 x 28 pixels")]


def stages(
    image: str | os.PathLike[str] | bytes | Picture | ArrayLike, *, without: Collection[str] = ()
) -> list[Stage]:
    """Return the stages from a picture to the network's input for its largest digit.

    Parameters and errors are those of `glassnet.data.handwriting.document.open_page`. Without
    ink the stages end early; otherwise the last is 28 x 28.
    """
    page = open_page(image, without=without)
    if not page.components:
        return list(page.stages)
    largest = max(page.components, key=lambda component: component.mask.sum())
    return [*page.stages, *cut_out(page, largest, without)]
