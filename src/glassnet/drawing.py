"""What all pictures share: their colours, their paper, and how they become bytes."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's palette, made for every kind of colour vision (jfly.uni-koeln.de/color).
BLUE, VERMILLION, GREY = "#0072B2", "#D55E00", "#5f5f5f"


def new_figure(width: float, height: float) -> "Figure":
    """Take a blank figure.

    Parameters
    ----------
    width, height : float
        In inches, of 150 dots.

    Returns
    -------
    Figure
        That lays itself out.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=150, layout="constrained")


def to_png(figure: "Figure") -> bytes:
    """Draw a figure.

    Parameters
    ----------
    figure : Figure
        Complete.

    Returns
    -------
    bytes
        A PNG.
    """
    buffer = io.BytesIO()
    # No version in the file: the same numbers draw the same bytes.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def sure(probability: float) -> str:
    """Write a probability so that less than certain does not read as certain.

    Parameters
    ----------
    probability : float
        From 0 to 1.

    Returns
    -------
    str
        As a percentage with one decimal.
    """
    return ">99.9%" if probability > 0.9994 else f"{probability:.1%}"
