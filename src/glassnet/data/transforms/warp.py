"""Warping: images resampled at given coordinates with bilinear interpolation.

Equation numbers refer to ``docs/math.md``.
"""

import numpy as np

from glassnet.types import Array

MARGIN = 2  # empty pixels around an image


def warp(x: Array, shape: tuple[int, int], rows: Array, columns: Array, group: int = 1) -> Array:
    """Resample images at given coordinates; pixels outside the image are 0.

    Parameters
    ----------
    x : ndarray, (n, height * width) or (n, height, width)
        Integers 0 to 255 or floats; not modified.
    shape : tuple of int
        Height and width of an image.
    rows, columns : ndarray of float, (n_warps, height, width)
        Source coordinates of each pixel of the result; n_warps is n / group, rounded up.
    group : int
        Number of consecutive images that share a warp.

    Returns
    -------
    ndarray
        New images of the same shape and dtype, interpolated in single precision.
    """
    height, width = shape
    n, n_warps, tall, wide = len(x), len(rows), height + 2 * MARGIN, width + 2 * MARGIN
    # Each row holds one pixel of all images of a group, which share coordinates: values that are
    # read together are adjacent in memory.
    canvas = np.zeros((n_warps, tall, wide, group), np.float32)
    inside = canvas[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    n_grouped = n - n % group
    images = x.reshape(n, height, width)
    inside[: n_grouped // group] = (
        images[:n_grouped].reshape(-1, group, height, width).transpose(0, 2, 3, 1)
    )
    if n > n_grouped:
        inside[-1, :, :, : n - n_grouped] = images[n_grouped:].transpose(1, 2, 0)
    lines = canvas.reshape(-1, group)

    # Equation 53; coordinates beyond the margin are clipped to it.
    rows = np.clip(rows.reshape(n_warps, height * width) + MARGIN, 0, tall - 1.001)
    columns = np.clip(columns.reshape(n_warps, height * width) + MARGIN, 0, wide - 1.001)
    top, left = np.floor(rows), np.floor(columns)
    down, right = rows - top, columns - left
    corner = (top * wide + left).astype(np.intp)
    corner += (np.arange(n_warps) * (tall * wide))[:, None]
    up, back = 1 - down, 1 - right  # equation 54 is a sum of four taps
    result = lines.take(corner.ravel(), axis=0)
    result *= (up * back).reshape(-1, 1)
    tap = np.empty_like(result)
    for offset, weight in ((1, up * right), (wide, down * back), (wide + 1, down * right)):
        # The default mode of take would buffer the output, which costs a copy.
        lines.take((corner + offset).ravel(), axis=0, out=tap, mode="clip")
        tap *= weight.reshape(-1, 1)
        result += tap
    result = result.reshape(n_warps, height * width, group).transpose(0, 2, 1)
    result = result.reshape(n_warps * group, height * width)[:n]
    if x.dtype.kind in "iu":
        np.rint(result, out=result)
    return result.reshape(x.shape).astype(x.dtype, copy=False)
