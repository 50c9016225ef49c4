"""Splitting: candidate cuts between two touching digits."""

import numpy as np

from glassnet.data.handwriting.components import Component
from glassnet.types import Array

MAX_SINGLE_DIGIT_ASPECT = 1.1  # width over height
CUT_SLOPES = (0.0, 0.25, -0.25)  # pixels to the right per pixel up
N_CUTS = 5  # for each slope
MIN_PART_SHARE = 0.2  # of the width


def propose_cuts(component: Component) -> list[tuple[Component, Component]]:
    """Propose straight cuts through thin places; each yields a left and a right component."""
    height, width = component.mask.shape
    rows, columns = np.indices(component.mask.shape)
    parts = []
    for slope in CUT_SLOPES:
        across = columns + np.rint(slope * (rows - height / 2)).astype(int)
        ink = np.bincount(np.clip(across, 0, width)[component.mask], minlength=width + 1)
        smooth = np.convolve(ink, np.ones(3) / 3, "same")
        order = np.argsort(smooth[:width], kind="stable")
        chosen: list[int] = []
        for place in order:
            is_inside = MIN_PART_SHARE * width < place < (1 - MIN_PART_SHARE) * width
            if is_inside and all(abs(place - other) > width / 12 for other in chosen):
                chosen.append(int(place))
            if len(chosen) == N_CUTS:
                break
        for place in chosen:
            left, right = component.mask & (across < place), component.mask & (across >= place)
            if left.any() and right.any():
                parts.append((_trim(component, left), _trim(component, right)))
    return parts


def _trim(component: Component, mask: Array) -> Component:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    box = (
        component.box[0] + int(left),
        component.box[1] + int(top),
        int(right - left),
        int(bottom - top),
    )
    return Component(box, mask[top:bottom, left:right])
