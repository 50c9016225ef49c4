"""Splitting: where two digits that touch could be parted."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.images.glyphs import Glyph

Array = NDArray[Any]

WIDE = 1.1  # times as wide as high: below, it is one digit
LEANS = (0.0, 0.25, -0.25)  # pixels to the right for each pixel up
N_CUTS = 5  # for each lean
EDGE = 0.2  # of the width that a part has at least


def cuts(glyph: Glyph) -> list[tuple[Glyph, Glyph]]:
    """Propose straight cuts through the thinnest places.

    Parameters
    ----------
    glyph : Glyph
        Two digits, or one.

    Returns
    -------
    list of tuple of Glyph
        The left and the right part of each cut.
    """
    height, width = glyph.mask.shape
    rows, columns = np.indices(glyph.mask.shape)
    ways = []
    for lean in LEANS:
        across = columns + np.rint(lean * (rows - height / 2)).astype(int)
        ink = np.bincount(np.clip(across, 0, width)[glyph.mask], minlength=width + 1)
        smooth = np.convolve(ink, np.ones(3) / 3, "same")
        order = np.argsort(smooth[:width], kind="stable")
        chosen: list[int] = []
        for place in order:
            is_inside = EDGE * width < place < (1 - EDGE) * width
            if is_inside and all(abs(place - other) > width / 12 for other in chosen):
                chosen.append(int(place))
            if len(chosen) == N_CUTS:
                break
        for place in chosen:
            left, right = glyph.mask & (across < place), glyph.mask & (across >= place)
            if left.any() and right.any():
                ways.append((_trimmed(glyph, left), _trimmed(glyph, right)))
    return ways


def _trimmed(glyph: Glyph, mask: Array) -> Glyph:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    box = (glyph.box[0] + int(left), glyph.box[1] + int(top), int(right - left), int(bottom - top))
    return Glyph(box, mask[top:bottom, left:right])
