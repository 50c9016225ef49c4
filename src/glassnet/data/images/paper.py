"""Paper: a sheet that lies crooked in the picture, straightened."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.images.ink import COARSE, shrink

Array = NDArray[Any]

LEAST = 0.3  # of the picture: what is smaller is no sheet
FULL = 0.93  # of its rectangle that a sheet covers at least: it has four straight edges
DARKER = 60  # grey values that lie between a sheet and what it lies on


def slope_of_sheet(grey: Array) -> float | None:
    """Measure how a sheet of paper lies in the picture.

    A sheet is one bright rectangle on something much darker, with a part of that ground at the
    picture's border. What is written on it does not count.

    Parameters
    ----------
    grey : ndarray of uint8, (height, width)
        Dark ink on a light ground.

    Returns
    -------
    float or None
        Degrees, clockwise, from -45 to 45; None where there is no such sheet, or it lies
        straight.
    """
    import cv2

    small = cv2.medianBlur(shrink(grey, COARSE), 5)
    level, is_bright = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if small.size < 32 * 32 or is_bright.min() == is_bright.max():
        return None
    if np.median(small[is_bright == 1]) - np.median(small[is_bright == 0]) < DARKER:
        return None
    outside = _dark_from_border(is_bright)
    sheet = (~outside).astype(np.uint8)
    if not 0.02 < outside.mean() < 1 - LEAST:
        return None
    contours, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = cv2.convexHull(max(contours, key=cv2.contourArea))
    if cv2.contourArea(hull) - sheet.sum() > 0.05 * sheet.sum():
        return None
    return _angle(hull, small.shape)


def straighten(grey: Array, angle: float) -> Array:
    """Turn a picture back, and fill what lies outside the sheet with the sheet's own grey.

    Parameters
    ----------
    grey : ndarray of uint8, (height, width)
        Dark ink on a light ground.
    angle : float
        As from `slope_of_sheet`.

    Returns
    -------
    ndarray of uint8
        As large as it needs to be.
    """
    import cv2

    small = cv2.medianBlur(grey, 3)
    level, is_bright = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    outside = _dark_from_border(is_bright).astype(np.uint8)
    paper = int(np.median(grey[is_bright == 1]))
    wide = cv2.dilate(outside, np.ones((5, 5), np.uint8))
    cleared = np.where(wide == 1, np.uint8(paper), small)
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    new = (math.ceil(width * cos + height * sin), math.ceil(width * sin + height * cos))
    turn[:, 2] += (new[0] - width) / 2, (new[1] - height) / 2
    return cv2.warpAffine(
        cleared, turn, new, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
        borderValue=paper,
    )


def _dark_from_border(is_bright: Array) -> Array:
    """Return what is dark and joined to a corner of the picture."""
    import cv2

    _, labels = cv2.connectedComponents((1 - is_bright).astype(np.uint8), connectivity=4)
    corners = {int(labels[y, x]) for y in (0, -1) for x in (0, -1)} - {0}
    return np.isin(labels, list(corners))


def _angle(hull: Array, shape: tuple[int, int]) -> float | None:
    """Return the direction of the sheet's long straight edges inside the picture."""
    height, width = shape
    points = hull[:, 0].astype(float)
    edges = np.roll(points, -1, axis=0) - points
    middles = points + edges / 2
    inside = (
        (middles[:, 0] > 1) & (middles[:, 0] < width - 2)
        & (middles[:, 1] > 1) & (middles[:, 1] < height - 2)
    )
    lengths = np.hypot(*edges.T) * inside
    if lengths.sum() < 0.3 * min(shape):
        return None
    # Edges at right angles count as one direction: four times the angle is the same for them.
    directions = np.arctan2(edges[:, 1], edges[:, 0])
    mean = (lengths * np.exp(4j * directions)).sum() / lengths.sum()
    if abs(mean) < FULL:
        return None
    angle = math.degrees(np.angle(mean)) / 4
    return angle if abs(angle) > 1 else None
