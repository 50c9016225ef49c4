"""Preprocessing: deskewing and width normalisation of digits.

Ensembles benefit from diverse members. Meier et al. (2011, "Better digit recognition with an
ensemble of simple neural nets") and Cireşan et al. (2011, arXiv 1103.4487) normalised the digits to
a different width for each member, and deskewed some.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from glassnet.data.transforms.warp import warp
from glassnet.errors import ConfigError, ShapeError, whole_number
from glassnet.types import Array

BLOCK = 32  # images; their pixels and coordinates fit the cache
MIN_VARIANCE = 1e-9  # vertical variance in square pixels; below it all ink is in one row
FORMS = "plain, deskew, width-12 or deskew-width-12"


@dataclass(frozen=True)
class Preprocessing:
    """Deskewing, width normalisation, both, or neither.

    Calling it with images, (n, height, width) uint8 or floats in [0, 1], returns new images of the
    same shape and dtype, or the same array if both are off. Floats are rounded to 256 grey levels,
    so that both representations of an image give the same result. The centre of mass is preserved.

    Parameters
    ----------
    deskew : bool
        Shear each digit upright: x becomes x - (mu_11 / mu_02) y, relative to the centre of mass,
        with the central moments mu_pq of the ink; equation 60 of ``docs/math.md``.
    width : int or None
        Width in pixels to which each digit is scaled, keeping its height. Edges are where the grey
        value reaches half of the image's maximum, which interpolation preserves.

    Examples
    --------
    >>> import numpy as np
    >>> import glassnet as gn
    >>> slanted = 9 * np.eye(5, dtype=np.uint8)
    >>> gn.Preprocessing(deskew=True)(slanted[None])[0]
    array([[0, 0, 9, 0, 0],
           [0, 0, 9, 0, 0],
           [0, 0, 9, 0, 0],
           [0, 0, 9, 0, 0],
           [0, 0, 9, 0, 0]], dtype=uint8)
    >>> gn.Preprocessing.parse("deskew-width-12")
    Preprocessing(deskew=True, width=12)
    """

    deskew: bool = False
    width: int | None = None

    def __post_init__(self) -> None:
        """Validate the width."""
        if self.width is not None:
            whole_number("width", self.width, 1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``"plain"``, ``"deskew"``, ``"width-12"`` or ``"deskew-width-12"``.

        Raises
        ------
        ConfigError
            For any other text.
        """
        found = re.fullmatch(r"plain|(deskew)|(deskew-)?width-([1-9][0-9]{0,3})", str(text))
        if found is None:
            raise ConfigError(f"preprocess: needs {FORMS}, got {text!r}")
        alone, before, width = found.groups()
        return cls(bool(alone or before), int(width) if width else None)

    def __str__(self) -> str:
        """Return the text form, the inverse of `parse`."""
        parts = ["deskew"] * self.deskew + [f"width-{self.width}"] * (self.width is not None)
        return "-".join(parts) or "plain"

    def check(self, shape: tuple[int, ...]) -> None:
        """Raise `ShapeError` if images of this shape, (height, width), cannot be preprocessed."""
        if self == PLAIN:
            return
        if len(shape) != 2:
            raise ShapeError(
                f"preprocess: {self} needs images with height and width, got shape {shape}"
            )
        if self.width is not None and self.width > shape[1]:
            raise ShapeError(
                f"preprocess: {self} needs images at least {self.width} pixels wide, got {shape[1]}"
            )

    def __call__(self, images: Array) -> Array:
        """Return preprocessed images; raises `ShapeError` as `check` does."""
        self.check(images.shape[1:])
        if self == PLAIN:
            return images
        if images.dtype.kind == "f":
            greys = self(np.rint(images * 255).astype(np.uint8))
            return np.divide(greys, 255, dtype=images.dtype)
        result = np.empty_like(images)
        for start in range(0, len(images), BLOCK):
            result[start : start + BLOCK] = self._resample(images[start : start + BLOCK])
        return result

    def _resample(self, images: Array) -> Array:
        """Compute the source coordinates of each pixel, and interpolate."""
        height, width = images.shape[1:]
        slope, centre_y, centre_x = _moments(images)
        if not self.deskew:
            slope[:] = 0
        y, x = (
            np.arange(height) - centre_y[:, None],
            np.arange(width, dtype=float) - centre_x[:, None],
        )
        leaning = slope[:, None] * y  # equation 60
        if self.width is not None:
            x = x * (_widths(images, leaning)[:, None] / self.width)  # equation 61
        columns = (centre_x[:, None] + leaning)[:, :, None] + x[:, None, :]
        rows = np.broadcast_to(np.arange(height)[:, None], columns.shape)
        return warp(images, (height, width), rows.astype(np.float32), columns.astype(np.float32))


PLAIN = Preprocessing()


def _moments(images: Array) -> tuple[Array, Array, Array]:
    """Return mu_11 / mu_02 and the centre of mass (y, x), each (n,); 0 if there is no ink."""
    n, height, width = images.shape
    y, x = (axis.ravel() for axis in np.indices((height, width), float))
    sums = images.reshape(n, -1).astype(float) @ np.stack([np.ones_like(y), y, x, x * y, y * y], 1)
    m = np.maximum(sums[:, 0], 1)
    centre_y, centre_x, xy, yy = sums[:, 1:].T / m
    mu_11, mu_02 = xy - centre_x * centre_y, yy - centre_y**2  # equation 59
    return (
        np.where(mu_02 > MIN_VARIANCE, mu_11 / np.maximum(mu_02, MIN_VARIANCE), 0),
        centre_y,
        centre_x,
    )


def _widths(images: Array, leaning: Array) -> Array:
    """Return the width of each digit after shearing its rows by `leaning`; 1 if there is no ink."""
    width = images.shape[2]
    highest = images.max(axis=(1, 2), keepdims=True)
    is_ink = images >= np.maximum(1, highest // 2 + highest % 2)
    has_ink = is_ink.any(axis=2)
    left = np.where(has_ink, is_ink.argmax(axis=2) - leaning, np.inf).min(axis=1)
    last = width - 1 - is_ink[:, :, ::-1].argmax(axis=2)
    right = np.where(has_ink, last - leaning, -np.inf).max(axis=1)
    return np.where(has_ink.any(axis=1), right - left + 1, 1)


def shifted(images: Array, max_shift: int) -> Iterator[Array]:
    """Yield copies of images, (n, height, width), shifted by whole pixels and zero-padded.

    Parameters
    ----------
    max_shift : int
        Maximum shift in pixels, vertically and horizontally.

    Yields
    ------
    ndarray
        (2 max_shift + 1)^2 arrays of the same shape and dtype; the array itself for 0.
    """
    if not max_shift:
        yield images
        return
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (max_shift, max_shift), (max_shift, max_shift)))
    for down in range(2 * max_shift + 1):
        for right in range(2 * max_shift + 1):
            yield padded[:, down : down + height, right : right + width]
