"""Paper: a sheet that lies on something dark, and perhaps crooked."""

import math

import numpy as np

from glassnet.data.handwriting.binarize import COARSE, shrink
from glassnet.types import Array

SMALLEST = 100  # pixels of a picture's shorter side, below which nobody photographs a sheet
LEAST = 0.15  # of the picture: what covers less is no sheet
BUMPS = 0.08  # of a sheet by which its outline may differ from a convex one
DARKER = 40  # grey values between a sheet and what it lies on
ALIKE = 0.9  # 1 where all edges of a sheet are at right angles


def find_sheet(grey: Array) -> Array | None:
    """Find a sheet of paper: bright, of convex outline, on a darker ground that shows.

    Parameters
    ----------
    grey : ndarray of uint8, (height, width)
        Dark ink on a light ground.

    Returns
    -------
    ndarray of bool or None
        Where the sheet is; None where the whole picture is paper.
    """
    import cv2

    if min(grey.shape) < SMALLEST:
        return None
    small = cv2.medianBlur(shrink(grey, COARSE), 5)
    _, is_bright = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    n, labels = cv2.connectedComponents(1 - is_bright, connectivity=4)
    is_ground = np.zeros(n, bool)
    is_ground[labels[[0, 0, -1, -1], [0, -1, 0, -1]]] = True
    is_ground[0] = False
    ground = is_ground[labels]
    if not 0.01 < ground.mean() < 1 - LEAST:
        return None
    if np.median(small[is_bright == 1]) - np.median(small[ground]) < DARKER:
        return None
    sheet = (~ground).astype(np.uint8)
    if (
        not _has_sharp_edge(small, sheet)
        or cv2.contourArea(_hull(sheet)) > (1 + BUMPS) * sheet.sum()
    ):
        return None
    sheet = cv2.erode(sheet, np.ones((3, 3), np.uint8), borderValue=1)
    height, width = grey.shape
    return cv2.resize(sheet, (width, height), interpolation=cv2.INTER_NEAREST).astype(bool)


def clear_ground(grey: Array, sheet: Array) -> Array:
    """Lay white paper around a sheet, of the sheet's own grey.

    Parameters
    ----------
    grey : ndarray of uint8, (height, width)
        The picture.
    sheet : ndarray of bool, (height, width)
        From `find_sheet`.

    Returns
    -------
    ndarray of uint8
        Of the same size, without the salt and pepper that scans of dark borders have.
    """
    import cv2

    paper = int(np.median(grey[sheet][::7]))
    return np.where(sheet, cv2.medianBlur(grey, 3), np.uint8(paper))


def tilt(sheet: Array) -> float:
    """Measure how crooked a sheet lies, by its edges.

    Parameters
    ----------
    sheet : ndarray of bool, (height, width)
        From `find_sheet`.

    Returns
    -------
    float
        Degrees, clockwise, from -45 to 45; 0 where its edges do not agree.
    """
    points = _hull(sheet.astype(np.uint8))[:, 0].astype(float)
    edges = np.roll(points, -1, axis=0) - points
    middles = points + edges / 2
    height, width = sheet.shape
    is_inside = (
        (middles > 1).all(axis=1) & (middles[:, 0] < width - 2) & (middles[:, 1] < height - 2)
    )
    lengths = np.hypot(*edges.T) * is_inside
    if not lengths.any():
        return 0.0
    # Edges at right angles count as one direction: four times the angle is the same for them.
    directions = np.arctan2(edges[:, 1], edges[:, 0])
    mean = (lengths * np.exp(4j * directions)).sum() / lengths.sum()
    return math.degrees(np.angle(mean)) / 4 if abs(mean) > ALIKE else 0.0


def turn_back(grey: Array, angle: float) -> tuple[Array, Array]:
    """Turn a picture the other way.

    Parameters
    ----------
    grey : ndarray of uint8, (height, width)
        The picture, with white paper all around.
    angle : float
        From `tilt`.

    Returns
    -------
    turned : ndarray of uint8
        As large as it needs to be.
    back : ndarray of float, (3, 3)
        Brings a point (x, y, 1) of the turned picture to where it was.
    """
    import cv2

    height, width = grey.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = (math.ceil(width * cos + height * sin), math.ceil(width * sin + height * cos))
    turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    paper = int(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    turned = cv2.warpAffine(grey, turn, size, borderMode=cv2.BORDER_CONSTANT, borderValue=paper)
    return turned, np.linalg.inv(np.vstack([turn, [0, 0, 1]]))


def _has_sharp_edge(grey: Array, sheet: Array) -> bool:
    """Tell an edge from light that falls off slowly."""
    import cv2

    kernel = np.ones((5, 5), np.uint8)
    outside = (cv2.dilate(sheet, kernel) == 1) & (sheet == 0)
    inside = (cv2.erode(sheet, kernel, borderValue=1) == 0) & (sheet == 1)
    return bool(np.median(grey[inside]) - np.median(grey[outside]) > DARKER * 0.6)


def _hull(sheet: Array) -> Array:
    import cv2

    outlines, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return cv2.convexHull(max(outlines, key=cv2.contourArea))
