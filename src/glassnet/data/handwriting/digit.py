"""Digit: strokes of a picture converted to MNIST's format, 28 x 28 pixels.

MNIST scaled black and white digits to fit 20 x 20 pixels with anti-aliasing, preserving the aspect
ratio, and centred them in 28 x 28 by their centre of mass (LeCun et al. 1998, "Gradient-based
learning applied to document recognition", section III).
"""

import numpy as np

from glassnet.types import Array

SIDE, BOX = 28, 20
BOARD_SCALE = 8  # pixels of the drawing board per pixel of the digit
MARGIN = 4 * BOARD_SCALE  # room for strokes to be thickened
MIN_STROKE_WIDTH, MAX_STROKE_WIDTH = 2.3, 4.0  # pixels of 28 x 28


def draw_on_board(mask: Array, ink: Array) -> Array:
    """Render strokes on a drawing board: 160 pixels on the longer side, plus a margin.

    Parameters
    ----------
    mask : ndarray of bool, (height, width)
        Mask of the strokes.
    ink : ndarray of uint8, (height, width)
        Darkness of the ink, which gives smooth edges even at low resolution.
    """
    import cv2

    grown = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8))
    full = _high(ink[mask])
    grey = np.minimum(ink / full, 1) * grown
    height, width = mask.shape
    scale = BOARD_SCALE * BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    if scale > 1:
        grey = _framed(grey, 1)  # so that edges fade on all sides
        size = (round((width + 2) * scale), round((height + 2) * scale))
    board = _framed(cv2.resize(grey.astype(np.float32), size, interpolation=method), MARGIN)
    blurred = cv2.GaussianBlur(board, (0, 0), max(1.0, min(scale / 2.5, 6.0)))
    inked = blurred[blurred > 0.2]
    return blurred > 0.45 * (_high(inked) if inked.size else 0.2)


def _framed(grey: Array, width: int) -> Array:
    """Pad a picture with zeros, ten times as fast as `np.pad`."""
    import cv2

    around = (width, width, width, width)
    return cv2.copyMakeBorder(grey, *around, cv2.BORDER_CONSTANT, value=0)


def measure_stroke_width(board: Array) -> float:
    """Return the median stroke width on the board, in pixels of the finished digit.

    The width is twice the distance from the centre line of a stroke to its edge.
    """
    import cv2

    distance = cv2.distanceTransform(board.astype(np.uint8), cv2.DIST_L2, 5)
    ridge = (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8))) & board
    if not ridge.any():
        return 0.0
    height, width = _extent(board)
    return float(2 * np.median(distance[ridge])) * BOX / max(height, width)


def normalize_stroke_width(board: Array, width: float) -> Array:
    """Thicken or thin strokes to MNIST's range; `width` comes from `measure_stroke_width`."""
    import cv2

    target = min(max(width, MIN_STROKE_WIDTH), MAX_STROKE_WIDTH)
    change = round((target - width) * BOARD_SCALE)
    if abs(change) < 2 or not width:
        return board
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(change) | 1, abs(change) | 1))
    act = cv2.dilate if change > 0 else cv2.erode
    changed = act(board.astype(np.uint8), kernel).astype(bool)
    return changed if changed.sum() > 0.25 * board.sum() else board


def fit_box(board: Array) -> Array:
    """Scale strokes to 20 pixels on the longer side, anti-aliased, keeping the aspect ratio."""
    import cv2

    rows, columns = np.flatnonzero(board.any(1)), np.flatnonzero(board.any(0))
    strokes = board[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    height, width = strokes.shape
    scale = BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.rint(255 * cv2.resize(strokes, size, interpolation=cv2.INTER_AREA)).astype(np.uint8)


def center_by_mass(box: Array) -> Array:
    """Centre a digit (at most 20 x 20) in 28 x 28 pixels by its centre of mass, as in MNIST."""
    height, width = box.shape
    mass = max(float(box.sum(dtype=float)), 1.0)
    middle_y = box.sum(axis=1, dtype=float) @ np.arange(height) / mass
    middle_x = box.sum(axis=0, dtype=float) @ np.arange(width) / mass
    top = min(max(round(SIDE / 2 - 0.5 - middle_y), 0), SIDE - height)
    left = min(max(round(SIDE / 2 - 0.5 - middle_x), 0), SIDE - width)
    return _paste(box, top, left)


def center_by_box(box: Array) -> Array:
    """Centre a digit by its bounding box, for comparison with `center_by_mass`."""
    height, width = box.shape
    return _paste(box, (SIDE - height) // 2, (SIDE - width) // 2)


def _paste(box: Array, top: int, left: int) -> Array:
    """Paste a digit into an empty image of 28 x 28 pixels."""
    height, width = box.shape
    digit = np.zeros((SIDE, SIDE), np.uint8)
    digit[top : top + height, left : left + width] = box
    return digit


def shrink_picture(ink: Array) -> Array:
    """Shrink a whole picture to 28 x 28 pixels, for comparison with `fit_box`."""
    import cv2

    height, width = ink.shape
    side = max(height, width)
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = ink
    return cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def _high(values: Array) -> float:
    """Return the 90th percentile of the values."""
    place = int(0.9 * (values.size - 1))
    return float(np.partition(values, place)[place])


def _extent(board: Array) -> tuple[int, int]:
    rows, columns = np.flatnonzero(board.any(1)), np.flatnonzero(board.any(0))
    return int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
