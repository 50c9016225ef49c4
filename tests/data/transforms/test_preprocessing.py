"""Views: what an image looks like upright, at a width, and moved by whole pixels."""

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.data.transforms import preprocessing
from glassnet.data.transforms.preprocessing import Preprocessing, shifted
from glassnet.errors import ConfigError, ShapeError
from glassnet.types import Array

MATH = Path(__file__).parents[3] / "docs" / "math.md"
NAMES = ["deskew", "width-1", "width-3", "width-5", "deskew-width-3"]
NO_NAMES = ["", "Plain", "plain\n", "width", "width-", "width-0", "width-012", "width-10000"]
NO_NAMES += ["width-3.5", "width--3", "width-12-deskew", "deskew-", "deskew-deskew"]


def frozen(images: Any) -> Array:
    X = np.array(images, np.uint8)
    X.flags.writeable = False
    return X


def scribbles(n: int = 70, shape: tuple[int, int] = (7, 6)) -> Array:
    """Draw images with some ink, at random."""
    rng = np.random.default_rng(3)
    X = rng.integers(0, 256, (n, *shape))
    X[rng.random(X.shape) < rng.random((n, 1, 1))] = 0
    return frozen(X)


def look(name: str, image: Any) -> list[Any]:
    return Preprocessing.parse(name)(frozen([image]))[0].tolist()  # type: ignore[no-any-return]


def lean_and_centre(image: Array) -> tuple[float, float, float]:
    """Spread the ink over a list of points, and ask NumPy for their covariance and mean."""
    y, x = np.nonzero(image)
    greys = image[y, x].astype(int)
    points = np.repeat(np.array([y, x]), greys, axis=1)
    return float(np.cov(points)[0, 1]), *points.mean(axis=1).tolist()


def test_the_digit_of_the_page() -> None:
    section = MATH.read_text(encoding="utf-8").split("### Image transformations by hand", 1)[1]
    block = re.search(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert block is not None
    lines = (line.split(" = ", 1) for line in block.group(1).splitlines())
    page = {name: ast.literal_eval(value) for name, value in lines}
    assert look("deskew", page["slanted"]) == page["upright"]
    assert look("deskew-width-4", page["slanted"]) == page["at_width_4"]
    # Upright, the digit is as it was.
    assert look("deskew", page["upright"]) == page["upright"]


@pytest.mark.parametrize(
    ("name", "preprocessing"),
    [
        ("plain", Preprocessing()),
        ("deskew", Preprocessing(deskew=True)),
        ("width-8", Preprocessing(width=8)),
        ("deskew-width-9999", Preprocessing(deskew=True, width=9999)),
    ],
)
def test_a_name_is_read_as_it_is_written(name: str, preprocessing: Preprocessing) -> None:
    assert Preprocessing.parse(name) == preprocessing
    assert str(preprocessing) == name


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError) as raised:
        Preprocessing.parse(name)
    needed = "plain, deskew, width-12 or deskew-width-12"
    assert str(raised.value) == f"preprocess: needs {needed}, got {name!r}"


@pytest.mark.parametrize("width", [0, -3, 2.5, "12"])
def test_what_is_no_width_is_refused(width: Any) -> None:
    with pytest.raises(ConfigError, match=r"^width: needs a whole number, at least 1, got "):
        Preprocessing(width=width)


def test_images_that_are_too_narrow_or_flat_are_refused() -> None:
    with pytest.raises(ShapeError) as raised:
        Preprocessing.parse("width-7")(scribbles())
    assert str(raised.value) == "preprocess: width-7 needs images at least 7 pixels wide, got 6"
    with pytest.raises(ShapeError) as raised:
        Preprocessing.parse("deskew")(scribbles().reshape(70, 42))
    assert str(raised.value) == (
        "preprocess: deskew needs images with height and width, got shape (42,)"
    )
    Preprocessing.parse("width-6").check((1, 6))
    Preprocessing().check((42,))


def test_the_plain_view_hands_back_what_it_was_given() -> None:
    X = scribbles()
    assert Preprocessing()(X) is X


def test_a_slanted_line_becomes_upright() -> None:
    # Down one, right one, the other way, and two pixels thick.
    rising = np.eye(5, dtype=int)[::-1] * 200
    upright = [[0, 0, 200, 0, 0]] * 5
    assert look("deskew", rising) == upright
    assert look("deskew", rising[::-1]) == upright
    thick = [[9, 9, 0, 0], [0, 9, 9, 0], [0, 0, 9, 9]]
    assert look("deskew", thick) == [[0, 9, 9, 0]] * 3
    # Upright, it is 1 or 2 wide, not 5 or 4. Three times as wide, its edges fade over 3 pixels.
    assert look("deskew-width-3", rising) == [[67, 133, 200, 133, 67]] * 5
    assert look("deskew-width-2", thick) == [[0, 9, 9, 0]] * 3


