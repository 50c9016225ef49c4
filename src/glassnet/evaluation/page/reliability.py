"""The reliability diagram, which shows whether a model is as sure as it is right."""

from math import log2

from glassnet.evaluation.calibration import Bin
from glassnet.evaluation.page.charts import LEFT, RIGHT, TOP, WIDTH, drawing, label
from glassnet.evaluation.page.markup import Html, details, element, percent, section, table
from glassnet.evaluation.report import Report
from glassnet.evaluation.scores import wilson_interval

HIGH = 240  # of the part that shows accuracy
STRIP = 44  # of the part below, that shows how many images a bin holds
HEIGHT = TOP + HIGH + 22 + STRIP + 18


def reliability(report: Report) -> Html:
    """Draw accuracy over confidence.

    Parameters
    ----------
    report : Report
        Of an evaluation.

    Returns
    -------
    Html
        A section.
    """
    title = "Is it as sure as it is right?"
    bins = [one for one in report.reliability if one.n]
    if not bins or report.calibration_error is None or report.accuracy is None:
        return section("calibration", title, element("p", "There is nothing to measure it on."))
    confidence = sum(one.n * (one.confidence or 0.0) for one in bins) / report.n
    told = (
        f"On average it is {percent(confidence)} sure and {percent(report.accuracy)} right. "
        "Images are sorted into bins by its confidence, the highest of an image's probabilities; "
        "where a bar reaches the diagonal, confidence and accuracy agree. Their mean distance is "
        f"the expected calibration error: {percent(report.calibration_error)}."
    )
    legend = (
        element("li", element("i", class_="key accuracy"), " accuracy, with its 95 % interval"),
        element("li", element("i", class_="key gap"), " gap to the mean confidence"),
        element("li", element("i", class_="key diagonal"), " as sure as right"),
    )
    words = f"Accuracy over confidence in {len(bins)} bins; the numbers are in the table below."
    bars = (part for one in bins for part in _bin(one, report.n))
    diagonal = element("line", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1), class_="diagonal")
    chart = element(
        "figure",
        element("figcaption", element("ul", *legend, class_="legend")),
        drawing([*_axes(), *bars, diagonal], words, HEIGHT),
        class_="chart narrow",
    )
    heads = ("confidence", "images", "mean confidence", "accuracy")
    rows = (
        (
            f"{one.low:.1%} to {one.high:.1%}",
            f"{one.n:,}",
            percent(one.confidence),
            percent(one.accuracy),
        )
        for one in bins
    )
    numbers = details("The bins as a table", table("Bins of confidence", heads, rows))
    return section("calibration", title, element("p", told), chart, numbers)


def _x(confidence: float) -> float:
    return LEFT + confidence * (WIDTH - LEFT - RIGHT)


def _y(accuracy: float) -> float:
    return TOP + (1 - accuracy) * HIGH


def _axes() -> list[Html]:
    parts = []
    for percents in range(0, 101, 20):
        share = percents / 100
        grid = element("line", x1=_x(0), x2=_x(1), y1=_y(share), y2=_y(share), class_="grid")
        across = label(
            _x(share), TOP + HIGH + 17, f"{percents}%", "end" if share == 1 else "middle"
        )
        parts += [grid, label(LEFT - 8, _y(share) + 4, f"{percents}%", "end"), across]
    hatch = element("path", d="M0 6L6 0", class_="hatch")
    pattern = element(
        "pattern", hatch, id="hatch", width=6, height=6, patternUnits="userSpaceOnUse"
    )
    told = label((_x(0) + _x(1)) / 2, HEIGHT - 3, "images in each bin, below: log scale", "middle")
    return [element("defs", pattern), *parts, told]


def _bin(one: Bin, n: int) -> list[Html]:
    if one.accuracy is None or one.confidence is None:
        return []
    left, width = _x(one.low) + 1, _x(one.high) - _x(one.low) - 2
    top, gap = _y(one.accuracy), _y(one.confidence)
    said = f"{one.n:,} images, {percent(one.confidence)} sure, {percent(one.accuracy)} right"
    low, high = wilson_interval(round(one.accuracy * one.n), one.n)
    middle = left + width / 2
    tall = STRIP * (1 + log2(one.n)) / (1 + log2(n))
    floor = TOP + HIGH + 22 + STRIP
    return [
        element(
            "g",
            element("title", said),
            element("rect", x=left, y=top, width=width, height=_y(0) - top, class_="accuracy"),
            element(
                "rect", x=left, y=min(top, gap), width=width, height=abs(gap - top), class_="gap"
            ),
            element("line", x1=middle, x2=middle, y1=_y(low), y2=_y(high), class_="interval"),
            element("rect", x=left, y=floor - tall, width=width, height=tall, class_="count"),
        )
    ]
