"""Stroke width: thickening and thinning of strokes."""

import numpy as np

from glassnet.types import Array


def change_stroke_width(x: Array, shape: tuple[int, int], shares: Array) -> Array:
    """Thicken or thin bright strokes by blending images with their dilation or erosion.

    I' = I + s (max I - I) for a fraction s above 0, I' = I + |s| (min I - I) below 0, where max and
    min are over a pixel and its eight neighbours. Since min I = -max (-I), thinning is thickening
    of the negative.

    Parameters
    ----------
    x : ndarray, (n, height * width) or (n, height, width)
        Integers 0 to 255 or floats, bright strokes on a dark background.
    shape : tuple of int
        Height and width of an image.
    shares : ndarray of float, (n,)
        From -1, a pixel less on each side of a stroke, to 1, a pixel more.

    Returns
    -------
    ndarray
        New array of the same shape and dtype, computed in single precision.

    References
    ----------
    Serra 1982, "Image analysis and mathematical morphology", chapter 2 (dilation and erosion);
    equation 62 of ``docs/math.md``.
    """
    sign = np.where(shares < 0, -1, 1).astype(np.float32)[:, None, None]
    images = x.reshape(len(x), *shape) * sign
    brightest = images.copy()
    # The 3 x 3 maximum is separable: vertical, then horizontal.
    np.maximum(brightest[:, 1:], images[:, :-1], out=brightest[:, 1:])
    np.maximum(brightest[:, :-1], images[:, 1:], out=brightest[:, :-1])
    column = brightest.copy()
    np.maximum(brightest[:, :, 1:], column[:, :, :-1], out=brightest[:, :, 1:])
    np.maximum(brightest[:, :, :-1], column[:, :, 1:], out=brightest[:, :, :-1])
    brightest -= images
    brightest *= np.abs(shares).astype(np.float32)[:, None, None]
    images += brightest  # equation 62
    images *= sign
    if x.dtype.kind in "iu":
        np.rint(images, out=images)
    return images.reshape(x.shape).astype(x.dtype, copy=False)