def test_deskew_takes_the_lean_away_and_keeps_the_centre_and_the_ink() -> None:
    y, x = np.indices((28, 28)) - 13.5
    for slope in (-0.8, -0.3, 0.1, 0.5, 1.0):
        blob = np.exp(-(((y + 2) / 6) ** 2) - ((x - 1 - slope * y) / 2) ** 2)
        image = frozen([np.rint(250 * blob)])
        after = Preprocessing.parse("deskew")(image)[0]
        (lean_before, *before), (lean_after, *centre) = map(lean_and_centre, (image[0], after))
        assert abs(lean_before) > 1.5
        assert abs(lean_after) < 0.1  # what is left is rounding to whole greys
        np.testing.assert_allclose(centre, before, atol=0.01)
        assert int(after.sum()) == pytest.approx(int(image.sum()), rel=0.002)


@pytest.mark.parametrize("broad", [1, 3, 5, 7, 9, 11])
@pytest.mark.parametrize("width", [1, 3, 5, 7, 9, 11])
def test_a_digit_gets_the_width_asked_for_and_keeps_its_height(broad: int, width: int) -> None:
    image = np.zeros((5, 13), int)
    image[1:4, 6 - broad // 2 : 7 + broad // 2] = 201
    after = np.array(look(f"width-{width}", image))
    expected = np.zeros((5, 13), int)
    expected[1:4, 6 - width // 2 : 7 + width // 2] = 201
    if width > broad:  # its edges fade, and half of the grey is where they should be
        after = np.where(after > 100, 201, 0)
    assert after.tolist() == expected.tolist()


def test_width_counts_what_is_at_least_half_as_bright_as_the_brightest() -> None:
    fringed = [[0, 0, 100, 201, 100, 0, 0]]
    assert look("width-1", fringed) == fringed
    fringed = [[0, 0, 101, 201, 101, 0, 0]]
    assert look("width-3", fringed) == fringed
    assert look("width-1", fringed) != fringed


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1, 5), (1, 8), (5, 5), (2, 9)])
def test_blank_images_and_single_pixels_survive(name: str, shape: tuple[int, int]) -> None:
    X = np.zeros((2, *shape), np.uint8)
    X[1, 0, shape[1] // 2] = 77
    blank, dot = Preprocessing.parse(name)(frozen(X))
    assert not blank.any()
    if "width" not in name:
        assert dot.tolist() == X[1].tolist()
    assert dot[0, shape[1] // 2] == 77
    assert not dot[1:].any()


def test_ink_in_one_row_stays_there() -> None:
    row = [[0, 0, 0, 0], [5, 0, 9, 200], [0, 0, 0, 0]]
    assert look("deskew", row) == row


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_seen_as_one_image_after_the_other(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, preprocess = scribbles(), Preprocessing.parse(name)
    together = preprocess(X)
    assert together.tobytes() == b"".join(preprocess(X[i : i + 1]).tobytes() for i in range(len(X)))
    monkeypatch.setattr(preprocessing, "BLOCK", 7)
    assert preprocess(X).tobytes() == together.tobytes()
    assert preprocess(X[:0]).shape == (0, 7, 6)
    assert (together != X).mean() > 0.1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_look_like_bytes(name: str, dtype: type) -> None:
    X, preprocess = scribbles(), Preprocessing.parse(name)
    nearly = np.random.default_rng(0).uniform(-0.4, 0.4, X.shape)  # of one grey off
    floats: Array = np.clip((X + nearly) / 255, 0, 1).astype(dtype)
    floats.flags.writeable = False
    result = preprocess(floats)
    assert result.dtype == dtype
    assert result.tobytes() == (preprocess(X) / 255).astype(dtype).tobytes()


def test_shifted_by_hand() -> None:
    around = list(shifted(frozen([[[1, 2, 3], [4, 5, 6]]]), 1))
    expected: list[list[list[int]]] = [
        [[5, 6, 0], [0, 0, 0]],
        [[4, 5, 6], [0, 0, 0]],
        [[0, 4, 5], [0, 0, 0]],
        [[2, 3, 0], [5, 6, 0]],
        [[1, 2, 3], [4, 5, 6]],
        [[0, 1, 2], [0, 4, 5]],
        [[0, 0, 0], [2, 3, 0]],
        [[0, 0, 0], [1, 2, 3]],
        [[0, 0, 0], [0, 1, 2]],
    ]
    assert sorted(image[0].tolist() for image in around) == sorted(expected)
    assert [len(list(shifted(scribbles(), most))) for most in (0, 1, 2, 3)] == [1, 9, 25, 49]
    X = scribbles()
    assert next(shifted(X, 0)) is X
