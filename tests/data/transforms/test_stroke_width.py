"""Stroke width: cases by hand, and a loop over the nine pixels as the reference."""

from typing import Any

import numpy as np
import pytest

from glassnet.data.transforms.augment import Augment
from glassnet.data.transforms.stroke_width import change_stroke_width
from glassnet.types import Array


def around(image: Array, pick: Any) -> Array:
    """Return the maximum or minimum over each pixel and its neighbours, in a loop."""
    height, width = image.shape
    picked = np.empty_like(image)
    for y in range(height):
        for x in range(width):
            near = [
                image[v, u]
                for v in range(max(0, y - 1), min(height, y + 2))
                for u in range(max(0, x - 1), min(width, x + 2))
            ]
            picked[y, x] = pick(near)
    return picked


def test_the_stroke_width_of_a_dot_by_hand() -> None:
    dot = np.zeros((1, 4, 4), np.uint8)
    dot[0, 1, 1] = 200
    half = [[100, 100, 100, 0], [100, 200, 100, 0], [100, 100, 100, 0], [0, 0, 0, 0]]
    assert change_stroke_width(dot, (4, 4), np.array([0.5]))[0].tolist() == half
    assert change_stroke_width(dot, (4, 4), np.array([-0.25]))[0, 1, 1] == 150
    assert (
        change_stroke_width(255 - dot, (4, 4), np.array([-0.5]))[0].tolist()
        == (255 - np.array(half)).tolist()
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
@pytest.mark.parametrize("flat", [True, False])
def test_each_pixel_is_blended_by_its_share(dtype: Any, flat: bool) -> None:
    rng = np.random.default_rng(0)
    X: Array = rng.integers(0, 256, (5, 6, 7)).astype(dtype)
    X = X / dtype(255) if np.dtype(dtype).kind == "f" else X
    X.flags.writeable = False
    shares = np.array([-1.0, -0.3, 0.0, 0.45, 1.0])
    given = X.reshape(5, -1) if flat else X
    result = change_stroke_width(given, (6, 7), shares)
    assert (result.shape, result.dtype) == (given.shape, X.dtype)
    for image, share, ours in zip(X, shares, result.reshape(X.shape), strict=True):
        goal = around(image.astype(float), max if share > 0 else min)
        exact = image + abs(share) * (goal - image)
        tolerance = 0.5 + 1e-4 if np.dtype(dtype).kind in "iu" else 1e-6
        np.testing.assert_allclose(ours, exact, rtol=0, atol=tolerance)
    assert result[2].tobytes() == given[2].tobytes()


def test_a_share_of_one_is_dilation_or_erosion() -> None:
    X = np.random.default_rng(1).integers(0, 256, (2, 5, 4)).astype(np.uint8)
    thick, thin = change_stroke_width(X, (5, 4), np.array([1.0, -1.0]))
    assert thick.tolist() == around(X[0], max).tolist()
    assert thin.tolist() == around(X[1], min).tolist()


def ink(strength: float, group: int = 1) -> Array:
    """Return the brightness of 400 distorted images of one stroke."""
    X = np.zeros((400, 9, 9), np.float32)
    X[:, 2:7, 4] = 1
    augment = Augment(shape=(9, 9), stroke_width=0.8, group=group)
    bright: Array = augment(X, np.random.default_rng(0), strength).sum(axis=(1, 2))
    return bright


def test_stroke_widths_are_symmetric_and_shrink_with_the_strength() -> None:
    # A stroke of 5 pixels has 21 if thickened by a pixel, and none if thinned by one.
    shares = np.where(ink(1.0) > 5, (ink(1.0) - 5) / 16, (ink(1.0) - 5) / 5)
    assert -0.8 <= shares.min() < -0.75
    assert 0.75 < shares.max() <= 0.8
    assert abs(np.median(shares)) < 0.08
    np.testing.assert_allclose(np.sort(ink(0.5) - 5), np.sort((ink(1.0) - 5) / 2), atol=1e-5)
    assert ink(0.0).tolist() == [5.0] * 400


def test_images_of_a_group_share_the_stroke_width() -> None:
    assert len(np.unique(ink(1.0, group=8))) == 50
    assert (np.ptp(ink(1.0, group=8).reshape(50, 8), axis=1) == 0).all()
