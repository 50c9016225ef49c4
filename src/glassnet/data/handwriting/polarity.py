"""Polarity: dark ink on a light background, or the reverse."""

import numpy as np

from glassnet.types import Array

MIN_RECTANGLE_SHARE = 0.93  # of its bounding rectangle covered by a sheet; an ellipse has 0.79
MIN_INTERIOR_SHARE = 1e-3  # of the picture
MIN_HOLE_SHARE = 0.05  # of a component's box


def is_dark_on_light(grey: Array) -> bool:
    """Return whether the ink is darker than the background.

    The background covers most of the picture and most of its border. If the two criteria disagree
    (a sheet on a dark table, a tightly cropped bold digit), the larger region is background if it
    encloses something, and ink otherwise. A smaller rectangle that encloses something is a sheet,
    hence background.

    References
    ----------
    Otsu 1979, "A threshold selection method from gray-level histograms".
    """
    import cv2

    small = cv2.medianBlur(grey, 3) if min(grey.shape) > 100 else grey
    _, is_bright = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    border = np.concatenate([is_bright[0], is_bright[-1], is_bright[:, 0], is_bright[:, -1]])
    mostly_bright = bool(is_bright.mean() > 0.5)
    if mostly_bright == bool(border.mean() > 0.5):
        rest = is_bright != mostly_bright
        filled = _filled(rest)
        is_sheet = _is_rectangle(filled) and (filled & ~rest).mean() > MIN_INTERIOR_SHARE
        return mostly_bright != is_sheet
    most = is_bright == mostly_bright
    return mostly_bright == bool((_filled(most) & ~most).mean() > MIN_INTERIOR_SHARE)


def is_edge_of_area(grey: Array, is_ink: Array) -> bool:
    """Return whether a component is the outline of a dark area rather than a stroke.

    That is the case if the area it encloses is closer in grey value to its ink than to the paper
    around it.

    Parameters
    ----------
    grey : ndarray of uint8, (height, width)
        Grey values in the component's box, dark ink on a light background.
    is_ink : ndarray of bool, (height, width)
        Mask of the component in its box.
    """
    filled = _filled(is_ink)
    inside, outside = filled & ~is_ink, ~filled
    if inside.mean() < MIN_HOLE_SHARE:
        return False
    paper = float(np.median(grey[outside])) if outside.any() else 255.0
    return bool(np.median(grey[inside]) < (np.median(grey[is_ink]) + paper) / 2)


def _filled(region: Array) -> Array:
    """Return a region with its holes filled."""
    import cv2

    n, labels = cv2.connectedComponents((~region).astype(np.uint8), connectivity=4)
    is_open = np.zeros(n, bool)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        is_open[side] = True
    is_open[0] = False  # the region itself
    filled: Array = ~is_open[labels]
    return filled


def _is_rectangle(region: Array) -> bool:
    """Return whether the largest outline of a region is a rectangle, possibly rotated."""
    import cv2

    found = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    outline = max(found, key=cv2.contourArea, default=None)
    if outline is None:
        return False
    width, height = cv2.minAreaRect(outline)[1]
    return cv2.contourArea(outline) > MIN_RECTANGLE_SHARE * max(width * height, 1)
