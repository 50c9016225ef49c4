"""Ink: how dark the pen left each pixel, whatever the paper and the light. Bright is ink.

Each function takes an array and gives a new one; ``docs/handwriting.md`` shows what they do.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

ROWS = 300  # of a picture, that tell its grain as well as all
COARSE = 256  # pixels; the light on the paper needs no more on the longer side
SMALL = 64  # pixels; a smaller picture is not smoothed, its strokes are as fine as its noise
WIDEST = 0.22  # of the shorter side: a stroke that is wider counts as ground
RECTANGULAR = 0.93  # of its rectangle that a sheet covers; an ellipse covers 0.79
DUST = 1e-3  # of the picture
HOLE = 0.05  # of a glyph's box
FAINTEST = 20  # 255ths of the light: what stands out less is no ink
SURE, MAYBE = 0.45, 0.25  # of the ink's strength


def is_dark_on_light(grey: Array) -> bool:
    """Tell whether ink is darker than its ground.

    The ground is most of an image, and most of its border. Where the two disagree (a sheet on a
    dark table, a bold digit cut out tightly) what covers most is the ground if something lies
    within it, and ink if nothing does. And a small sheet is ground all the same: it has four
    corners, and something lies within it.

    Parameters
    ----------
    grey : ndarray of uint8, (height, width)
        As decoded.

    Returns
    -------
    bool
        False for bright ink.

    References
    ----------
    Otsu 1979, "A threshold selection method from gray-level histograms" (dark or bright).
    """
    import cv2

    small = cv2.medianBlur(grey, 3) if min(grey.shape) > 100 else grey
    _, is_bright = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    border = np.concatenate([is_bright[0], is_bright[-1], is_bright[:, 0], is_bright[:, -1]])
    mostly_bright = bool(is_bright.mean() > 0.5)
    if mostly_bright == bool(border.mean() > 0.5):
        rest = is_bright != mostly_bright
        filled = _filled(rest)
        is_sheet = _is_rectangle(filled) and (filled & ~rest).mean() > DUST
        return mostly_bright != is_sheet
    most = is_bright == mostly_bright
    return mostly_bright == bool((_filled(most) & ~most).mean() > DUST)


def _filled(region: Array) -> Array:
    """Return a region with all that it encloses."""
    import cv2

    n, labels = cv2.connectedComponents((~region).astype(np.uint8), connectivity=4)
    is_open = np.zeros(n, bool)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        is_open[side] = True
    is_open[0] = False  # the region itself
    filled: Array = ~is_open[labels]
    return filled


def _is_rectangle(region: Array) -> bool:
    """Tell whether the largest outline of a region has four corners, turned or not."""
    import cv2

    found = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    outline = max(found, key=cv2.contourArea, default=None)
    if outline is None:
        return False
    width, height = cv2.minAreaRect(outline)[1]
    return cv2.contourArea(outline) > RECTANGULAR * max(width * height, 1)


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


def is_edge_of_area(grey: Array, is_ink: Array) -> bool:
    """Tell a stroke around paper from the edge of a dark area, which the light was taken for.

    Parameters
    ----------
    grey : ndarray of uint8, (height, width)
        The box of one glyph, dark ink on a light ground.
    is_ink : ndarray of bool, (height, width)
        The glyph's.

    Returns
    -------
    bool
        Whether what it encloses is nearer to its ink than to the paper around it.
    """
    filled = _filled(is_ink)
    inside, outside = filled & ~is_ink, ~filled
    if inside.mean() < HOLE:
        return False
    paper = float(np.median(grey[outside])) if outside.any() else 255.0
    return bool(np.median(grey[inside]) < (np.median(grey[is_ink]) + paper) / 2)


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
