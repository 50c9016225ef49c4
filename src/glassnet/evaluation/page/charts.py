"""Charts: lines over epochs, drawn as SVG by hand."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glassnet.evaluation.page.markup import Html, element, join

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 36  # margins
LOG_FROM = 10  # a loss that falls to less than a tenth is drawn on a logarithmic axis
N_TICKS = 5
SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


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
    every = [value for line in lines for value in line.values]
    low, high = min(every), max(every)
    is_log = high > LOG_FROM * low > 0
    ticks = log_ticks(low, high) if is_log else nice_ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    scale = math.log if is_log else float

    def x(epoch: float) -> float:
        share = (epoch - epochs[0]) / (epochs[-1] - epochs[0]) if len(epochs) > 1 else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        share = (scale(value) - scale(low)) / (scale(high) - scale(low))
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    drawn = [*_grid(ticks, y), *_epoch_axis(epochs, x)]
    for line in lines:
        points = " ".join(
            f"{x(k):.1f},{y(value):.1f}" for k, value in zip(epochs, line.values, strict=True)
        )
        drawn.append(element("polyline", points=points, class_=f"line {line.kind}"))
        end = x(epochs[-1]), y(line.values[-1])
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
    heading = element("h3", title, element("small", " logarithmic scale") if is_log else "")
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


def nice_ticks(low: float, high: float) -> list[float]:
    """Choose round numbers around a range: multiples of 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    low, high : float
        The range; may be a single number.

    Returns
    -------
    list of float
        Ascending; the first at or below `low`, the last at or above `high`.
    """
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / N_TICKS))
    step = next(
        step for step in (power, 2 * power, 5 * power, 10 * power) if span <= N_TICKS * step
    )
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [k * step for k in range(first, max(last, first + 1) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Choose round numbers for a logarithmic axis: powers of ten.

    Parameters
    ----------
    low, high : float
        The range, above 0.

    Returns
    -------
    list of float
        Ascending; the first at or below `low`, the last at or above `high`.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = math.ceil((last - first) / N_TICKS)
    return [10.0**k for k in range(first, last + step, step)]


def written(number: float) -> str:
    """Write a number beside an axis.

    Parameters
    ----------
    number : float
        A round one.

    Returns
    -------
    str
        Small powers of ten as such: ``"10⁻⁵"``.
    """
    digits, _, power = f"{number:.4g}".partition("e-")
    if digits == "1" and power:
        return "10⁻" + power.lstrip("0").translate(SUPERSCRIPT)
    return f"{number:.4g}"


def _grid(ticks: Sequence[float], y: Callable[[float], float]) -> list[Html]:
    lines: list[Html] = []
    for tick in ticks:
        height = y(tick)
        lines.append(
            element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=height, y2=height, class_="grid")
        )
        lines.append(label(LEFT - 8, height + 4, written(tick), "end"))
    return lines


def _epoch_axis(epochs: Sequence[int], x: Callable[[float], float]) -> list[Html]:
    first, last = epochs[0], epochs[-1]
    between = {round(tick) for tick in nice_ticks(first, last) if first < tick < last}
    # One that stands too close to an end would run into its number.
    far = (last - first) / 8
    shown = [first, *sorted(k for k in between if first + far < k < last - far), last]
    marks = [label(x(k), HEIGHT - BOTTOM + 17, str(k), "middle") for k in dict.fromkeys(shown)]
    return [*marks, label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 3, "epoch", "middle")]


def _swatch(kind: str) -> Html:
    line = element("line", x1=1, x2=25, y1=6, y2=6, class_=f"line {kind}")
    return join(
        [element("svg", line, viewBox="0 0 26 12", class_="swatch", aria_hidden="true"), " "]
    )
