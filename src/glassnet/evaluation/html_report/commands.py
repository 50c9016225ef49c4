"""Commands that reproduce the model and the report."""

from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.evaluation.html_report.html_markup import Html, element, section


@dataclass(frozen=True)
class Command:
    """A shell command and its purpose."""

    purpose: str
    line: str


def reproduce_section(commands: Sequence[Command]) -> Html:
    """Write the section that lists the commands."""
    parts = (
        part
        for command in commands
        for part in (
            element("p", command.purpose),
            element("pre", element("code", command.line), tabindex=0),
        )
    )
    return section("reproduce", "How to reproduce it", *parts)
