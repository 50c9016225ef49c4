"""Stages: the named processing steps from a picture to the input of the network.

Each step can be displayed, or skipped to see its effect.
"""

import os
from collections.abc import Collection

from numpy.typing import ArrayLike

from glassnet.data.handwriting import digit
from glassnet.data.handwriting.components import Component
from glassnet.data.handwriting.decoding import Picture
from glassnet.data.handwriting.document import Document, Stage, mask_to_picture, open_page


def cut_out(page: Document, component: Component, without: Collection[str] = ()) -> list[Stage]:
    """Return the stages that convert a component of a page to MNIST's format, 28 x 28 pixels."""
    left, top, width, height = component.box
    board = digit.draw_on_board(component.mask, page.ink[top : top + height, left : left + width])
    if "thickness" in without:
        done = [Stage("thickness", mask_to_picture(board), "stroke width unchanged")]
    else:
        before = digit.measure_stroke_width(board)
        board = digit.normalize_stroke_width(board, before)
        note = f"stroke width {before:.1f} of 28 pixels"
        low, high = digit.MIN_STROKE_WIDTH, digit.MAX_STROKE_WIDTH
        note += "" if low <= before <= high else f", changed to {low if before < low else high:g}"
        done = [Stage("thickness", mask_to_picture(board), note)]
    if "box" in without:
        picture = digit.shrink_picture(page.ink)
        return [*done, Stage("box", picture, "whole picture shrunk to 28 x 28 pixels")]
    box = digit.fit_box(board)
    note = f"{box.shape[1]} x {box.shape[0]} pixels, aspect ratio kept, anti-aliased"
    done.append(Stage("box", box, note))
    if "centre" in without:
        return [
            *done,
            Stage("centre", digit.center_by_box(box), "bounding box centred in 28 x 28 pixels"),
        ]
    picture = digit.center_by_mass(box)
    return [*done, Stage("centre", picture, "centre of mass moved to the centre of 28 x 28 pixels")]


def stages(
    image: str | os.PathLike[str] | bytes | Picture | ArrayLike, *, without: Collection[str] = ()
) -> list[Stage]:
    """Return the stages that convert the largest digit in a picture to the network's input.

    Parameters and errors are those of `glassnet.data.handwriting.document.open_page`. The last
    stage is 28 x 28; if there is no ink, the digit's stages are missing.
    """
    page = open_page(image, without=without)
    if not page.components:
        return list(page.stages)
    largest = max(page.components, key=lambda component: component.mask.sum())
    return [*page.stages, *cut_out(page, largest, without)]
