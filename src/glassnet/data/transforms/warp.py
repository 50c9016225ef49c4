"""Warp: say for each pixel of a new image at which point of the old one to look.

Between four pixels the grey is interpolated. The equations are those of ``docs/math.md``.
"""

import numpy as np

from glassnet.types import Array

MARGIN = 2  # empty pixels around an image: whatever lies further out is as empty


def warp(x: Array, shape: tuple[int, int], rows: Array, columns: Array, group: int = 1) -> Array:
    """Look at images through warps, with bilinear interpolation and nothing beyond the border.

    Parameters
    ----------
    x : ndarray, (n, height * width) or (n, height, width)
        Whole numbers 0 to 255 or floats; never written to.
    shape : tuple of int
        Height and width of an image.
    rows, columns : ndarray of float, (n_warps, height, width)
        Where to look for each pixel of the result; n_warps is n / group, rounded up.
    group : int
        Neighbours in the batch that share a warp.

    Returns
    -------
    ndarray
        New images of the same shape and dtype, interpolated in single precision.
    """
    height, width = shape
    n, n_warps, tall, wide = len(x), len(rows), height + 2 * MARGIN, width + 2 * MARGIN
    # One line for each pixel of each warp, holding that pixel of all images of the group: what
    # is looked up together lies together.
    canvas = np.zeros((n_warps, tall, wide, group), np.float32)
    inside = canvas[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    whole = n - n % group
    images = x.reshape(n, height, width)
    inside[: whole // group] = (
        images[:whole].reshape(-1, group, height, width).transpose(0, 2, 3, 1)
    )
    if n > whole:
        inside[-1, :, :, : n - whole] = images[whole:].transpose(1, 2, 0)
    lines = canvas.reshape(-1, group)

    # Equation 53, and further out than the margin as in the margin.
    rows = np.clip(rows.reshape(n_warps, height * width) + MARGIN, 0, tall - 1.001)
    columns = np.clip(columns.reshape(n_warps, height * width) + MARGIN, 0, wide - 1.001)
    top, left = np.floor(rows), np.floor(columns)
    down, right = rows - top, columns - left
    corner = (top * wide + left).astype(np.intp)
    corner += (np.arange(n_warps) * (tall * wide))[:, None]
    up, back = 1 - down, 1 - right  # equation 54 adds up four taps
    result = lines.take(corner.ravel(), axis=0)
    result *= (up * back).reshape(-1, 1)
    tap = np.empty_like(result)
    for offset, weight in ((1, up * right), (wide, down * back), (wide + 1, down * right)):
        # mode="clip" only because NumPy would else copy the result once more.
        lines.take((corner + offset).ravel(), axis=0, out=tap, mode="clip")
        tap *= weight.reshape(-1, 1)
        result += tap
    result = result.reshape(n_warps, height * width, group).transpose(0, 2, 1)
    result = result.reshape(n_warps * group, height * width)[:n]
    if x.dtype.kind in "iu":
        np.rint(result, out=result)
    return result.reshape(x.shape).astype(x.dtype, copy=False)
