"""Reliability diagram: accuracy compared with confidence."""

from math import log2

from glassnet.evaluation.html_report.html_markup import (
    Html,
    details,
    element,
    percent,
    section,
    table,
)
from glassnet.evaluation.html_report.svg import LEFT, RIGHT, TOP, WIDTH, draw_svg, draw_text
from glassnet.evaluation.reliability_bin import ReliabilityBin
from glassnet.evaluation.report import Report
from glassnet.evaluation.wilson import wilson_interval

CHART_HEIGHT = 240
STRIP_HEIGHT = 44  # of the bars of counts below the chart
HEIGHT = TOP + CHART_HEIGHT + 22 + STRIP_HEIGHT + 18


def reliability_section(report: Report) -> Html:
    """Write the section with the reliability diagram and its table."""
    title = "Reliability diagram"
    bins = [bin_ for bin_ in report.reliability if bin_.n]
    if not bins or report.calibration_error is None or report.accuracy is None:
        return section("calibration", title, element("p", "No held-out images."))
    confidence = sum(bin_.n * (bin_.confidence or 0.0) for bin_ in bins) / report.n
    text = (
        f"Mean confidence {percent(confidence)}, accuracy {percent(report.accuracy)}. "
        "Images are binned by confidence, the highest of their probabilities; where a bar reaches "
        "the diagonal, confidence and accuracy agree. The mean gap over all images is the "
        f"expected calibration error: {percent(report.calibration_error)}."
    )
    legend = (
        element("li", element("i", class_="key accuracy"), " accuracy, with its 95% interval"),
        element("li", element("i", class_="key gap"), " gap to the mean confidence"),
        element("li", element("i", class_="key diagonal"), " perfect calibration"),
    )
    alternative = (
        f"Accuracy over confidence in {len(bins)} bins; the numbers are in the table below."
    )
    bars = (part for bin_ in bins for part in _draw_bin(bin_, report.n))
    diagonal = element("line", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1), class_="diagonal")
    chart = element(
        "figure",
        element("figcaption", element("ul", *legend, class_="legend")),
        draw_svg([*_axes(), *bars, diagonal], alternative, HEIGHT),
        class_="chart narrow",
    )
    heads = ("confidence", "images", "mean confidence", "accuracy")
    rows = (
        (
            f"{bin_.low:.1%} to {bin_.high:.1%}",
            f"{bin_.n:,}",
            percent(bin_.confidence),
            percent(bin_.accuracy),
        )
        for bin_ in bins
    )
    numbers = details("All bins as a table", table("Accuracy by confidence", heads, rows))
    return section("calibration", title, element("p", text), chart, numbers)


def _x(confidence: float) -> float:
    return LEFT + confidence * (WIDTH - LEFT - RIGHT)


def _y(accuracy: float) -> float:
    return TOP + (1 - accuracy) * CHART_HEIGHT


def _axes() -> list[Html]:
    parts = []
    for percents in range(0, 101, 20):
        share = percents / 100
        grid = element("line", x1=_x(0), x2=_x(1), y1=_y(share), y2=_y(share), class_="grid")
        across = draw_text(
            _x(share), TOP + CHART_HEIGHT + 17, f"{percents}%", "end" if share == 1 else "middle"
        )
        parts += [grid, draw_text(LEFT - 8, _y(share) + 4, f"{percents}%", "end"), across]
    hatch = element("path", d="M0 6L6 0", class_="hatch")
    pattern = element(
        "pattern", hatch, id="hatch", width=6, height=6, patternUnits="userSpaceOnUse"
    )
    caption = draw_text(
        (_x(0) + _x(1)) / 2,
        HEIGHT - 3,
        "below: images in each bin, on a log scale",
        "middle",
    )
    return [element("defs", pattern), *parts, caption]


def _draw_bin(bin_: ReliabilityBin, n: int) -> list[Html]:
    if bin_.accuracy is None or bin_.confidence is None:
        return []
    left, width = _x(bin_.low) + 1, _x(bin_.high) - _x(bin_.low) - 2
    top, gap = _y(bin_.accuracy), _y(bin_.confidence)
    shares = f"confidence {percent(bin_.confidence)}, accuracy {percent(bin_.accuracy)}"
    low, high = wilson_interval(round(bin_.accuracy * bin_.n), bin_.n)
    middle = left + width / 2
    tall = STRIP_HEIGHT * (1 + log2(bin_.n)) / (1 + log2(n))
    floor = TOP + CHART_HEIGHT + 22 + STRIP_HEIGHT
    return [
        element(
            "g",
            element("title", f"{bin_.n:,} images: {shares}"),
            element("rect", x=left, y=top, width=width, height=_y(0) - top, class_="accuracy"),
            element(
                "rect", x=left, y=min(top, gap), width=width, height=abs(gap - top), class_="gap"
            ),
            element("line", x1=middle, x2=middle, y1=_y(low), y2=_y(high), class_="interval"),
            element("rect", x=left, y=floor - tall, width=width, height=tall, class_="count"),
        )
    ]
