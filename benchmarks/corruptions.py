"""Corruptions of images: effects of cameras, scanners, pens and writers on 28 x 28 pixels.

Each function takes images, (n, height, width) uint8, bright on dark, and a generator, and returns
new images.
"""

import io
from collections.abc import Callable

import numpy as np

from glassnet.data.transforms.stroke_width import change_stroke_width
from glassnet.data.transforms.warp import warp
from glassnet.types import Array


def _transform(X: Array, matrix: Array, shift: tuple[float, float] = (0, 0)) -> Array:
    """Apply an affine transform around the centre to every image."""
    height, width = X.shape[1:]
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    grid = np.indices((height, width)) - centre[:, None, None]
    rows, columns = np.einsum("ij,jyx->iyx", matrix, grid) + (centre + shift)[:, None, None]
    rows, columns = (
        np.broadcast_to(coordinates, X.shape).astype(np.float32) for coordinates in (rows, columns)
    )
    return warp(X, (height, width), rows, columns)


def _blend(X: Array, other: Array | float, share: float) -> Array:
    return np.rint(X * (1 - share) + np.asarray(other) * share).astype(np.uint8)


def blur(X: Array, rng: np.random.Generator) -> Array:
    """Gaussian blur of 1.2 pixels, like a picture out of focus."""
    import cv2

    return np.stack([cv2.GaussianBlur(x, (0, 0), 1.2) for x in X])


def noise(X: Array, rng: np.random.Generator) -> Array:
    """Gaussian noise of 40 grey values, like a picture in poor light."""
    return np.clip(X + rng.normal(0, 40, X.shape), 0, 255).astype(np.uint8)


def shift(X: Array, rng: np.random.Generator) -> Array:
    """Shift by 2 pixels, down and to the right."""
    return np.roll(X, (2, 2), axis=(1, 2))


def smaller(X: Array, rng: np.random.Generator) -> Array:
    """Three quarters of the size."""
    return _transform(X, np.eye(2) / 0.75)


def shear(X: Array, rng: np.random.Generator) -> Array:
    """Shear by 20 degrees."""
    return _transform(X, np.array([[1, 0], [np.tan(np.radians(20)), 1]]))


def rotation(X: Array, rng: np.random.Generator) -> Array:
    """Rotation by 15 degrees."""
    cos, sin = np.cos(np.radians(15)), np.sin(np.radians(15))
    return _transform(X, np.array([[cos, sin], [-sin, cos]]))


def occlusion(X: Array, rng: np.random.Generator) -> Array:
    """A square of 6 x 6 pixels erased near the centre."""
    occluded = X.copy()
    for x, (top, left) in zip(occluded, rng.integers(6, 17, (len(X), 2)), strict=True):
        x[top : top + 6, left : left + 6] = 0
    return occluded


def inversion(X: Array, rng: np.random.Generator) -> Array:
    """Dark ink on a bright background."""
    return 255 - X


def contrast(X: Array, rng: np.random.Generator) -> Array:
    """A third of the contrast, on grey."""
    return _blend(X, 90, 2 / 3)


def stripes(X: Array, rng: np.random.Generator) -> Array:
    """Every fourth row brighter by 70 grey values, like ruled paper."""
    lined = X.astype(int)
    lined[:, ::4] += 70
    bright: Array = np.minimum(lined, 255).astype(np.uint8)
    return bright


def fog(X: Array, rng: np.random.Generator) -> Array:
    """Light from one side, up to 120 grey values."""
    side = np.linspace(0, 120, X.shape[2])
    return np.minimum(X + side, 255).astype(np.uint8)


def jpeg(X: Array, rng: np.random.Generator) -> Array:
    """JPEG compression at quality 15."""
    from PIL import Image

    results = []
    for x in X:
        buffer = io.BytesIO()
        Image.fromarray(x).save(buffer, "JPEG", quality=15)
        results.append(np.asarray(Image.open(buffer)))
    return np.stack(results)


def thicker(X: Array, rng: np.random.Generator) -> Array:
    """Strokes one pixel thicker on every side, like a felt pen."""
    return change_stroke_width(X, X.shape[1:], np.ones(len(X)))


def thinner(X: Array, rng: np.random.Generator) -> Array:
    """Strokes 0.6 pixels thinner on every side, like a hard pencil."""
    return change_stroke_width(X, X.shape[1:], np.full(len(X), -0.6))


def one_pixel(X: Array, rng: np.random.Generator) -> Array:
    """Lines one pixel wide without anti-aliasing, like a mouse drawing."""
    import cv2

    results = np.zeros_like(X)
    for x, line in zip(X, results, strict=True):
        strokes = (x > 100).astype(np.uint8)
        distance = cv2.distanceTransform(strokes, cv2.DIST_L2, 5)
        ridge = distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)) - 0.3
        line[ridge & (strokes > 0)] = 255
    return results


CORRUPTIONS: dict[str, Callable[[Array, np.random.Generator], Array]] = {
    function.__name__.replace("_", " "): function
    for function in (
        *(blur, noise, shift, smaller, shear, rotation, occlusion, inversion, contrast),
        *(stripes, fog, jpeg, thicker, thinner, one_pixel),
    )
}
