"""Reliability diagram: accuracy compared with confidence."""

from typing import TYPE_CHECKING, Any

from glassnet.drawing import VERMILLION, new_figure, to_png
from glassnet.evaluation.reliability_bin import ReliabilityBin
from glassnet.evaluation.report import Report
from glassnet.evaluation.wilson import wilson_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIGHT_BLUE, LIGHT_GREY = "#7fb8d8", "#c4c4c4"  # light, so that marks on them stay visible
GAP: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": VERMILLION,
    "hatch": "////",
    "linewidth": 1.2,
}


def draw_reliability(report: Report) -> bytes:
    """Draw accuracy against confidence as a PNG, with the number of images in each bin."""
    from matplotlib.ticker import PercentFormatter

    figure = new_figure(6.6, 7.6)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(4.2, 1))
    filled = [bin_ for bin_ in report.reliability if bin_.n]
    for bin_ in filled:
        _draw_bin(above, bin_)
    above.plot([0, 1], [0, 1], color="black", lw=1.2, ls=(0, (5, 4)), zorder=4)
    above.set_xlim(0, 1)
    above.set_ylim(0, 1.02)
    above.set_ylabel("accuracy")
    above.yaxis.set_major_formatter(PercentFormatter(1))
    above.set_title(_title(report, filled), loc="left", fontweight="bold", pad=26)
    above.legend(
        [above.bar(0, 0, color=LIGHT_BLUE), above.bar(0, 0, **GAP), above.lines[-1]],
        ["accuracy (line: 95% interval)", "gap to the mean confidence", "perfect calibration"],
        loc="lower left",
        bbox_to_anchor=(-0.015, 0.99),
        ncols=3,
        fontsize=8.5,
        handlelength=1.8,
        columnspacing=1.4,
        frameon=False,
    )
    below.set_yscale("log")
    for bin_ in filled:
        middle, width = (bin_.low + bin_.high) / 2, bin_.high - bin_.low
        below.bar(middle, bin_.n - 0.5, 0.9 * width, bottom=0.5, color=LIGHT_GREY)
        below.annotate(
            f"{bin_.n:,}",
            (middle, bin_.n),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            fontsize=7.5,
        )
    below.set_ylim(0.5, 8 * max([1, *(bin_.n for bin_ in filled)]))
    below.set_yticks([])
    below.minorticks_off()
    below.set_ylabel("images\n(log scale)")
    below.set_xlabel("confidence: the highest class probability")
    below.xaxis.set_major_formatter(PercentFormatter(1))
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_axisbelow(True)
    above.grid(alpha=0.25)
    return to_png(figure)


def _draw_bin(axes: "Axes", bin_: ReliabilityBin) -> None:
    if bin_.accuracy is None or bin_.confidence is None:
        return
    middle, width = (bin_.low + bin_.high) / 2, bin_.high - bin_.low
    axes.bar(middle, bin_.accuracy, 0.9 * width, color=LIGHT_BLUE)
    axes.bar(middle, bin_.confidence - bin_.accuracy, 0.9 * width, bottom=bin_.accuracy, **GAP)
    low, high = wilson_interval(round(bin_.accuracy * bin_.n), bin_.n)
    axes.plot([middle, middle], [low, high], color="black", lw=1.2, solid_capstyle="butt", zorder=3)


def _title(report: Report, filled: list[ReliabilityBin]) -> str:
    if report.calibration_error is None or report.accuracy is None:
        return f"No held-out images: all {report.n_in_training:,} were seen in training"
    confidence = sum(bin_.n * (bin_.confidence or 0.0) for bin_ in filled) / report.n
    return (
        f"Mean confidence {confidence:.2%}, accuracy {report.accuracy:.2%}\n"
        f"expected calibration error {report.calibration_error:.2%} "
        f"({len(report.reliability)} bins, {report.n:,} images)"
    )
