"""Speed: throughput of training and prediction, in images per second."""

from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.evaluation.html_report.html_markup import Html, element, section


@dataclass(frozen=True)
class Speed:
    """Throughput of one task, with a sentence about how it was measured."""

    task: str
    images_per_second: float
    method: str


def speed_section(speeds: Sequence[Speed]) -> Html:
    """Write the section with a card for each task."""
    cards = (
        element(
            "li",
            element("b", f"{speed.images_per_second:,.0f}"),
            f" images per second, {speed.task}",
            element("p", speed.method),
        )
        for speed in speeds
    )
    return section("speed", "Speed", element("ul", *cards, class_="speeds"))
