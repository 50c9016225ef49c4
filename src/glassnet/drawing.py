"""Shared plotting style: colours, figures and PNG output."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# From Okabe and Ito's palette for colour-blind readers (jfly.uni-koeln.de/color).
BLUE, VERMILLION, GREY = "#0072B2", "#D55E00", "#5f5f5f"


def new_figure(width: float, height: float) -> "Figure":
    """Create an empty figure at 150 dpi with constrained layout; sizes are in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=150, layout="constrained")


def to_png(figure: "Figure") -> bytes:
    """Render a figure as PNG; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    # Matplotlib's version would make the bytes depend on it.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def sure(probability: float) -> str:
    """Format a probability as a percentage with one decimal place, never rounded up to 100%."""
    return ">99.9%" if probability > 0.9994 else f"{probability:.1%}"
