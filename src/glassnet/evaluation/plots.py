"""Plots of a report: the confusion matrix and the most confident mistakes."""

import numpy as np

from glassnet.drawing import GREY, new_figure, sure, to_png
from glassnet.evaluation.report import Report
from glassnet.nn.validation import Labelled

MAX_COUNTED_CLASSES = 26  # with more classes, the confusion matrix has no counts
N_GALLERY_COLUMNS = 5


def draw_confusion(report: Report) -> bytes:
    """Draw the confusion matrix, with its counts, as a PNG."""
    counts = report.confusion
    n_classes = len(counts)
    side = min(12, max(4.5, 0.62 * n_classes))
    figure = new_figure(side + 0.8, side + 0.6)
    axes = figure.add_subplot()
    # Only mistakes are coloured: on the scale of the diagonal, all of them would look like 0.
    errors = np.ma.masked_where(np.eye(n_classes, dtype=bool), counts)
    darkest = max([5, *(pair.count for pair in report.confusions)])
    axes.set_facecolor("#e9e9e9")
    axes.imshow(errors, cmap="Blues", vmin=0, vmax=darkest)
    if n_classes <= MAX_COUNTED_CLASSES:
        for i, j in np.argwhere(counts > 0):
            axes.text(
                j,
                i,
                f"{counts[i, j]:,}",
                ha="center",
                va="center",
                fontsize=11 if n_classes <= 12 else 7,
                fontweight="bold" if i == j else "normal",
                color="white" if i != j and counts[i, j] > 0.5 * darkest else "black",
            )
        axes.set_xticks(range(n_classes))
        axes.set_yticks(range(n_classes))
    axes.set_xlabel("predicted class (grey: correct, blue: mistakes)")
    axes.set_ylabel("true class")
    if report.accuracy is None:
        title = f"No held-out images: all {report.n_in_training:,} were seen in training"
    else:
        title = f"{report.accuracy:.2%} of {report.n:,} images read correctly"
    top_pairs = [pair for pair in report.confusions if pair.count == report.confusions[0].count]
    if len(top_pairs) == 1:
        (top,) = top_pairs
        title += f"\nmost frequent mistake: {top.label} read as {top.prediction}, {top.count} times"
    axes.set_title(title, loc="left", fontweight="bold")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return to_png(figure)


def draw_mistakes(report: Report, split: Labelled) -> bytes:
    """Draw the most confident mistakes in a report on a split as a PNG."""
    shown = report.mistakes
    n_rows = max(1, -(-len(shown) // N_GALLERY_COLUMNS))
    figure = new_figure(1.75 * N_GALLERY_COLUMNS, 2.15 * n_rows + 0.7)
    n_wrong = report.n - int(report.confusion.trace())
    figure.suptitle(
        f"The {len(shown)} most confident of {n_wrong:,} mistakes on {report.n:,} images"
        if shown
        else f"No mistakes on {report.n:,} images",
        fontweight="bold",
        x=0.02,
        ha="left",
    )
    for place, mistake in enumerate(shown):
        axes = figure.add_subplot(n_rows, N_GALLERY_COLUMNS, place + 1)
        image = np.asarray(split.images[mistake.index])
        # A single row of pixels is stretched to the height of its frame.
        is_row = image.ndim < 2 or len(image) == 1
        axes.imshow(
            np.atleast_2d(image),
            cmap="gray_r",
            interpolation="nearest",
            aspect="auto" if is_row else "equal",
        )
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_color("#cccccc")
        axes.set_title(
            f"is {mistake.label}, read as {mistake.prediction}", fontsize=10, color="black", pad=4
        )
        below = f"{sure(mistake.probability)} · test image {mistake.index}"
        axes.set_xlabel(below, fontsize=8, color=GREY)
    return to_png(figure)
