"""Drawing: the chart of a finding as a PNG."""

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.words import LABELS, TITLES
from glassnet.drawing import BLUE, GREY, VERMILLION, new_figure, to_png

COLOURS = (BLUE, VERMILLION, GREY)
LINES = ("-", "--", ":")


def draw_finding(finding: Finding) -> bytes:
    """Draw the chart of a finding as a PNG."""
    picture = finding.picture
    figure = new_figure(7.5, 4.2)
    axes = figure.add_subplot()
    series = {
        LABELS[name]: [float("nan") if y is None else y for y in heights]
        for name, heights in picture.series.items()
    }
    if picture.kind == "bars":
        (heights,) = series.values()
        names = [LABELS[x] if isinstance(x, str) else f"{LABELS['layer']} {x}" for x in picture.x]
        bars = axes.bar(names, heights, color=BLUE, width=0.6)
        axes.bar_label(bars, fmt="%.3g", padding=2)
    else:
        for (name, heights), colour, line in zip(series.items(), COLOURS, LINES, strict=False):
            axes.plot([float(x) for x in picture.x], heights, line, color=colour, lw=2, label=name)
        if len(series) > 1:
            axes.legend(frameon=False)
        axes.set_xlabel(LABELS[picture.x_label])
    if picture.limit is not None:
        axes.axhline(picture.limit, color=GREY, lw=1, ls=(0, (4, 3)))
        axes.annotate(
            LABELS[picture.limit_label],
            (1.01, picture.limit),
            xycoords=("axes fraction", "data"),
            va="center",
            annotation_clip=False,
            color=GREY,
        )
    if picture.is_logarithmic:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.margins(y=0.12)
    axes.set_title(TITLES[finding.cause], loc="left", fontweight="bold")
    axes.set_ylabel(LABELS[picture.y_label])
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.25)
    return to_png(figure)
