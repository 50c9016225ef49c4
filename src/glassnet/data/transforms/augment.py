"""Augmentation: random distortions of training images.

`Augment` draws affine warps (rotation, shear, scale, shift), elastic distortions, and changes of
the stroke width. Equation numbers refer to ``docs/math.md``.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from glassnet.data.transforms.stroke_width import change_stroke_width
from glassnet.data.transforms.warp import warp
from glassnet.errors import ConfigError, whole_number
from glassnet.types import Array

UPPER_BOUNDS = {
    "rotation": 180,
    "shear": 90,
    "scale": 1,
    "shift": math.inf,
    "elastic": math.inf,
    "stroke_width": 1,
}
DROPPED_VARIANCE = 1e-5  # fraction of an elastic distortion's variance lost by low rank


@dataclass(frozen=True, kw_only=True)
class Augment:
    """Random distortions of a batch of images.

    Parameters
    ----------
    shape : tuple of int
        Height and width of an image.
    rotation, shear : float
        Maximum angle in degrees, in either direction; below 180 and 90.
    scale : float
        Maximum relative change of height and width, drawn separately; below 1.
    shift : float
        Maximum vertical and horizontal shift in pixels, drawn separately.
    elastic : float
        Root-mean-square displacement of the elastic distortion in pixels, both directions together.
    smoothness : float
        Standard deviation, in pixels, of the Gaussian that correlates neighbouring displacements;
        above 0.
    stroke_width : float
        Maximum change of the stroke width on each side of a stroke, in pixels, below 1; equation 62
        of ``docs/math.md``.
    group : int
        Number of consecutive images that share a distortion, to save time. Training shuffles the
        rows, so the groups differ between epochs.

    References
    ----------
    Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks applied
    to visual document analysis", section 2.

    Examples
    --------
    >>> import numpy as np
    >>> import glassnet as gn
    >>> image = np.zeros((1, 3, 7), np.uint8)
    >>> image[0, 1, 3] = 200
    >>> augment = gn.Augment(shape=(3, 7), shift=1.5, group=1)
    >>> augment(image, np.random.default_rng(0))[0]
    array([[  0,  45, 143,   0,   0,   0,   0],
           [  0,   3,   9,   0,   0,   0,   0],
           [  0,   0,   0,   0,   0,   0,   0]], dtype=uint8)
    """

    shape: tuple[int, int] = (28, 28)
    rotation: float = 0.0
    shear: float = 0.0
    scale: float = 0.0
    shift: float = 0.0
    elastic: float = 0.0
    smoothness: float = 4.0
    stroke_width: float = 0.0
    group: int = 8

    def __post_init__(self) -> None:
        """Validate the parameters."""
        for name, below in UPPER_BOUNDS.items():
            value = getattr(self, name)
            if not 0 <= value < below:
                bound = "" if below == math.inf else f" and below {below}"
                raise ConfigError(
                    f"augment: {name}: needs a finite number, at least 0{bound}, got {value}"
                )
        if not 0 < self.smoothness < math.inf:
            raise ConfigError(
                f"augment: smoothness: needs a finite number above 0, got {self.smoothness}"
            )
        whole_number("augment: group", self.group, 1)

    def __call__(self, x: Array, rng: np.random.Generator, strength: float = 1.0) -> Array:
        """Return a distorted copy of a batch, of the same shape and dtype.

        Parameters
        ----------
        x : ndarray, (n, height * width) or (n, height, width)
            Integers 0 to 255 or floats in [0, 1].
        strength : float
            Scale factor of all distortions, from 0 to 1.
        """
        n_warps = -(-len(x) // self.group)
        x = warp(x, self.shape, *self.draw(n_warps, rng, strength), self.group)
        if self.stroke_width:
            shares = strength * self.stroke_width * rng.uniform(-1, 1, n_warps)
            x = change_stroke_width(x, self.shape, shares.repeat(self.group)[: len(x)])
        return x

    def draw(self, n: int, rng: np.random.Generator, strength: float = 1.0) -> tuple[Array, Array]:
        """Draw `n` random warps; for `strength`, see `__call__`.

        Returns
        -------
        rows : ndarray of float32, (n, height, width)
            Vertical coordinates in the original image for each pixel of the result.
        columns : ndarray of float32, (n, height, width)
            The corresponding horizontal coordinates.
        """
        height, width = self.shape
        matrices, shifts = self._affine(n, rng, strength)
        # Equation 55, with coordinates relative to the centre of the image.
        y = np.arange(height, dtype=np.float32) - (height - 1) / 2
        x = np.arange(width, dtype=np.float32) - (width - 1) / 2
        rows, columns = (
            matrices[:, i, 0, None, None] * y[:, None]
            + matrices[:, i, 1, None, None] * x
            + shifts[:, i, None, None]
            for i in (0, 1)
        )
        rows += (height - 1) / 2
        columns += (width - 1) / 2
        if self.elastic:
            down, across = self._factors
            k, m = down.shape[1], across.shape[1]
            offsets = rng.standard_normal((2, n, k, m), dtype=np.float32)
            offsets = down @ (offsets @ across.T)  # equation 57
            offsets *= strength
            rows += offsets[0]
            columns += offsets[1]
        return rows, columns

    def _affine(self, n: int, rng: np.random.Generator, strength: float) -> tuple[Array, Array]:
        """Draw matrices, (n, 2, 2), as rotation times shear times scale, and shifts, (n, 2)."""
        angle, lean, tall, wide, down, right = strength * rng.uniform(-1, 1, (6, n))
        angle = angle * math.radians(self.rotation)
        lean = np.tan(lean * math.radians(self.shear))
        tall, wide = 1 / (1 + self.scale * tall), 1 / (1 + self.scale * wide)
        cos, sin = np.cos(angle), np.sin(angle)
        # Equation 55: [[cos, sin], [-sin, cos]] times [[1, 0], [lean, 1]] times diag(tall, wide).
        matrices = np.array(
            [
                [(cos + sin * lean) * tall, sin * wide],
                [(cos * lean - sin) * tall, cos * wide],
            ]
        )
        shifts = self.shift * np.array([down, right])
        return np.moveaxis(matrices, -1, 0).astype(np.float32), shifts.T.astype(np.float32)

    @cached_property
    def _blurs(self) -> tuple[Array, Array]:
        """Gaussian blurs as matrices, scaled to the amplitude of the distortion."""
        blurs = []
        for length in self.shape:
            steps = np.subtract.outer(np.arange(length), np.arange(length))
            blur = np.exp(-0.5 * (steps / self.smoothness) ** 2)
            # Rows of unit norm give every pixel the same variance, border included.
            blur /= np.sqrt((blur**2).sum(axis=1, keepdims=True))  # equation 56
            blurs.append(blur)
        # Half of the mean square is vertical, half horizontal.
        blurs[0] *= self.elastic / math.sqrt(2)  # equation 58
        return blurs[0].astype(np.float32), blurs[1].astype(np.float32)

    @cached_property
    def _factors(self) -> tuple[Array, Array]:
        """Low-rank factors of the blurs, which need fewer random numbers.

        With blur = U S V^T, V^T times white noise is again white noise, so that U S can replace the
        blur. The first few columns of U S hold all but `DROPPED_VARIANCE` of the variance.
        """
        factors = []
        for blur in self._blurs:
            U, S, _ = np.linalg.svd(blur.astype(float))
            share = np.cumsum(S**2) / (S**2).sum()
            factors.append(
                (U * S)[:, : int((share < 1 - DROPPED_VARIANCE).sum()) + 1].astype(np.float32)
            )
        return factors[0], factors[1]
