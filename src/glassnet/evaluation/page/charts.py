"""Charts: lines over epochs, drawn as SVG by hand."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glassnet.evaluation.page.markup import Html, element, join
from glassnet.evaluation.page.ticks import log_ticks, nice_ticks, written

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 36  # margins
LOG_FROM = 10  # a loss that falls to less than a tenth is drawn on a logarithmic axis


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    Parameters
    ----------
    name : str
        What it shows, as in the legend.
    kind : str
        Its class in the style sheet, which gives it a colour and a dash.
    values : sequence of float
        One for each epoch.
    """

    name: str
    kind: str
    values: Sequence[float]


def line_chart(
    title: str, epochs: Sequence[int], lines: Sequence[Line], say: Callable[[float], str]
) -> Html:
    """Draw lines over epochs.

    Parameters
    ----------
    title : str
        Of the chart.
    epochs : sequence of int
        At least one.
    lines : sequence of Line
        At least one, of finite values.
    say : callable
        Writes a value.

    Returns
    -------
    Html
        A figure with its legend. The drawing's text alternative tells where each line begins,
        ends and is best.
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
        f"{line.name}: {say(line.values[0])} at first, {say(line.values[-1])} in the end, "
        f"between {say(min(line.values))} and {say(max(line.values))}."
        for line in lines
    )
    legend = (
        element("li", _swatch(line.kind), f"{line.name} ", element("b", say(line.values[-1])))
        for line in lines
    )
    heading = element("h3", title, element("small", " logarithmic scale") if frame.is_log else "")
    caption = element("figcaption", heading, element("ul", *legend, class_="legend"))
    return element("figure", caption, drawing(drawn, alternative), class_="chart")


def drawing(parts: Sequence[Html], alternative: str, height: int = HEIGHT) -> Html:
    """Frame a drawing.

    Parameters
    ----------
    parts : sequence of Html
        Elements of SVG.
    alternative : str
        What to say instead.
    height : int
        In the drawing's units, of which 400 are its width.

    Returns
    -------
    Html
        The element.
    """
    box = f"0 0 {WIDTH} {height}"
    return element("svg", *parts, viewBox=box, role="img", aria_label=alternative)


def label(x: float, y: float, words: str, anchor: str) -> Html:
    """Write into a drawing.

    Parameters
    ----------
    x, y : float
        Where.
    words : str
        What.
    anchor : str
        Which part of the text stands there: ``"start"``, ``"middle"`` or ``"end"``.

    Returns
    -------
    Html
        The element.
    """
    return element("text", words, x=x, y=y, text_anchor=anchor)


@dataclass(frozen=True)
class _Frame:
    """Where numbers stand in a drawing."""

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
        lines.append(label(LEFT - 8, y + 4, written(tick), "end"))
    return lines


def _epoch_axis(frame: _Frame) -> list[Html]:
    first, last = frame.first, frame.last
    between = {round(tick) for tick in nice_ticks(first, last)}
    # One that stands too close to an end would run into its number.
    far = (last - first) / 8
    shown = [first, *sorted(k for k in between if first + far < k < last - far), last]
    below = HEIGHT - BOTTOM + 17
    marks = [label(frame.x(k), below, str(k), "middle") for k in dict.fromkeys(shown)]
    return [*marks, label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 3, "epoch", "middle")]


def _swatch(kind: str) -> Html:
    line = element("line", x1=1, x2=25, y1=6, y2=6, class_=f"line {kind}")
    swatch = element("svg", line, viewBox="0 0 26 12", class_="swatch", aria_hidden="true")
    return join([swatch, " "])
