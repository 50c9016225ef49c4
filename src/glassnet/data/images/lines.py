"""Lines: the ruling of paper, taken away without the strokes that cross it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SMALLEST = 150  # pixels of the shorter side; smaller pictures show no ruling
SEGMENT = 1 / 8  # of a side: what is straight for so long may be a line; a slope of 1 degree passes
ACROSS = 0.7  # of the picture that a line crosses at least
THIN = 1 / 40  # of the shorter side: what is thicker is no ruling


def without_lines(is_ink: Array) -> tuple[Array, int]:
    """Take ruled lines away.

    A line is thin, straight, level or upright, and goes across most of the picture. Where it
    crosses a stroke, the stroke is closed again.

    Parameters
    ----------
    is_ink : ndarray of bool, (height, width)
        Strokes and lines.

    Returns
    -------
    is_ink : ndarray of bool
        Without lines; the same array where there are none.
    n_lines : int
        How many there were.
    """
    if min(is_ink.shape) < SMALLEST:
        return is_ink, 0
    level, n_level = _take_level(is_ink)
    upright, n_upright = _take_level(level.T)
    return upright.T, n_level + n_upright


def _take_level(is_ink: Array) -> tuple[Array, int]:
    import cv2

    width = is_ink.shape[1]
    ink = np.ascontiguousarray(is_ink).astype(np.uint8)
    segment = np.ones((1, int(SEGMENT * width)), np.uint8)
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))  # so that a slight slope stays in one row
    straight = cv2.morphologyEx(thick, cv2.MORPH_OPEN, segment)
    if not straight.any():
        return is_ink, 0
    joined = cv2.dilate(straight, np.ones((3, int(SEGMENT * width)), np.uint8))
    n, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.bitwise_and(joined, thick), connectivity=8
    )
    thickest = max(3.0, THIN * min(is_ink.shape)) + 2
    is_line = np.zeros(n, bool)
    for line in range(1, n):
        _, _, wide, _, area = stats[line]
        is_line[line] = wide >= ACROSS * width and area <= thickest * wide
    if not is_line.any():
        return is_ink, 0
    found = (is_line[labels] & (straight > 0)).astype(np.uint8)
    lines = cv2.dilate(found, np.ones((3, 1), np.uint8)) > 0
    rest = is_ink & ~lines
    reach = int(thickest) * 2 + 3
    closed = cv2.morphologyEx(rest.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((reach, 3), np.uint8))
    return rest | ((closed > 0) & lines & is_ink), int(is_line.sum())
