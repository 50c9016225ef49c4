"""Lines: the ruling of paper, taken away without the strokes that cross it."""

import numpy as np

from glassnet.types import Array

SMALLEST = 150  # pixels of the shorter side; smaller pictures show no ruling
SEGMENT = 1 / 8  # of a side: what is straight for so long may be a line; a slope of 1 degree passes
ACROSS, ALONE = 0.45, 0.95  # of the picture that a line crosses at least, and one without others
MANY = 3  # lines that are a ruling
THIN = 1 / 40  # of the shorter side: what is thicker is no ruling


def without_lines(is_ink: Array) -> tuple[Array, int]:
    """Take ruled lines away.

    Lines are thin and straight, level or as squares, and go across the picture, some of them
    perhaps too pale to be seen whole. Where ink is thicker than a line, it is a stroke, and stays.

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
    if n_level < MANY:  # then what is upright is a row of ones
        return level, n_level
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
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.bitwise_and(joined, ink), connectivity=8
    )
    wide, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    thickness = area / wide
    is_line = (wide >= ACROSS * width) & (thickness <= max(3, THIN * min(is_ink.shape)))
    is_line[0] = False
    if is_line.sum() < MANY:
        is_line &= wide >= ALONE * width
    if not is_line.any():
        return is_ink, 0
    # Where ink goes on above or below the line, it is a stroke that crosses it.
    thickest = int(np.ceil(np.median(thickness[is_line]))) + 1
    strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((thickest + 1, 1), np.uint8)) > 0
    return is_ink & ~(is_line[labels] & ~strokes), int(is_line.sum())
