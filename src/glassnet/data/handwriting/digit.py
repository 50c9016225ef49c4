"""Digit: strokes cut out of a picture, to the 28 x 28 pixels that MNIST's digits have.

MNIST's were black and white once, brought to 20 x 20 pixels with their proportions kept and with
grey edges, and placed with their centre of mass in the middle of 28 x 28 (LeCun et al. 1998,
"Gradient-based learning applied to document recognition", section III).
"""

import numpy as np

from glassnet.types import Array

SIDE, BOX = 28, 20
FINE = 8  # pixels of the drawing board for each of the digit's
MARGIN = 4 * FINE  # around the strokes, for those that grow
THINNEST, THICKEST = 2.3, 4.0  # pixels of 28 x 28 that a stroke is made to have


def on_board(mask: Array, ink: Array) -> Array:
    """Bring strokes to one size, whatever the picture's: a drawing board of 8 times 20 pixels.

    Parameters
    ----------
    mask : ndarray of bool, (height, width)
        The strokes' pixels.
    ink : ndarray of uint8, (height, width)
        How dark they are; edges in between grey make smooth lines of few pixels.

    Returns
    -------
    ndarray of bool
        Its longer side has 160 pixels, and a margin.
    """
    import cv2

    grown = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8))
    full = _high(ink[mask])
    grey = np.minimum(ink / full, 1) * grown
    height, width = mask.shape
    scale = FINE * BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    if scale > 1:
        grey = _framed(grey, 1)  # so that edges fade on all sides
        size = (round((width + 2) * scale), round((height + 2) * scale))
    board = _framed(cv2.resize(grey.astype(np.float32), size, interpolation=way), MARGIN)
    blurred = cv2.GaussianBlur(board, (0, 0), max(1.0, min(scale / 2.5, 6.0)))
    some = blurred[blurred > 0.2]
    return blurred > 0.45 * (_high(some) if some.size else 0.2)


def _framed(grey: Array, width: int) -> Array:
    """Put zeros around a picture, as np.pad does, in a tenth of its time."""
    import cv2

    around = (width, width, width, width)
    return cv2.copyMakeBorder(grey, *around, cv2.BORDER_CONSTANT, value=0)


def thickness(board: Array) -> float:
    """Measure strokes: twice the distance from their middle lines to their edges.

    Parameters
    ----------
    board : ndarray of bool
        From `on_board`.

    Returns
    -------
    float
        Pixels of the finished digit, the median along the lines.
    """
    import cv2

    distance = cv2.distanceTransform(board.astype(np.uint8), cv2.DIST_L2, 5)
    ridge = (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8))) & board
    if not ridge.any():
        return 0.0
    height, width = _extent(board)
    return float(2 * np.median(distance[ridge])) * BOX / max(height, width)


def even_strokes(board: Array, found: float) -> Array:
    """Make strokes as thick as MNIST's, where they are thinner or thicker than any there.

    Parameters
    ----------
    board : ndarray of bool
        From `on_board`.
    found : float
        Their `thickness`.

    Returns
    -------
    ndarray of bool
        Of the same size.
    """
    import cv2

    wanted = min(max(found, THINNEST), THICKEST)
    change = round((wanted - found) * FINE)
    if abs(change) < 2 or not found:
        return board
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(change) | 1, abs(change) | 1))
    act = cv2.dilate if change > 0 else cv2.erode
    changed = act(board.astype(np.uint8), kernel).astype(bool)
    return changed if changed.sum() > 0.25 * board.sum() else board


def in_box(board: Array) -> Array:
    """Bring strokes to 20 x 20 pixels, proportions kept, edges grey.

    Parameters
    ----------
    board : ndarray of bool
        Strokes.

    Returns
    -------
    ndarray of uint8, (height, width)
        The longer side has 20 pixels.
    """
    import cv2

    rows, columns = np.flatnonzero(board.any(1)), np.flatnonzero(board.any(0))
    strokes = board[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    height, width = strokes.shape
    scale = BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.rint(255 * cv2.resize(strokes, size, interpolation=cv2.INTER_AREA)).astype(np.uint8)


def centred(box: Array) -> Array:
    """Place a digit with its centre of mass in the middle of 28 x 28 pixels.

    Parameters
    ----------
    box : ndarray of uint8, at most (20, 20)
        From `in_box`.

    Returns
    -------
    ndarray of uint8, (28, 28)
        As MNIST has them.
    """
    height, width = box.shape
    mass = max(float(box.sum(dtype=float)), 1.0)
    middle_y = box.sum(axis=1, dtype=float) @ np.arange(height) / mass
    middle_x = box.sum(axis=0, dtype=float) @ np.arange(width) / mass
    top = min(max(round(SIDE / 2 - 0.5 - middle_y), 0), SIDE - height)
    left = min(max(round(SIDE / 2 - 0.5 - middle_x), 0), SIDE - width)
    digit = np.zeros((SIDE, SIDE), np.uint8)
    digit[top : top + height, left : left + width] = box
    return digit


def placed(box: Array) -> Array:
    """Place a digit with the middle of its box in the middle of 28 x 28 pixels.

    Parameters
    ----------
    box : ndarray of uint8, at most (20, 20)
        From `in_box`.

    Returns
    -------
    ndarray of uint8, (28, 28)
        Not as MNIST has them: to show what the centre of mass is good for.
    """
    height, width = box.shape
    digit = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    digit[top : top + height, left : left + width] = box
    return digit


def whole(ink: Array) -> Array:
    """Shrink a whole picture to 28 x 28 pixels, wherever its digit is.

    Parameters
    ----------
    ink : ndarray of uint8, (height, width)
        Bright ink.

    Returns
    -------
    ndarray of uint8, (28, 28)
        Not as MNIST has them: to show what the box is good for.
    """
    import cv2

    height, width = ink.shape
    side = max(height, width)
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = ink
    return cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def _high(values: Array) -> float:
    """Return the value that a tenth of them exceeds."""
    place = int(0.9 * (values.size - 1))
    return float(np.partition(values, place)[place])


def _extent(board: Array) -> tuple[int, int]:
    rows, columns = np.flatnonzero(board.any(1)), np.flatnonzero(board.any(0))
    return int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
