"""Plots: valid PNG files with the expected marks, drawn deterministically."""

import io
from collections.abc import Callable

import matplotlib.image
import numpy as np
import pytest
from numpy.typing import ArrayLike

import glassnet as gn
from glassnet.data.image_hash import hash_images
from glassnet.evaluation import plots
from glassnet.evaluation.predictor import Predictor
from glassnet.evaluation.reliability_diagram import draw_reliability
from glassnet.types import Array

Draw = Callable[..., tuple[gn.Report, gn.Split]]

VERMILLION = (213, 94, 0)  # Okabe and Ito


def decoded(picture: bytes) -> Array:
    """Return the pixels, (height, width, 3), whole numbers 0 to 255."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    pixels = matplotlib.image.imread(io.BytesIO(picture), format="png")
    image: Array = np.round(pixels[..., :3] * 255).astype(np.uint8)
    assert (image == 255).all(axis=2).mean() > 0.05  # background
    assert (image < 128).any(axis=2).sum() > 500  # marks
    return image


@pytest.mark.parametrize("n_classes", [2, 26, 100])
def test_the_confusion_matrix_can_have_any_number_of_classes(drawn: Draw, n_classes: int) -> None:
    report, _ = drawn(n_classes, 40)
    decoded(plots.draw_confusion(report))


def test_a_frequent_confusion_is_dark_in_its_cell(
    make_predictor: Callable[[ArrayLike], Predictor],
) -> None:
    def centre(label: int, prediction: int) -> tuple[float, float]:
        """Return row and column of the darkest cell, for 30 images of one confusion."""
        labels = np.array([0, 1, 2, 3] + [label] * 30)
        predictions = [0, 1, 2, 3] + [prediction] * 30
        split = gn.Split(np.zeros((34, 2, 2), np.uint8), labels)
        report = gn.evaluate(make_predictor(np.eye(4)[predictions]), split)
        pixels = decoded(plots.draw_confusion(report)).astype(int)
        darkest = (8, 48, 107)  # the end of ColorBrewer's Blues
        rows, columns = np.nonzero((abs(pixels - np.array(darkest)) < 3).all(axis=2))
        assert len(rows) > 1_000
        return float(rows.mean()), float(columns.mean())

    (top, middle), (bottom, left) = centre(1, 2), centre(3, 0)
    assert top < bottom  # labels are rows
    assert left < middle  # predictions are columns


@pytest.mark.parametrize(
    "shape",
    [
        (28, 28),
        (5, 40),
        pytest.param((1, 783)),
    ],
)
def test_mistakes_are_drawn(drawn: Draw, shape: tuple[int, int]) -> None:
    report, split = drawn(3, 7, shape=shape)
    assert report.mistakes
    pixels = decoded(plots.draw_mistakes(report, split))
    blank = gn.Split(np.zeros_like(split.images), split.labels)
    other = decoded(plots.draw_mistakes(report, blank))
    assert pixels.shape == other.shape
    assert not np.array_equal(pixels, other)


def test_a_full_gallery_is_taller_than_an_empty_one(drawn: Draw) -> None:
    full, none = drawn(10, 40), drawn(3, 9, is_correct=True)
    assert len(full[0].mistakes) == 25
    assert none[0].mistakes == ()
    tall, low = (decoded(plots.draw_mistakes(*pair)) for pair in (full, none))
    assert tall.shape[0] > 3 * low.shape[0]
    assert tall.shape[1] == low.shape[1]


def height_of(pixels: Array, colour: tuple[int, int, int]) -> int:
    """Return the height in pixels of a colour in the right third of a picture."""
    right = pixels[pixels.shape[0] // 8 :, 2 * pixels.shape[1] // 3 :]
    rows = np.flatnonzero((right == np.array(colour)).all(axis=2).any(axis=1))
    return int(rows[-1] - rows[0]) if len(rows) else 0


@pytest.mark.parametrize(("n_correct", "sure"), [(75, 0.99), (99, 0.75), (50, 0.98)])
def test_bars_have_the_height_of_accuracy_and_gap(
    make_predictor: Callable[[ArrayLike], Predictor], n_correct: int, sure: float
) -> None:
    labels = np.zeros(100, int)
    labels[n_correct:] = 1
    split = gn.Split(np.zeros((100, 2, 2), np.uint8), labels)
    report = gn.evaluate(make_predictor([[sure, 1 - sure]] * 100), split)
    pixels = decoded(draw_reliability(report))
    unit = 0.66 * pixels.shape[0]  # about the height of 100%
    bar, gap = height_of(pixels, (127, 184, 216)), height_of(pixels, VERMILLION)
    assert bar / unit == pytest.approx(n_correct / 100, abs=0.05)
    assert gap / bar == pytest.approx(abs(100 * sure - n_correct) / n_correct, abs=0.03)


def test_a_reliability_diagram_without_images_is_empty(
    make_predictor: Callable[[ArrayLike], Predictor],
) -> None:
    split = gn.Split(np.zeros((3, 2, 2), np.uint8), np.zeros(3, int))
    report = gn.evaluate(make_predictor(np.eye(3)), split, hash_images(split.images))
    pixels = decoded(draw_reliability(report))
    assert height_of(pixels, (127, 184, 216)) == height_of(pixels, VERMILLION) == 0


def test_drawing_is_deterministic(drawn: Draw) -> None:
    report, split = drawn(3, 4)
    drawings = [
        (
            plots.draw_confusion(report),
            plots.draw_mistakes(report, split),
            draw_reliability(report),
        )
        for _ in range(2)
    ]
    assert drawings[0] == drawings[1]
    for picture in drawings[0]:
        assert b"matplotlib" not in picture.lower()
