"""Binarisation: illumination correction, then a threshold between ink and background.

The functions return new arrays of the picture's shape, (height, width), in which ink is bright;
``docs/handwriting.md`` illustrates the steps.
"""

import numpy as np

from glassnet.types import Array

N_GRAIN_ROWS = 300  # rows sampled to estimate the grain
LIGHT_SIDE = 256  # pixels of the longer side, to estimate the illumination
MIN_BLURRED_SIDE = 64  # pixels; a blur would erase the strokes of smaller pictures
MAX_STROKE_SHARE = 0.22  # of the shorter side: a wider stroke counts as background
MIN_INK = 20  # in 255ths of the illumination
CORE_SHARE, EDGE_SHARE = 0.45, 0.25  # of the ink's strength, `measure_strength`


def divide_by_light(grey: Array) -> Array:
    """Correct uneven illumination and invert: 0 is the background, 255 the darkest ink.

    The ink is darker than the background. The illumination is estimated by a morphological closing,
    which fills dark regions narrower than the widest stroke; the picture is divided by it.
    """
    import cv2

    small = shrink(grey, LIGHT_SIDE)
    light = _close(cv2.medianBlur(small, 3) if min(small.shape) > MIN_BLURRED_SIDE else small)
    light = cv2.GaussianBlur(light, (0, 0), max(0.5, max(light.shape) / 100))
    height, width = grey.shape
    light = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return 255 - cv2.divide(grey, np.maximum(light, 16), scale=255)


def measure_strength(ink: Array) -> float:
    """Return the mean of the n darkest pixels, where n is the longer side of the picture.

    `ink` is a result of `divide_by_light`. A stroke across the picture has about n pixels, as does
    a page with a single word.
    """
    n = min(max(ink.shape), ink.size)
    taken = np.minimum(np.cumsum(_counts(ink)[::-1]), n)
    total = (np.diff(taken, prepend=0) * np.arange(255, -1, -1)).sum()
    return float(total / n)


def measure_grain(ink: Array) -> float:
    """Estimate the standard deviation of the paper grain in the result of `divide_by_light`.

    It is the larger of two estimates, from the values and from the differences of neighbours:
    saturation clips half of the grain in the values, and cameras smooth the differences.

    References
    ----------
    Hampel 1974, "The influence curve and its role in robust estimation": the median absolute
    deviation of normal noise is 0.6745 standard deviations.
    """
    import cv2

    rows = ink[:: max(1, len(ink) // N_GRAIN_ROWS)]
    spread = _median(cv2.absdiff(rows, np.full_like(rows, _median(rows))))
    steps = _median(cv2.absdiff(rows[:, 1:], rows[:, :-1])) if rows.shape[1] > 1 else 0
    return max(spread, steps / 2**0.5) / 0.6745


def threshold(ink: Array) -> Array:
    """Return a mask of the ink in the result of `divide_by_light` (all False for a blank sheet).

    Hysteresis thresholding: a pixel is ink if it has at least `CORE_SHARE` of the ink's strength,
    or if it has at least `EDGE_SHARE` and is connected to such a pixel, but never if it is below
    five standard deviations of the paper grain.
    """
    import cv2

    full, floor = measure_strength(ink), max(5 * measure_grain(ink), MIN_INK)
    core, edge = max(CORE_SHARE * full, floor), max(EDGE_SHARE * full, floor)
    if core > full:
        return np.zeros(ink.shape, bool)
    n, labels = cv2.connectedComponents((ink >= edge).astype(np.uint8), connectivity=8)
    has_core = np.zeros(n, bool)
    has_core[labels[ink >= core]] = True
    is_ink: Array = has_core[labels]
    return is_ink


def _counts(values: Array) -> Array:
    """Return a histogram over the 256 grey values."""
    import cv2

    counts: Array = cv2.calcHist([np.ascontiguousarray(values)], [0], None, [256], [0, 256])
    return counts.ravel().astype(int)


def _median(values: Array) -> int:
    counts = np.cumsum(_counts(values))
    return int(np.searchsorted(counts, (counts[-1] + 1) // 2))


def shrink(picture: Array, longest: int) -> Array:
    """Shrink a picture by averaging until its longer side is at most `longest` pixels."""
    import cv2

    height, width = picture.shape
    scale = longest / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _close(grey: Array) -> Array:
    """Fill dark regions narrower than the widest stroke."""
    import cv2

    side = max(9, int(MAX_STROKE_SHARE * min(grey.shape))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    return cv2.morphologyEx(grey, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
