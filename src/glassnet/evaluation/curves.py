"""Plots of training curves for one or several runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glassnet.drawing import BLUE, VERMILLION, new_figure, to_png
from glassnet.nn.monitoring.epoch_record import EpochRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOG_FROM = 10  # a loss that falls to less than a tenth is drawn on a logarithmic axis
# Okabe and Ito's colours with enough contrast against white, each with a line style and a marker.
STYLES = (
    (BLUE, "-", "o"),
    (VERMILLION, "--", "s"),
    ("#009E73", "-.", "^"),
    ("#CC79A7", ":", "D"),
    ("#000000", "-", "v"),
    ("#56B4E9", "--", "P"),
)


@dataclass(frozen=True)
class _Line:
    name: str
    epochs: Sequence[int]
    values: Sequence[float]


def draw_curves(records: Sequence[EpochRecord]) -> bytes:
    """Plot the loss and accuracy of a run against the epoch, as a PNG."""
    return _draw({"train": ("train", records), "validation": ("validation", records)}, "")


def draw_overlay(runs: Mapping[str, Sequence[EpochRecord]]) -> bytes:
    """Plot the loss and accuracy of several runs against the epoch, as a PNG.

    The values are those of the validation set if all runs have one, and otherwise those of the
    training set, since the two are not comparable.
    """
    all_records = [record for records in runs.values() for record in records]
    part = (
        "train" if any(record.validation_loss is None for record in all_records) else "validation"
    )
    return _draw({name: (part, records) for name, records in runs.items()}, part)


def _draw(lines: Mapping[str, tuple[str, Sequence[EpochRecord]]], part: str) -> bytes:
    """Draw loss and accuracy; `lines` maps a name to a set's name and its records."""
    longest = max((len(name) for name in lines), default=0)
    figure = new_figure(10 + 0.14 * max(0, longest - 12), 4.2)
    for place, noun in enumerate(("loss", "accuracy")):
        axes = figure.add_subplot(1, 2, place + 1)
        scale = 100 if noun == "accuracy" else 1
        drawn = []
        for name, (line_part, records) in lines.items():
            values = [getattr(record, f"{line_part}_{noun}") for record in records]
            if values and None not in values:
                epochs = [record.epoch for record in records]
                drawn.append(_Line(name, epochs, [value * scale for value in values]))
        _panel(axes, f"{part} {noun}".strip(), drawn, is_share=noun == "accuracy")
    return to_png(figure)


def _panel(axes: "Axes", title: str, lines: Sequence[_Line], *, is_share: bool) -> None:
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

    for place, line in enumerate(lines):
        colour, dash, mark = STYLES[place % len(STYLES)]
        every = max(1, len(line.epochs) // 12)
        axes.plot(
            line.epochs, line.values, dash, color=colour, lw=2, marker=mark, ms=5, markevery=every
        )
    values = [value for line in lines for value in line.values]
    if not is_share and values and max(values) > LOG_FROM * min(values) > 0:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("epoch")
    axes.set_ylabel("accuracy (%)" if is_share else "loss")
    axes.set_title(title.capitalize(), loc="left", fontweight="bold")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(x=0.02)
    if {epoch for line in lines for epoch in line.epochs} == {1}:
        axes.set_xticks([1])
    _label_ends(axes, lines, "%.2f%%" if is_share else "%.4f")


def _label_ends(axes: "Axes", lines: Sequence[_Line], number: str) -> None:
    """Label each line at its end instead of using a legend, and move overlapping labels apart."""
    axes.autoscale_view()
    to_fraction = axes.transScale + axes.transLimits  # of the axes' height
    below = -np.inf
    ends = sorted((line.values[-1], place) for place, line in enumerate(lines))
    for value, place in ends:
        height = max(float(to_fraction.transform((1.0, value))[1]), below + 0.06)
        axes.annotate(
            f"{lines[place].name} {number % value}",
            (1.02, height),
            xycoords="axes fraction",
            va="center",
            color=STYLES[place % len(STYLES)][0],
            fontweight="bold",
            annotation_clip=False,
        )
        below = height
