"""Preprocessing: deskew digits and normalise their width before a network sees them.

An ensemble gains most where its members differ. Those of 2011 each saw the digits at another
width, some of them deskewed (Meier et al. 2011, "Better digit
recognition with an ensemble of simple neural nets"; Ciresan et al. 2011, arXiv 1103.4487).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from glassnet.data.transforms.warp import warp
from glassnet.errors import ConfigError, ShapeError, whole_number
from glassnet.types import Array

BLOCK = 32  # images whose pixels and coordinates fit the cache together
MIN_VARIANCE = 1e-9  # of the rows, in pixels squared: below it all ink lies in one row
FORMS = "plain, deskew, width-12 or deskew-width-12"


@dataclass(frozen=True)
class Preprocessing:
    """Deskewing, width normalisation, both, or neither.

    Called with images (n, height, width), uint8 or floats in [0, 1], it returns new ones of the
    same shape and dtype, or, with nothing to change, the same array. Floats count as the nearest
    of 256 greys, so that both forms of an image give the same result. The centre of mass stays in
    place.

    Parameters
    ----------
    deskew : bool
        Whether to shear each digit upright: with the central moments mu_pq of its ink, x goes to
        x - (mu_11 / mu_02) y, measured from the centre of mass; equation 60 of ``docs/math.md``.
    width : int or None
        Pixels to which the width of each digit is stretched or shrunk, its height kept. An edge
        is where the grey reaches half of the image's highest, which interpolation leaves in
        place.
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
        """Return the name that `parse` reads."""
        parts = ["deskew"] * self.deskew + [f"width-{self.width}"] * (self.width is not None)
        return "-".join(parts) or "plain"

    def check(self, shape: tuple[int, ...]) -> None:
        """Raise `ShapeError` for the shape of an image that cannot be preprocessed in this way."""
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
        """Preprocess images, as the class describes; `ShapeError` as from `check`."""
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
        """Compute where each pixel of the result comes from, and interpolate there."""
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
    """Return mu_11 / mu_02 and the centre of mass, down and across: (n,) each, 0 without ink."""
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
    """Return the width of each digit after moving its rows by `leaning`; 1 without ink."""
    width = images.shape[2]
    highest = images.max(axis=(1, 2), keepdims=True)
    is_ink = images >= np.maximum(1, highest // 2 + highest % 2)
    has_ink = is_ink.any(axis=2)
    left = np.where(has_ink, is_ink.argmax(axis=2) - leaning, np.inf).min(axis=1)
    last = width - 1 - is_ink[:, :, ::-1].argmax(axis=2)
    right = np.where(has_ink, last - leaning, -np.inf).max(axis=1)
    return np.where(has_ink.any(axis=1), right - left + 1, 1)


def shifted(images: Array, max_shift: int) -> Iterator[Array]:
    """Generate copies of the images, shifted by whole pixels and filled with zeros.

    Parameters
    ----------
    images : ndarray, (n, height, width)
        Not modified.
    max_shift : int
        Largest shift in pixels, vertically and horizontally.

    Yields
    ------
    ndarray
        Images of the same shape and dtype, (2 max_shift + 1)^2 times; the same array for 0.
    """
    if not max_shift:
        yield images
        return
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (max_shift, max_shift), (max_shift, max_shift)))
    for down in range(2 * max_shift + 1):
        for right in range(2 * max_shift + 1):
            yield padded[:, down : down + height, right : right + width]
