"""Line charts over epochs, as SVG."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glassnet.evaluation.html_report.html_markup import Html, element, join
from glassnet.evaluation.html_report.svg import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    draw_svg,
    draw_text,
)
from glassnet.evaluation.html_report.ticks import format_tick, log_ticks, nice_ticks

LOG_FROM = 10  # a loss that falls to less than a tenth is drawn on a logarithmic axis


@dataclass(frozen=True)
class Line:
    """One line in a chart: one value per epoch.

    Parameters
    ----------
    name : str
        Name in the legend.
    kind : str
        Class in the style sheet, which sets the colour and the dash pattern.
    """

    name: str
    kind: str
    values: Sequence[float]


def line_chart(
    title: str, epochs: Sequence[int], lines: Sequence[Line], format_value: Callable[[float], str]
) -> Html:
    """Draw one or more lines of finite values over the epochs as a figure with a legend.

    The text alternative gives the first, last, lowest and highest value of each line.
    """
    frame = _Frame.around([value for line in lines for value in line.values], epochs)
    drawn = [*_grid(frame), *_epoch_axis(frame)]
    for line in lines:
        at = [
            (frame.x(epoch), frame.y(value))
            for epoch, value in zip(epochs, line.values, strict=True)
        ]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        drawn.append(element("polyline", points=points, class_=f"line {line.kind}"))
        end = at[-1]
        drawn.append(element("circle", cx=end[0], cy=end[1], r=4, class_=f"end {line.kind}"))
    alternative = f"{title} over {len(epochs)} epochs. " + " ".join(
        _describe(line, format_value) for line in lines
    )
    legend = (
        element(
            "li", _swatch(line.kind), f"{line.name} ", element("b", format_value(line.values[-1]))
        )
        for line in lines
    )
    heading = element("h3", title, element("small", " logarithmic scale") if frame.is_log else "")
    caption = element("figcaption", heading, element("ul", *legend, class_="legend"))
    return element("figure", caption, draw_svg(drawn, alternative), class_="chart")


def _describe(line: Line, format_value: Callable[[float], str]) -> str:
    first, last = format_value(line.values[0]), format_value(line.values[-1])
    low, high = format_value(min(line.values)), format_value(max(line.values))
    return f"{line.name}: {first} at the start, {last} at the end, lowest {low}, highest {high}."


@dataclass(frozen=True)
class _Frame:
    """Scales that map epochs and values to coordinates."""

    first: int
    last: int
    ticks: Sequence[float]
    is_log: bool

    @classmethod
    def around(cls, values: Sequence[float], epochs: Sequence[int]) -> "_Frame":
        low, high = min(values), max(values)
        is_log = high > LOG_FROM * low > 0
        ticks = log_ticks(low, high) if is_log else nice_ticks(low, high)
        return cls(epochs[0], epochs[-1], ticks, is_log)

    def x(self, epoch: float) -> float:
        length = self.last - self.first
        share = (epoch - self.first) / length if length else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        scale = math.log if self.is_log else float
        low, high = scale(self.ticks[0]), scale(self.ticks[-1])
        return HEIGHT - BOTTOM - (scale(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def _grid(frame: _Frame) -> list[Html]:
    lines: list[Html] = []
    for tick in frame.ticks:
        y = frame.y(tick)
        lines.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
        lines.append(draw_text(LEFT - 8, y + 4, format_tick(tick), "end"))
    return lines


def _epoch_axis(frame: _Frame) -> list[Html]:
    first, last = frame.first, frame.last
    between = {round(tick) for tick in nice_ticks(first, last)}
    # A label close to an end would overlap the label of the end.
    margin = (last - first) / 8
    shown = [first, *sorted(k for k in between if first + margin < k < last - margin), last]
    below = HEIGHT - BOTTOM + 17
    marks = [draw_text(frame.x(k), below, str(k), "middle") for k in dict.fromkeys(shown)]
    return [*marks, draw_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 3, "epoch", "middle")]


def _swatch(kind: str) -> Html:
    line = element("line", x1=1, x2=25, y1=6, y2=6, class_=f"line {kind}")
    swatch = element("svg", line, viewBox="0 0 26 12", class_="swatch", aria_hidden="true")
    return join([swatch, " "])
