"""SVG: a drawing with its text alternative, and text labels."""

from collections.abc import Sequence

from glassnet.evaluation.html_report.html_markup import Html, element

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 36  # margins


def draw_svg(parts: Sequence[Html], alternative: str, height: int = HEIGHT) -> Html:
    """Write a drawing `WIDTH` units wide, with a text alternative."""
    box = f"0 0 {WIDTH} {height}"
    return element("svg", *parts, viewBox=box, role="img", aria_label=alternative)


def draw_text(x: float, y: float, text: str, anchor: str) -> Html:
    """Write a text label with its ``start``, ``middle`` or ``end`` (`anchor`) at x."""
    return element("text", text, x=x, y=y, text_anchor=anchor)
