"""Output of the commands: consoles, messages, progress bar and number formats."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from glassnet.evaluation.report import Report
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.training import Training

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def text_console(*, quiet: bool, as_json: bool) -> Console:
    """Return a console for text: standard output, or a silent console.

    With `as_json`, standard output is reserved for JSON, and text goes to standard error if that
    is a terminal.
    """
    if quiet or (as_json and not err.is_terminal):
        return Console(quiet=True)
    return err if as_json else out


def print_error(message: str) -> None:
    """Print an error to standard error."""
    err.print(f"glassnet: {message}", style="bold red", markup=False, highlight=False)


def print_warning(message: str) -> None:
    """Print a warning to standard error."""
    err.print(f"glassnet: {message}", style="yellow", markup=False)


def print_json(content: dict[str, Any] | list[dict[str, Any]]) -> None:
    """Print one JSON object, or a list of them, to standard output."""
    # Not through Rich, which would turn :smile: in a path into an emoji.
    print(json.dumps(content, allow_nan=False), flush=True)  # noqa: T201


@contextmanager
def training_progress(
    training: Training, console: Console
) -> Iterator[Callable[[EpochRecord], None]]:
    """Show a progress bar that is updated at every step, if the output is a terminal.

    Yields
    ------
    callable
        Prints the record of an epoch on one line.
    """
    n_epochs = training.epochs
    with Progress(
        _Position(training),
        BarColumn(complete_style="blue", finished_style="blue"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        progress.add_task("", total=n_epochs)
        yield lambda record: console.print(epoch_line(record, n_epochs), markup=False)


class _Position(ProgressColumn):
    """Column with the epoch, running loss and accuracy, read whenever the bar is drawn."""

    def __init__(self, training: Training) -> None:
        self.training = training
        super().__init__()

    def render(self, task: Task) -> Text:
        """Return the text, and move the bar to the current step."""
        training, stats = self.training, self.training.monitor.stats
        n_samples, size = len(training.images), training.batch_size
        n_seen = min(n_samples, training.batch * size)
        task.completed = training.epoch + n_seen / n_samples
        epoch = min(training.epoch + 1, training.epochs)
        text = f"epoch {epoch}/{training.epochs}"
        if n_seen:
            text += (
                f"  loss {stats.total_loss / n_seen:.4f}  accuracy {stats.n_correct / n_seen:.2%}"
            )
        return Text(text)


def epoch_line(record: EpochRecord, n_epochs: int) -> str:
    """Format the record of an epoch as a line of text."""
    width = len(str(n_epochs))
    line = (
        f"epoch {record.epoch:>{width}}/{n_epochs}"
        f"   loss {record.train_loss:.4f}  accuracy {record.train_accuracy:7.2%}"
    )
    if record.validation_loss is not None:
        line += (
            f"   validation loss {record.validation_loss:.4f}"
            f"  accuracy {record.validation_accuracy:7.2%}"
        )
    return line + f"   {record.images_per_second:>9,.0f} images/s"


def print_row(console: Console, heading: str, text: str) -> None:
    """Print a line with a bold heading; `text` is not interpreted as markup."""
    console.print(f"[bold]{heading:<8}[/] {escape(text)}")


def describe_leaks(report: Report) -> str:
    """Describe in one sentence how many test images were seen in training or validation."""
    n, n_in_training = report.n + report.n_in_training, report.n_in_training
    rest = f"the accuracy is that of the other {report.n:,}" if report.n else "no accuracy computed"
    verb = "was" if n_in_training == 1 else "were"
    return f"{n_in_training:,} of {n:,} test images {verb} seen in training or validation; {rest}"


def percent(fraction: float | None) -> str:
    """Format a fraction as a percentage with two decimal places, and None as a dash."""
    return "-" if fraction is None else f"{fraction:.2%}"
