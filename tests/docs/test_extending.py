"""Tests of docs/extending.md: the examples run, are short, and print True."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
DATA, *EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.M)
NAMES = ["layer", "activation", "loss", "optimizer", "schedule"]


def test_each_kind_of_extension_has_an_example() -> None:
    assert len(EXAMPLES) == len(NAMES)


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_example_runs_and_is_short(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert sum(1 for line in example.splitlines() if line.strip()) < 25
    exec(DATA + example, {"__name__": "example"})  # noqa: S102 - it is our own page
    assert capsys.readouterr().out.endswith(": True\n")
