"""Distorted images: by hand, by what a strength promises, and by what must not happen."""

import ast
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.data.transforms.augment import Augment
from glassnet.data.transforms.warp import warp
from glassnet.errors import ConfigError
from glassnet.types import Array

MATH = Path(__file__).parents[3] / "docs" / "math.md"
STRONG = Augment(shape=(6, 5), rotation=20, shear=10, scale=0.2, shift=1, elastic=1, smoothness=2)
FAR = [-1e9, -7.25, -4.5, -2.5, -1, 0, 1, 2.5, 4.5, 7.25, 1e9]  # pixels, of images of 4 x 3
EVERY_DTYPE = [np.uint8, np.int64, np.float16, np.float32, np.float64]


class FixedDraws:
    """Draws the shares it was told, of the largest rotation, shear, height, width and two shifts.

    Its noise is 1 in one place and 0 elsewhere, in each warp in another place.
    """

    def __init__(self, *shares: float) -> None:
        self.shares = np.array(shares)[:, None]

    def uniform(self, low: float, high: float, shape: tuple[int, int]) -> Array:
        assert (low, high) == (-1, 1)
        return np.broadcast_to(self.shares, shape)

    def standard_normal(self, shape: tuple[int, int, int, int], dtype: type) -> Array:
        _, n, k, m = shape
        return np.broadcast_to(np.eye(n, k * m, dtype=dtype).reshape(n, k, m), shape)


def warp_by(augment: Augment, image: Any, *shares: float) -> Array:
    generator: Any = FixedDraws(*shares)
    result: Array = augment(np.array([image], np.float32), generator)[0]
    return result


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def pictures(n: int, dtype: Any = np.uint8) -> Array:
    X = rng(7).integers(0, 256, (n, 6, 5), np.uint8)
    X = (X / np.float32(255) if np.dtype(dtype).kind == "f" else X).astype(dtype)
    X.flags.writeable = False
    return X


def still(shape: tuple[int, int]) -> Array:
    """Return the rows and columns of a warp that changes nothing."""
    return np.indices(shape, np.float32)[:, None]


