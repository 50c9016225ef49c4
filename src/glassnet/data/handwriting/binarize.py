"""Binarization: estimate the light on the paper, and separate ink from ground by a threshold.

Functions return new arrays of the shape of the picture, (height, width), in which ink is bright;
``docs/handwriting.md`` shows the steps.
"""

import numpy as np

from glassnet.types import Array

N_GRAIN_ROWS = 300  # sampled to estimate the grain
LIGHT_SIDE = 256  # pixels of the longer side to estimate the light
MIN_BLURRED_SIDE = 64  # pixels; in smaller pictures strokes are as fine as the noise
MAX_STROKE_SHARE = 0.22  # of the shorter side: a wider stroke counts as ground
MIN_INK = 20  # 255ths of the light
CORE_SHARE, EDGE_SHARE = 0.45, 0.25  # of the ink's strength


def divide_by_light(grey: Array) -> Array:
    """Divide dark ink on light ground by the light: 0 is ground, 255 the darkest ink possible.

    The light is estimated by a closing, which fills dark regions narrower than a stroke.
    """
    import cv2

    small = shrink(grey, LIGHT_SIDE)
    light = _close(cv2.medianBlur(small, 3) if min(small.shape) > MIN_BLURRED_SIDE else small)
    light = cv2.GaussianBlur(light, (0, 0), max(0.5, max(light.shape) / 100))
    height, width = grey.shape
    light = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return 255 - cv2.divide(grey, np.maximum(light, 16), scale=255)


def measure_strength(ink: Array) -> float:
    """Return the mean of the darkest pixels of `divide_by_light`, as many as the longer side has.

    A stroke across the picture has that many, and so has a page with a single word.
    """
    n = min(max(ink.shape), ink.size)
    taken = np.minimum(np.cumsum(_counts(ink)[::-1]), n)
    total = (np.diff(taken, prepend=0) * np.arange(255, -1, -1)).sum()
    return float(total / n)


def measure_grain(ink: Array) -> float:
    """Estimate the standard deviation of the paper's grain in the result of `divide_by_light`.

    It is the larger of two estimates, from the values and from the differences of neighbours:
    saturated paper hides half of its grain in the values, a camera smooths the differences.

    References
    ----------
    The median of the distances from the median is 0.6745 standard deviations of normal noise:
    Hampel 1974, "The influence curve and its role in robust estimation".
    """
    import cv2

    rows = ink[:: max(1, len(ink) // N_GRAIN_ROWS)]
    spread = _median(cv2.absdiff(rows, np.full_like(rows, _median(rows))))
    steps = _median(cv2.absdiff(rows[:, 1:], rows[:, :-1])) if rows.shape[1] > 1 else 0
    return max(spread, steps / 2**0.5) / 0.6745


def threshold(ink: Array) -> Array:
    """Return the mask of the ink in the result of `divide_by_light`; empty for a blank sheet.

    A pixel is ink at `CORE_SHARE` of the ink's strength or, connected to such a pixel, at
    `EDGE_SHARE`, but not below five standard deviations of the paper's grain.
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
    """Count how often each grey value occurs."""
    import cv2

    counts: Array = cv2.calcHist([np.ascontiguousarray(values)], [0], None, [256], [0, 256])
    return counts.ravel().astype(int)


def _median(values: Array) -> int:
    counts = np.cumsum(_counts(values))
    return int(np.searchsorted(counts, (counts[-1] + 1) // 2))


def shrink(picture: Array, longest: int) -> Array:
    """Shrink a picture to `longest` pixels on its longer side by averaging; never enlarge."""
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
