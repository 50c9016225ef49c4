"""Curves: where the lines are, and that each of several can be told from the others."""

import numpy as np
import pytest

from glassnet.evaluation.curves import STYLES, draw_curves, draw_overlay
from glassnet.types import Array
from tests.evaluation.html_report.conftest import records
from tests.evaluation.test_plots import decoded

BLUE, VERMILLION = (0, 114, 178), (213, 94, 0)  # Okabe and Ito


def n_of(pixels: Array, colour: tuple[int, int, int]) -> int:
    return int((pixels == np.array(colour)).all(axis=2).sum())


@pytest.mark.parametrize(("n", "has_validation"), [(0, False), (1, True), (1, False), (200, True)])
def test_curves_show_what_was_measured(n: int, has_validation: bool) -> None:
    pixels = decoded(draw_curves(records(n, has_validation=has_validation)))
    height, width, _ = pixels.shape
    for half in (pixels[:, : width // 2], pixels[:, width // 2 :]):
        assert (n_of(half, BLUE) > 20) == (n > 0)
        assert (n_of(half, VERMILLION) > 20) == (n > 0 and has_validation)
    assert width > height


def test_a_falling_loss_falls_and_a_rising_accuracy_rises() -> None:
    pixels = decoded(draw_curves(records(6, has_validation=False)))
    is_blue = (pixels == np.array(BLUE)).all(axis=2)
    for half, sign in zip(np.array_split(is_blue, 2, axis=1), (1, -1), strict=True):
        rows, columns = np.nonzero(half)
        first = rows[columns < np.quantile(columns, 0.1)].mean()
        last = rows[columns > np.quantile(columns, 0.9)].mean()
        assert sign * (last - first) > 50  # row 0 is on top


def colour_of(place: int) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(STYLES[place][0][1:])
    return red, green, blue


@pytest.mark.parametrize("n", [2, 6])
def test_an_overlay_has_a_line_for_each_training(n: int) -> None:
    pixels = decoded(draw_overlay({f"run-{k}": records(3 + k) for k in range(n)}))
    half = pixels.shape[1] // 2
    for k in range(6):
        for side in (pixels[:, :half], pixels[:, half:]):
            # Black is also the colour of letters and axes.
            assert (n_of(side, colour_of(k)) > 300) == (k < n or colour_of(k) == (0, 0, 0))


def test_an_overlay_never_compares_training_with_validation() -> None:
    """One training without a validation part: all are drawn by what they did in training."""
    mixed = {"a": records(4), "b": records(4, has_validation=False)}
    alike = {"a": records(4, has_validation=False), "b": records(4, has_validation=False)}
    assert draw_overlay(mixed) == draw_overlay(alike)
    assert draw_overlay(mixed) != draw_overlay({"a": records(4), "b": records(4)})


def test_the_same_numbers_draw_the_same_bytes() -> None:
    assert draw_curves(records(2)) == draw_curves(records(2))
    assert draw_overlay({"a": records(2)}) == draw_overlay({"a": records(2)})
    assert b"matplotlib" not in draw_curves(records(2)).lower()