def page() -> dict[str, Array]:
    section = MATH.read_text(encoding="utf-8").split("### Image transformations by hand", 1)[1]
    block = re.search(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert block is not None
    lines = (line.split(" = ", 1) for line in block.group(1).splitlines())
    return {name: np.array(ast.literal_eval(value)) for name, value in lines}


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_the_warp_of_the_page(dtype: type) -> None:
    numbers = page()
    X: Array = numbers["image"][None].astype(dtype)
    looked = warp(X, (2, 2), numbers["rows"][None], numbers["columns"][None])
    assert looked.dtype == dtype
    assert looked[0].tolist() == numbers["looked"].tolist()


def test_the_matrix_of_the_page() -> None:
    augment = Augment(shape=(3, 5), rotation=36.869898, shear=26.565051, scale=0.25, shift=2)
    generator: Any = FixedDraws(1, 1, 1, -0.8, 0.5, -0.25)
    rows, columns = augment.draw(1, generator)
    middle = np.array([rows[0, 1, 2], columns[0, 1, 2]])
    np.testing.assert_allclose(middle, [1 + 1, 2 - 0.5], atol=1e-6)
    below = np.array([rows[0, 2, 2], columns[0, 2, 2]]) - middle
    beside = np.array([rows[0, 1, 3], columns[0, 1, 3]]) - middle
    np.testing.assert_allclose(np.stack([below, beside], 1), page()["M"], atol=1e-6)


def test_the_blur_of_the_page() -> None:
    # The numbers of white noise add up their squares: sums over all places are covariances.
    B = page()["B"]
    generator: Any = FixedDraws(*[0] * 6)
    for shape in ((3, 1), (1, 3)):
        augment = Augment(shape=shape, elastic=math.sqrt(2), smoothness=0.849322)
        for wander in np.array(augment.draw(3, generator)) - still(shape):
            covariance = np.einsum("nyx,nvu->yxvu", wander, wander).reshape(3, 3)
            np.testing.assert_allclose(covariance, B @ B.T, atol=1e-5)


def test_the_ways_of_an_affine_warp_by_hand() -> None:
    image = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    turned = warp_by(Augment(shape=(3, 3), rotation=90), image, 1, 0, 0, 0, 0, 0)
    np.testing.assert_allclose(turned, [[3, 6, 9], [2, 5, 8], [1, 4, 7]], atol=1e-5)
    leaning = warp_by(Augment(shape=(3, 3), shear=45), image, 0, 1, 0, 0, 0, 0)
    np.testing.assert_allclose(leaning, [[0, 1, 2], [4, 5, 6], [8, 9, 0]], atol=1e-5)
    # Half as tall: the outer rows look beyond the image. Wider: they look between.
    squeezed = warp_by(Augment(shape=(3, 3), scale=0.5), image, 0, 0, -1, 0, 0, 0)
    np.testing.assert_allclose(squeezed, [[0, 0, 0], [4, 5, 6], [0, 0, 0]], atol=1e-5)
    wide = warp_by(Augment(shape=(1, 3), scale=0.6), [[1, 2, 4]], 0, 0, 0, 1, 0, 0)
    np.testing.assert_allclose(wide, [[2 - 1 / 1.6, 2, 2 + 2 / 1.6]], atol=1e-5)
    moved = warp_by(Augment(shape=(3, 3), shift=0.5), image, 0, 0, 0, 0, 1, -1)
    expected = [[1.25, 3, 4], [2.75, 6, 7], [1.75, 3.75, 4.25]]
    np.testing.assert_allclose(moved, expected, atol=1e-5)


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
@pytest.mark.parametrize("group", [1, 4])
def test_a_warp_that_changes_nothing_changes_no_bit(dtype: type, group: int) -> None:
    X = pictures(7, dtype)
    rows, columns = np.repeat(still((6, 5)), -(-7 // group), axis=1)
    same = warp(X, (6, 5), rows, columns, group)
    assert same.dtype == X.dtype
    assert same.tobytes() == X.tobytes()
    assert STRONG(X, rng(), strength=0.0).tobytes() == X.tobytes()


def test_whole_numbers_are_rounded_to_the_nearest_and_stay_in_range() -> None:
    greys = np.array([[[10, 11, 255, 255]]], np.uint8)
    rows, columns = np.zeros((1, 1, 4)), np.array([[[0.49, 0.51, 2.3, 2.77]]])
    assert warp(greys, (1, 4), rows, columns).tolist() == [[[10, 11, 255, 255]]]


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_rows_and_pictures_alike_and_the_dtype_stays(dtype: type) -> None:
    X = pictures(10, dtype)
    as_pictures, as_rows = STRONG(X, rng()), STRONG(X.reshape(10, 30), rng())
    assert as_pictures.dtype == as_rows.dtype == dtype
    assert (as_pictures.shape, as_rows.shape) == (X.shape, (10, 30))
    assert as_pictures.tobytes() == as_rows.tobytes()
    assert np.abs(as_pictures.astype(float) - X).mean() > 0.05
    assert 0 <= as_pictures.min() <= as_pictures.max() <= X.max() * (1 + 1e-6)


def test_the_same_seed_gives_the_same_bits() -> None:
    X = pictures(10)
    assert STRONG(X, rng(3)).tobytes() == STRONG(X, rng(3)).tobytes()
    assert STRONG(X, rng(3)).tobytes() != STRONG(X, rng(4)).tobytes()
    generator = rng(3)
    assert STRONG(X, generator).tobytes() != STRONG(X, generator).tobytes()


@pytest.mark.parametrize("group", [1, 3, 4, 11, 20])
def test_groups_share_a_warp_and_each_image_keeps_its_own_pixels(group: int) -> None:
    augment = replace(STRONG, group=group)
    alike = augment(np.repeat(pictures(1, np.float32), 11, axis=0), rng())
    kinds = [[bool((a == b).all()) for b in alike] for a in alike]
    assert kinds == [[i // group == j // group for j in range(11)] for i in range(11)]

    X = pictures(11, np.float32)
    rows, columns = augment.draw(-(-11 // group), rng())
    for i, image in enumerate(augment(X, rng())):
        own = slice(i // group, i // group + 1)
        assert image.tobytes() == warp(X[i : i + 1], (6, 5), rows[own], columns[own]).tobytes()


def test_of_no_images_there_are_none() -> None:
    assert STRONG(pictures(0), rng()).shape == (0, 6, 5)


@pytest.mark.parametrize("down", FAR)
@pytest.mark.parametrize("right", FAR)
def test_nothing_comes_in_from_the_other_side_or_from_other_images(
    down: float, right: float
) -> None:
    X = np.ones((3, 4, 3), np.float32)
    X[1] = 0
    rows, columns = np.repeat(still((4, 3)), 3, axis=1)
    left, dark, _ = warp(X, (4, 3), rows + down, columns + right)
    assert not dark.any()
    # What is left of a white image is the share of each pixel that lies inside of it.
    inside_y = np.clip(np.minimum(np.arange(4) + down + 1, 4 - np.arange(4) - down), 0, 1)
    inside_x = np.clip(np.minimum(np.arange(3) + right + 1, 3 - np.arange(3) - right), 0, 1)
    np.testing.assert_allclose(left, np.outer(inside_y, inside_x), atol=1e-6)


def test_affine_strengths_are_the_largest_that_are_drawn() -> None:
    augment = Augment(shape=(9, 7), rotation=25, shear=12, scale=0.3, shift=1.5)
    for strength in (1.0, 0.4):
        rows, columns = augment.draw(5000, rng(), strength)
        field = columns + 1j * rows  # points of the plane: across, and down
        shift = field[:, 4, 3] - (3 + 4j)
        beside, below = field[:, 4, 4] - field[:, 4, 3], field[:, 5, 3] - field[:, 4, 3]
        # Seen from the direction in which the horizontal went, nothing is turned.
        below = below * np.abs(beside) / beside
        drawn = {
            25: np.degrees(np.angle(beside)),
            12: np.degrees(np.arctan(below.real / below.imag)),
            0.3: np.concatenate([1 / np.abs(beside) - 1, 1 / below.imag - 1]),
            1.5: np.concatenate([shift.real, shift.imag]),
        }
        for largest, values in drawn.items():
            most = largest * strength
            assert -most * 1.0001 <= values.min() < -most * 0.995
            assert most * 0.995 < values.max() <= most * 1.0001
            assert abs(values.mean()) < 0.03 * most


@pytest.mark.parametrize("smoothness", [0.5, 3.0, 40.0])
def test_elastic_is_the_root_mean_square_displacement_of_every_pixel(smoothness: float) -> None:
    augment = Augment(shape=(12, 7), elastic=1.5, smoothness=smoothness)
    for strength in (1.0, 0.5):
        wander = np.array(augment.draw(20_000, rng(), strength)) - still((12, 7))
        assert np.abs(wander.mean(axis=1)).max() < 0.04
        squares = (wander.astype(float) ** 2).mean(axis=1)
        np.testing.assert_allclose(np.sqrt(squares.sum(axis=0)), 1.5 * strength, rtol=0.02)
        np.testing.assert_allclose(np.sqrt(2 * squares), 1.5 * strength, rtol=0.03)
        # The two directions do not know each other.
        assert abs(np.corrcoef(wander[0, :, 6, 3], wander[1, :, 6, 3])[0, 1]) < 0.03


@pytest.mark.parametrize(
    ("name", "value", "needs"),
    [
        ("rotation", -1.0, "a finite number, at least 0 and below 180"),
        ("rotation", 180, "a finite number, at least 0 and below 180"),
        ("shear", 90.0, "a finite number, at least 0 and below 90"),
        ("scale", 1, "a finite number, at least 0 and below 1"),
        ("shift", -0.5, "a finite number, at least 0"),
        ("shift", float("inf"), "a finite number, at least 0"),
        ("elastic", float("nan"), "a finite number, at least 0"),
        ("smoothness", 0.0, "a finite number above 0"),
        ("smoothness", float("nan"), "a finite number above 0"),
        ("stroke_width", 1, "a finite number, at least 0 and below 1"),
        ("group", 0, "a whole number, at least 1"),
        ("group", 2.0, "a whole number, at least 1"),
    ],
)
def test_strengths_that_cannot_be_are_refused(name: str, value: float, needs: str) -> None:
    strengths: dict[str, Any] = {name: value}
    with pytest.raises(ConfigError) as raised:
        Augment(**strengths)
    assert str(raised.value) == f"augment: {name}: needs {needs}, got {value}"
