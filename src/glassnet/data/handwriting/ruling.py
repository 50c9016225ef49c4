"""Ruling: removal of the lines on ruled paper."""

import numpy as np

from glassnet.types import Array

MIN_SIDE = 150  # pixels of the shorter side; smaller pictures are not searched for lines
SEGMENT_SHARE = 1 / 8  # of a side: length of straight segments, with slopes up to 1 degree
MIN_LINE_SHARE, MIN_SINGLE_LINE_SHARE = 0.45, 0.95  # of the width
MIN_LINES = 3  # of a ruling
MAX_LINE_WIDTH_SHARE = 1 / 40  # of the shorter side


def remove_lines(is_ink: Array) -> tuple[Array, int]:
    """Remove ruled lines from the ink and count them.

    Lines are thin, straight and horizontal, or form a grid; they cross the picture, possibly with
    gaps where they are faint. Strokes that cross a line are kept. If there are no lines, the same
    array is returned.
    """
    if min(is_ink.shape) < MIN_SIDE:
        return is_ink, 0
    level, n_level = _take_level(is_ink)
    if n_level < MIN_LINES:  # then upright lines would be a row of digits 1
        return level, n_level
    upright, n_upright = _take_level(level.T)
    return upright.T, n_level + n_upright


def _take_level(is_ink: Array) -> tuple[Array, int]:
    import cv2

    width = is_ink.shape[1]
    ink = np.ascontiguousarray(is_ink).astype(np.uint8)
    segment = np.ones((1, int(SEGMENT_SHARE * width)), np.uint8)
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))  # keeps slightly sloped lines in one row
    straight = cv2.morphologyEx(thick, cv2.MORPH_OPEN, segment)
    if not straight.any():
        return is_ink, 0
    joined = cv2.dilate(straight, np.ones((3, int(SEGMENT_SHARE * width)), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.bitwise_and(joined, ink), connectivity=8
    )
    wide, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    thickness = area / wide
    is_line = (wide >= MIN_LINE_SHARE * width) & (
        thickness <= max(3, MAX_LINE_WIDTH_SHARE * min(is_ink.shape))
    )
    is_line[0] = False
    if is_line.sum() < MIN_LINES:
        is_line &= wide >= MIN_SINGLE_LINE_SHARE * width
    if not is_line.any():
        return is_ink, 0
    # Ink that continues above or below the line belongs to a stroke that crosses it.
    thickest = int(np.ceil(np.median(thickness[is_line]))) + 1
    strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((thickest + 1, 1), np.uint8)) > 0
    return is_ink & ~(is_line[labels] & ~strokes), int(is_line.sum())
