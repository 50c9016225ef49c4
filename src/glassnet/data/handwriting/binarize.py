"""Ink: how dark the pen left each pixel, whatever the paper and the light. Bright is ink.

Each function takes an array and gives a new one; ``docs/handwriting.md`` shows what they do.
"""

import numpy as np

from glassnet.types import Array

ROWS = 300  # of a picture, that tell its grain as well as all
COARSE = 256  # pixels; the light on the paper needs no more on the longer side
SMALL = 64  # pixels; a smaller picture is not smoothed, its strokes are as fine as its noise
WIDEST = 0.22  # of the shorter side: a stroke that is wider counts as ground
FAINTEST = 20  # 255ths of the light: what stands out less is no ink
SURE, MAYBE = 0.45, 0.25  # of the ink's strength


def lift(grey: Array) -> Array:
    """Divide by the light on the paper: 0 is ground, 255 the darkest ink there can be.

    The light is the paper where there is no pen: a closing, which fills what is narrow and dark.

    Parameters
    ----------
    grey : ndarray of uint8, (height, width)
        Dark ink on a light ground.

    Returns
    -------
    ndarray of uint8, (height, width)
        How much light the ink takes, in 255ths.
    """
    import cv2

    small = shrink(grey, COARSE)
    light = _close(cv2.medianBlur(small, 3) if min(small.shape) > SMALL else small)
    light = cv2.GaussianBlur(light, (0, 0), max(0.5, max(light.shape) / 100))
    height, width = grey.shape
    light = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return 255 - cv2.divide(grey, np.maximum(light, 16), scale=255)


def strength(ink: Array) -> float:
    """Return how dark the ink is: the mean of the darkest pixels, as many as the image is long.

    So many a stroke has that goes once across; a page with a single word has them too.

    Parameters
    ----------
    ink : ndarray of uint8, (height, width)
        From `lift`.

    Returns
    -------
    float
        From 0 to 255.
    """
    n = min(max(ink.shape), ink.size)
    taken = np.minimum(np.cumsum(_counts(ink)[::-1]), n)
    total = (np.diff(taken, prepend=0) * np.arange(255, -1, -1)).sum()
    return float(total / n)


def grain(ink: Array) -> float:
    """Return the standard deviation of the paper's grain, which most pixels show.

    Of the ink's values, and of the steps from each to its neighbour, whichever tells of more:
    paper as bright as can be hides half of its grain, and a camera smooths it.

    Parameters
    ----------
    ink : ndarray of uint8, (height, width)
        From `lift`.

    Returns
    -------
    float
        In the ink's unit; 0 for a drawing.

    References
    ----------
    The median of the distances from the median is 0.6745 standard deviations of normal noise:
    Hampel 1974, "The influence curve and its role in robust estimation".
    """
    import cv2

    some = ink[:: max(1, len(ink) // ROWS)]
    spread = _median(cv2.absdiff(some, np.full_like(some, _median(some))))
    steps = _median(cv2.absdiff(some[:, 1:], some[:, :-1])) if some.shape[1] > 1 else 0
    return max(spread, steps / 2**0.5) / 0.6745


def threshold(ink: Array) -> Array:
    """Tell ink from ground.

    A pixel is ink at `SURE` of the ink's strength, and where it is joined to such a pixel
    already at `MAYBE`, for a pencil that was pressed less; but never below five standard
    deviations of the paper's grain.

    Parameters
    ----------
    ink : ndarray of uint8, (height, width)
        From `lift`.

    Returns
    -------
    ndarray of bool, (height, width)
        True is ink; nowhere on a blank sheet.
    """
    import cv2

    full, least = strength(ink), max(5 * grain(ink), FAINTEST)
    sure, maybe = max(SURE * full, least), max(MAYBE * full, least)
    if sure > full:
        return np.zeros(ink.shape, bool)
    n, labels = cv2.connectedComponents((ink >= maybe).astype(np.uint8), connectivity=8)
    has_core = np.zeros(n, bool)
    has_core[labels[ink >= sure]] = True
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
    """Shrink a picture whose longer side is longer than that; each pixel is the mean of many.

    Parameters
    ----------
    picture : ndarray, (height, width)
        Grey values.
    longest : int
        Pixels.

    Returns
    -------
    ndarray
        Of the same dtype; the picture itself where it is small.
    """
    import cv2

    height, width = picture.shape
    scale = longest / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _close(grey: Array) -> Array:
    """Fill what is dark and narrower than a stroke may be."""
    import cv2

    side = max(9, int(WIDEST * min(grey.shape))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    return cv2.morphologyEx(grey, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
