"""The application: its commands, and how it ends."""

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from glassnet import __version__
from glassnet.cli.console import complain
from glassnet.cli.data import data
from glassnet.cli.doctor import doctor
from glassnet.cli.evaluate import evaluate
from glassnet.cli.gradcheck import gradcheck
from glassnet.cli.predict import predict
from glassnet.cli.runs import runs
from glassnet.cli.train import train
from glassnet.errors import GlassnetError, NotFiniteError, StoppedError

COMMANDS: dict[str, Callable[..., int]] = {
    "train": train,
    "evaluate": evaluate,
    "predict": predict,
    "gradcheck": gradcheck,
    "doctor": doctor,
}

app = typer.Typer(
    name="glassnet",
    help="A neural network you can see through: handwritten digits, from scratch, in NumPy.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)
app.add_typer(data, name="data")
app.add_typer(runs, name="runs")


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
        message, code = _explain(error)
        complain(message)
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
