"""Training curves: position of the lines, and distinct styles for several runs."""

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
def test_curves_show_the_recorded_parts(n: int, has_validation: bool) -> None:
    pixels = decoded(draw_curves(records(n, has_validation=has_validation)))
    height, width, _ = pixels.shape
    for half in (pixels[:, : width // 2], pixels[:, width // 2 :]):
        assert (n_of(half, BLUE) > 20) == (n > 0)
        assert (n_of(half, VERMILLION) > 20) == (n > 0 and has_validation)
    assert width > height


def test_curves_have_the_direction_of_the_values() -> None:
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
def test_an_overlay_has_a_line_for_each_run(n: int) -> None:
    pixels = decoded(draw_overlay({f"run-{k}": records(3 + k) for k in range(n)}))
    half = pixels.shape[1] // 2
    for k in range(6):
        for side in (pixels[:, :half], pixels[:, half:]):
            # Black is also the colour of text and axes.
            assert (n_of(side, colour_of(k)) > 300) == (k < n or colour_of(k) == (0, 0, 0))


def test_an_overlay_never_compares_training_with_validation() -> None:
    """If one run has no validation set, all runs are drawn with their training values."""
    mixed = {"a": records(4), "b": records(4, has_validation=False)}
    train_only = {"a": records(4, has_validation=False), "b": records(4, has_validation=False)}
    assert draw_overlay(mixed) == draw_overlay(train_only)
    assert draw_overlay(mixed) != draw_overlay({"a": records(4), "b": records(4)})


def test_drawing_is_deterministic() -> None:
    assert draw_curves(records(2)) == draw_curves(records(2))
    assert draw_overlay({"a": records(2)}) == draw_overlay({"a": records(2)})
    assert b"matplotlib" not in draw_curves(records(2)).lower()
