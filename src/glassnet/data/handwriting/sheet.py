"""Sheet: detection and rotation of a sheet of paper on a darker background."""

import math

import numpy as np

from glassnet.data.handwriting.binarize import LIGHT_SIDE, shrink
from glassnet.types import Array

MIN_SIDE = 100  # pixels of the shorter side; smaller pictures are not searched for a sheet
MIN_SHEET_SHARE = 0.15  # of the picture
MAX_CONCAVITY = 0.08  # area of the convex hull outside the sheet, as a share of the sheet
MIN_CONTRAST = 40  # difference in grey value between sheet and background
MIN_EDGE_AGREEMENT = 0.9  # 1 if all edges of a sheet are parallel or at right angles


def find_sheet(grey: Array) -> Array | None:
    """Return a mask of a bright, convex sheet on a darker background, or None if there is none."""
    import cv2

    if min(grey.shape) < MIN_SIDE:
        return None
    small = cv2.medianBlur(shrink(grey, LIGHT_SIDE), 5)
    _, is_bright = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    n, labels = cv2.connectedComponents(1 - is_bright, connectivity=4)
    is_ground = np.zeros(n, bool)
    is_ground[labels[[0, 0, -1, -1], [0, -1, 0, -1]]] = True
    is_ground[0] = False
    ground = is_ground[labels]
    if not 0.01 < ground.mean() < 1 - MIN_SHEET_SHARE:
        return None
    if np.median(small[is_bright == 1]) - np.median(small[ground]) < MIN_CONTRAST:
        return None
    sheet = (~ground).astype(np.uint8)
    if (
        not _has_sharp_edge(small, sheet)
        or cv2.contourArea(_hull(sheet)) > (1 + MAX_CONCAVITY) * sheet.sum()
    ):
        return None
    sheet = cv2.erode(sheet, np.ones((3, 3), np.uint8), borderValue=1)
    height, width = grey.shape
    return cv2.resize(sheet, (width, height), interpolation=cv2.INTER_NEAREST).astype(bool)


def clear_ground(grey: Array, sheet: Array) -> Array:
    """Fill the background around a sheet with its grey, and remove salt-and-pepper noise."""
    import cv2

    paper = int(np.median(grey[sheet][::7]))
    return np.where(sheet, cv2.medianBlur(grey, 3), np.uint8(paper))


def measure_tilt(sheet: Array) -> float:
    """Measure the tilt of a sheet from its edges, in degrees clockwise, from -45 to 45.

    It is 0 if the directions of the edges disagree.
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
    # Edges at right angles count as one direction: multiplying angles by 4 makes them equal.
    directions = np.arctan2(edges[:, 1], edges[:, 0])
    mean = (lengths * np.exp(4j * directions)).sum() / lengths.sum()
    return math.degrees(np.angle(mean)) / 4 if abs(mean) > MIN_EDGE_AGREEMENT else 0.0


def rotate_back(grey: Array, angle: float) -> tuple[Array, Array]:
    """Rotate a picture by an angle from `measure_tilt`, filling corners with the border's grey.

    Returns
    -------
    turned : ndarray of uint8
        The rotated picture, large enough for the whole original.
    back : ndarray of float, (3, 3)
        Affine map of a point (x, y, 1) in the rotated picture to the original.
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
    """Return whether the sheet has a sharp edge, unlike a gradual shadow."""
    import cv2

    kernel = np.ones((5, 5), np.uint8)
    outside = (cv2.dilate(sheet, kernel) == 1) & (sheet == 0)
    inside = (cv2.erode(sheet, kernel, borderValue=1) == 0) & (sheet == 1)
    return bool(np.median(grey[inside]) - np.median(grey[outside]) > MIN_CONTRAST * 0.6)


def _hull(sheet: Array) -> Array:
    import cv2

    outlines, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return cv2.convexHull(max(outlines, key=cv2.contourArea))
