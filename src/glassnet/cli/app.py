"""Typer application: the commands and their exit statuses."""

import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from glassnet import __version__
from glassnet.errors import GlassnetError, NotFiniteError, StoppedError

# One line of help per command; the module glassnet.cli.NAME defines it.
COMMANDS = {
    "train": "Train a network, test it on held-out images, and save the run in a folder.",
    "evaluate": "Evaluate a model on the test set of its run, or on other data.",
    "report": "Write an HTML report on a model.",
    "predict": "Read handwriting with a trained model: photos, drawings, pages or tables.",
    "ensemble": "Combine models into an ensemble that averages their probabilities.",
    "diagnose": "Diagnose a training run: causes, evidence and suggested experiments.",
    "explain": "Trace one training step on one image and explain each value.",
    "lab": "Open the Lab: a web page for drawing, tracing, training and diagnosing.",
    "gradcheck": "Compare the gradients from backpropagation with central differences.",
    "doctor": "Show the processor, BLAS and threads in use, their speed, and any slowdowns.",
    "data": "List, download and describe datasets.",
    "runs": "List, show and compare training runs.",
}


class Commands(TyperGroup):
    """A group of commands imported on first use, so that ``--help`` imports none of them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # see get_command

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's signature
        """Import a command; return None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"glassnet.cli.{cmd_name}"), cmd_name)
        if not isinstance(command, typer.Typer):
            function, command = command, typer.Typer(add_completion=False, rich_markup_mode=None)
            command.command(cmd_name)(function)
        return typer.main.get_command(command)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's signature
        """Write the commands and their help."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    name="glassnet",
    cls=Commands,
    help="A neural network for handwritten digits, written from scratch in NumPy.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(is_requested: bool) -> None:
    if is_requested:
        typer.echo(f"glassnet {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback on errors.")] = False,
) -> None:
    pass


def run(arguments: list[str]) -> int:
    """Run a command and return its exit status; ``--debug`` may appear anywhere."""
    is_debugging = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    try:
        status = app(args=arguments or ["--help"], prog_name="glassnet", standalone_mode=False)
    except BrokenPipeError:
        # The reader has closed the pipe, as `head` does. Python flushes standard output
        # once more at exit, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if is_debugging:
            raise
        from glassnet.cli.console import print_error

        message, code = _explain(error)
        print_error(message)
        return code
    if status == 130:  # Typer's translation of Ctrl-C
        raise KeyboardInterrupt
    return status if isinstance(status, int) else 0


def _explain(error: Exception) -> tuple[str, int]:
    """Return a one-line message and the exit status: 2 for a usage error, 1 for a failure."""
    if hasattr(error, "format_message"):  # Typer's: an unknown option or command
        message = " ".join(str(error.format_message()).split())
        return f"{message} (see glassnet --help)", 2
    if isinstance(error, StoppedError):
        return str(error), 130
    if isinstance(error, GlassnetError):
        is_failure = isinstance(error, NotFiniteError) or type(error) is GlassnetError
        return " ".join(str(error).split()), 1 if is_failure else 2
    if isinstance(error, MemoryError):
        return f"not enough memory ({error}); choose a smaller --hidden or --batch-size", 2
    return f"unexpected {type(error).__name__}: {error} (--debug shows the traceback)", 1
