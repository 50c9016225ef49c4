"""Views: how to look at an image before a network sees it.

An ensemble is worth more than its best member where the members see differently. Those of 2011
each saw the digits at a width of their own, some of them upright (Meier et al. 2011, "Better digit
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

BLOCK = 32  # images: what is looked up for them stays in the cache
FLAT = 1e-9  # pixels squared: rounding, where all ink lies in one row
FORMS = "plain, deskew, width-12 or deskew-width-12"


@dataclass(frozen=True)
class Preprocessing:
    """One way to look at images: upright, at a width, both, or as they are.

    Called with images (n, height, width), uint8 or floats in [0, 1], it returns new ones of the
    same shape and dtype; the view that changes nothing returns them themselves. Floats count as
    the nearest of 256 greys, so that an image looks alike in both forms. The centre of mass stays
    where it is, and with it the digit where MNIST centres it.

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
        """Refuse what is no width."""
        if self.width is not None:
            whole_number("view: width", self.width, 1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a view's name.

        Parameters
        ----------
        text : str
            As ``str(view)`` gives it: ``"plain"``, ``"deskew"``, ``"width-12"`` or
            ``"deskew-width-12"``.

        Returns
        -------
        Preprocessing
            That one.

        Raises
        ------
        ConfigError
            If it is no such name.
        """
        found = re.fullmatch(r"plain|(deskew)|(deskew-)?width-([1-9][0-9]{0,3})", str(text))
        if found is None:
            raise ConfigError(f"view: needs {FORMS}, got {text!r}")
        alone, before, width = found.groups()
        return cls(bool(alone or before), int(width) if width else None)

    def __str__(self) -> str:
        """Return the view's name, as `parse` reads it."""
        parts = ["deskew"] * self.deskew + [f"width-{self.width}"] * (self.width is not None)
        return "-".join(parts) or "plain"

    def check(self, shape: tuple[int, ...]) -> None:
        """Refuse images that the view cannot be had of.

        Parameters
        ----------
        shape : tuple of int
            Of an image.

        Raises
        ------
        ShapeError
            If it has no height and width, or is narrower than the view's digits.
        """
        if self == PLAIN:
            return
        if len(shape) != 2:
            raise ShapeError(f"view {self}: needs images with height and width, got shape {shape}")
        if self.width is not None and self.width > shape[1]:
            raise ShapeError(f"view {self}: needs images at least so wide, got {shape[1]} pixels")

    def __call__(self, images: Array) -> Array:
        """Look at images.

        Parameters
        ----------
        images : ndarray, (n, height, width)
            Whole numbers 0 to 255, or floats in [0, 1]; never written to.

        Returns
        -------
        ndarray
            Of the same shape and dtype.

        Raises
        ------
        ShapeError
            If the images have no such shape.
        """
        self.check(images.shape[1:])
        if self == PLAIN:
            return images
        if images.dtype.kind == "f":
            greys = self(np.rint(images * 255).astype(np.uint8))
            return np.divide(greys, 255, dtype=images.dtype)
        result = np.empty_like(images)
        for start in range(0, len(images), BLOCK):
            result[start : start + BLOCK] = self._look(images[start : start + BLOCK])
        return result

    def _look(self, images: Array) -> Array:
        """Say for each pixel of the result where to look, and look there."""
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
    return np.where(mu_02 > FLAT, mu_11 / np.maximum(mu_02, FLAT), 0), centre_y, centre_x


def _widths(images: Array, leaning: Array) -> Array:
    """Return how wide each digit is once its rows are moved by `leaning`; for none, 1."""
    width = images.shape[2]
    highest = images.max(axis=(1, 2), keepdims=True)
    is_ink = images >= np.maximum(1, highest // 2 + highest % 2)
    has_ink = is_ink.any(axis=2)
    left = np.where(has_ink, is_ink.argmax(axis=2) - leaning, np.inf).min(axis=1)
    last = width - 1 - is_ink[:, :, ::-1].argmax(axis=2)
    right = np.where(has_ink, last - leaning, -np.inf).max(axis=1)
    return np.where(has_ink.any(axis=1), right - left + 1, 1)


def shifted(images: Array, most: int) -> Iterator[Array]:
    """Shift images by whole pixels, in every way; what comes in at the border is empty.

    Parameters
    ----------
    images : ndarray, (n, height, width)
        Never written to.
    most : int
        How far at most, down or up and sideways.

    Yields
    ------
    ndarray
        Images of the same shape and dtype, (2 most + 1)^2 times; for 0 once, as they are.
    """
    if not most:
        yield images
        return
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (most, most), (most, most)))
    for down in range(2 * most + 1):
        for right in range(2 * most + 1):
            yield padded[:, down : down + height, right : right + width]
