"""Stroke width: thicker and thinner strokes. The equations are those of ``docs/math.md``."""

import numpy as np

from glassnet.types import Array


def change_stroke_width(x: Array, shape: tuple[int, int], shares: Array) -> Array:
    """Blend each pixel with the brightest of the nine around it, or with the darkest.

    I' = I + s (max I - I) for a share s above 0, I' = I + |s| (min I - I) below it, where max
    and min are over a pixel and its eight neighbours. Since min I = -max (-I), thinning is
    thickening of the negative.

    Parameters
    ----------
    x : ndarray, (n, height * width) or (n, height, width)
        Whole numbers 0 to 255 or floats, bright strokes on dark.
    shape : tuple of int
        Height and width of an image.
    shares : ndarray of float, (n,)
        From -1, a pixel less on every side of a stroke, to 1, a pixel more.

    Returns
    -------
    ndarray
        Blended in single precision; of the shape and dtype of `x`.

    References
    ----------
    Serra 1982, "Image analysis and mathematical morphology", chapter 2 (dilation and erosion);
    equation 62 of ``docs/math.md``.
    """
    sign = np.where(shares < 0, -1, 1).astype(np.float32)[:, None, None]
    images = x.reshape(len(x), *shape) * sign
    brightest = images.copy()
    # Down and up, then to both sides: nine pixels in four steps.
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
