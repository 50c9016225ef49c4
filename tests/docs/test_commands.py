"""Every glassnet command in README and docs has existing options and arguments."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from glassnet.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMANDS = sorted(
    {
        line.removeprefix(".venv/bin/").split(" #")[0].strip()
        for page in PAGES
        for block in BLOCK.findall(page.read_text(encoding="utf-8"))
        for line in block.splitlines()
        if line.removeprefix(".venv/bin/").startswith("glassnet ")
    }
)


def parse(words: list[str]) -> None:
    """Parse a command line without running it."""
    command = typer.main.get_command(app)
    context = typer.Context(command, info_name="glassnet")
    while hasattr(command, "get_command"):
        name = words[0]
        command = command.get_command(context, name)
        assert command is not None, f"no command {name!r}"
        words = words[1:]
        if hasattr(command, "get_command"):
            context = typer.Context(command, info_name=name, parent=context)
    command.make_context(words[0] if words else "", list(words), parent=context)


def test_pages_have_commands() -> None:
    assert len(COMMANDS) > 30


@pytest.mark.parametrize("command", COMMANDS)
def test_command_parses(command: str) -> None:
    words = shlex.split(command)[1:]
    if "--help" not in words:
        parse(words)


def test_a_wrong_option_does_not_parse() -> None:
    with pytest.raises(Exception, match="No such option"):
        parse(["train", "--rate", "3"])
