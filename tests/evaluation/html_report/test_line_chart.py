"""Charts: positions of lines, bars and ticks."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.evaluation.html_report.curves import curves_section
from glassnet.evaluation.html_report.line_chart import Line, line_chart
from glassnet.evaluation.html_report.reliability import reliability_section
from glassnet.evaluation.html_report.ticks import format_tick, log_ticks, nice_ticks
from glassnet.evaluation.reliability_bin import ReliabilityBin
from tests.evaluation.html_report.conftest import MakeReportData, records

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)


def points(svg: str, kind: str) -> list[tuple[float, float]]:
    found = re.search(rf'points="([^"]*)" class="line {kind}"', svg)
    assert found is not None
    pairs = (pair.split(",") for pair in found.group(1).split())
    return [(float(x), float(y)) for x, y in pairs]


def axis(svg: str) -> dict[float, float]:
    """Return the y coordinate of each label of the vertical axis."""
    marks = re.findall(r'y="([\d.]+)" text-anchor="end">([\d.e+-]+)<', svg)
    return {float(number): float(y) - 4 for y, number in marks}


def test_values_match_the_labels_of_the_axis() -> None:
    values = [20.0, 45.0, 50.0, 100.0]
    svg = line_chart("Accuracy", [1, 2, 3, 4], [Line("a", "train", values)], str)
    heights = axis(svg)
    (low, bottom), (high, top) = min(heights.items()), max(heights.items())
    for value, (_, y) in zip(values, points(svg, "train"), strict=True):
        assert (y - bottom) / (top - bottom) == pytest.approx(
            (value - low) / (high - low), abs=0.01
        )
    assert bottom > top


def test_epochs_are_spaced_by_their_numbers() -> None:
    svg = line_chart("Loss", [1, 2, 6], [Line("a", "train", [3.0, 2.0, 1.5])], str)
    (first, _), (second, _), (last, _) = points(svg, "train")
    assert (second - first) / (last - first) == pytest.approx(1 / 5, abs=0.01)


def test_a_wide_range_of_losses_has_a_logarithmic_axis() -> None:
    svg = line_chart("Loss", [1, 2, 3], [Line("a", "train", [1.0, 0.1, 0.01])], str)
    assert "logarithmic" in svg
    first, second, third = (y for _, y in points(svg, "train"))
    assert second - first == pytest.approx(third - second, abs=0.2)
    assert "logarithmic" not in line_chart("Loss", [1], [Line("a", "train", [0.0])], str)


def test_the_text_alternative_has_first_last_lowest_and_highest() -> None:
    lines = [Line("training", "train", [0.5, 0.25, 0.75])]
    svg = line_chart("Loss", [1, 2, 3], lines, "{:.2f}".format)
    text = "training: 0.50 at the start, 0.75 at the end, lowest 0.25, highest 0.75."
    assert f'aria-label="Loss over 3 epochs. {text}"' in svg


@given(NUMBERS, NUMBERS)
def test_ticks_are_round_and_enclose_the_range(first: float, other: float) -> None:
    low, high = sorted((first, other))
    ticks = nice_ticks(low, high)
    assert 2 <= len(ticks) <= 8
    slack = 1e-6 * (ticks[-1] - ticks[0])
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    step = (ticks[-1] - ticks[0]) / (len(ticks) - 1)
    assert f"{step:.6e}".split("e")[0] in ("1.000000", "2.000000", "5.000000")


@given(st.floats(1e-12, 1e3), st.floats(10.5, 1e9))
def test_logarithmic_ticks_are_powers_of_ten_and_enclose_the_range(
    low: float, ratio: float
) -> None:
    ticks = log_ticks(low, low * ratio)
    assert 2 <= len(ticks) <= 8
    assert all(
        math.log10(tick) == pytest.approx(round(math.log10(tick)), abs=1e-9) for tick in ticks
    )
    assert ticks[0] <= low * (1 + 1e-9)
    assert ticks[-1] >= low * ratio * (1 - 1e-9)


def test_small_powers_of_ten_have_exponents() -> None:
    assert [format_tick(x) for x in (1e-5, 1e-12, 0.001, 20.0, 0.5)] == [
        "10⁻⁵",
        "10⁻¹²",
        "0.001",
        "20",
        "0.5",
    ]


@pytest.mark.parametrize(("n", "has_validation"), [(1, True), (3, False), (200, True)])
def test_curves_have_a_row_for_each_epoch(n: int, has_validation: bool) -> None:
    text = curves_section({"a run": records(n, has_validation=has_validation)})
    assert text.count("<tr>") == n + 1
    assert text.count('class="line validation"') == (4 if has_validation else 0)  # and its legend
    assert text.count('class="line train"') == 4


def test_only_the_first_history_of_an_ensemble_is_expanded() -> None:
    text = curves_section({"member-1": records(2), "member-2": records(3), "none": []})
    assert text.count("<figure") == 4
    assert "<summary>member-2</summary>" in text
    assert "<summary>member-1</summary>" not in text


def test_bars_have_the_height_of_accuracy_and_gap(make_data: MakeReportData) -> None:
    report = make_data(300, 3).report
    svg = reliability_section(report)
    bars = re.findall(r'height="([\d.]+)" class="accuracy"', svg)
    gaps = re.findall(r'height="([\d.]+)" class="gap"', svg)
    filled = [bin_ for bin_ in report.reliability if bin_.n]
    assert len(bars) == len(gaps) == len(filled)
    for bar, gap, bin_ in zip(bars, gaps, filled, strict=True):
        assert isinstance(bin_, ReliabilityBin)
        assert bin_.accuracy is not None
        assert bin_.confidence is not None
        assert float(bar) / 240 == pytest.approx(bin_.accuracy, abs=0.001)
        assert float(gap) / 240 == pytest.approx(abs(bin_.accuracy - bin_.confidence), abs=0.001)
        title = f"{bin_.n:,} images: confidence {bin_.confidence:.2%}, accuracy {bin_.accuracy:.2%}"
        assert title in svg
