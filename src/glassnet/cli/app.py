"""The application: its commands, and how it ends."""

import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from glassnet import __version__
from glassnet.errors import GlassnetError, NotFiniteError, StoppedError

# What --help says of each command; glassnet.cli.NAME says more.
COMMANDS = {
    "train": "Train a network, test it on images that it never saw, and keep it all.",
    "evaluate": "Measure a model on its run's test part, or on other data.",
    "report": "Make one page of HTML of all that is known of a model.",
    "predict": "Read handwriting with a trained model: photos, drawings, pages or tables.",
    "ensemble": "Combine several models into an ensemble, whose answer is the mean of theirs.",
    "diagnose": "Say what is wrong with a training, why, and what would mend it.",
    "explain": "Take one step on one image, and say where each number comes from.",
    "lab": "Open a page on which a network can be watched, stepped, trained and broken.",
    "gradcheck": "Compare the gradients of backpropagation with central differences.",
    "doctor": "Say what NumPy runs on here, how fast that is, and what slows it down.",
    "data": "Which datasets have a name, where they are, and what they hold.",
    "runs": "List what was trained, show one run, compare several.",
}


class Commands(TyperGroup):
    """The commands, each of them loaded when it is called: to list them, none is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # see get_command

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's signature
        """Load one; None where there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"glassnet.cli.{cmd_name}"), cmd_name)
        if not isinstance(command, typer.Typer):
            function, command = command, typer.Typer(add_completion=False, rich_markup_mode=None)
            command.command(cmd_name)(function)
        return typer.main.get_command(command)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's signature
        """List them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    name="glassnet",
    cls=Commands,
    help="A neural network you can see through: handwritten digits, from scratch, in NumPy.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"glassnet {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say which.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback on errors.")] = False,
) -> None:
    pass


def run(arguments: list[str]) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : list of str
        What follows the program's name. ``--debug`` may stand anywhere.

    Returns
    -------
    int
        The exit code.
    """
    is_debugging = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    try:
        ended = app(args=arguments or ["--help"], prog_name="glassnet", standalone_mode=False)
    except BrokenPipeError:
        # Whoever was reading has gone, as `head` does; nobody is left to tell. Python flushes
        # standard output once more as it ends, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if is_debugging:
            raise
        from glassnet.cli.console import print_error

        message, code = _explain(error)
        print_error(message)
        return code
    if ended == 130:  # Typer's translation of Ctrl-C
        raise KeyboardInterrupt
    return ended if isinstance(ended, int) else 0


def _explain(error: Exception) -> tuple[str, int]:
    """Return one line, and 2 for a mistake of the user's or 1 for a failure."""
    if hasattr(error, "format_message"):  # Typer's own: an option or command it does not know
        message = " ".join(str(error.format_message()).split())
        return f"{message} (see glassnet --help)", 2
    if isinstance(error, StoppedError):
        return str(error), 130
    if isinstance(error, GlassnetError):
        is_failure = isinstance(error, NotFiniteError) or type(error) is GlassnetError
        return " ".join(str(error).split()), 1 if is_failure else 2
    if isinstance(error, MemoryError):
        return f"not enough memory ({error}); choose smaller --hidden or --batch-size", 2
    return f"unexpected {type(error).__name__}: {error} (--debug shows where)", 1
