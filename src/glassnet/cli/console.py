"""What the terminal shows: consoles, a progress bar, and how numbers are written."""

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


def talker(*, quiet: bool, as_json: bool) -> Console:
    """Choose where words for people go.

    Parameters
    ----------
    quiet : bool
        Nowhere.
    as_json : bool
        Standard output then belongs to JSON: words go to a terminal on standard error, if there
        is one.

    Returns
    -------
    Console
        To print on.
    """
    if quiet or (as_json and not err.is_terminal):
        return Console(quiet=True)
    return err if as_json else out


def complain(message: str) -> None:
    """Say in one line on standard error what went wrong.

    Parameters
    ----------
    message : str
        What.
    """
    err.print(f"glassnet: {message}", style="bold red", markup=False, highlight=False)


def print_json(content: dict[str, Any] | list[dict[str, Any]]) -> None:
    """Print one JSON object, or a list of them, on standard output.

    Parameters
    ----------
    content : dict or list of dict
        Numbers, strings, lists, dictionaries, None.
    """
    # Not through Rich, which would read :smile: in a path as a picture.
    print(json.dumps(content, allow_nan=False), flush=True)  # noqa: T201


@contextmanager
def training_progress(
    training: Training, console: Console
) -> Iterator[Callable[[EpochRecord], None]]:
    """Show a bar that moves with every step, in a terminal.

    Parameters
    ----------
    training : Training
        The run to show.
    console : Console
        Where to show it.

    Yields
    ------
    callable
        Prints a line for the record of an epoch.
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
    """Epoch, loss and accuracy so far, read from the training whenever the bar is drawn."""

    def __init__(self, training: Training) -> None:
        self.training = training
        super().__init__()

    def render(self, task: Task) -> Text:
        """Read the position of the run, and move the bar to it."""
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
    """Write an epoch down in one line.

    Parameters
    ----------
    record : EpochRecord
        What it did.
    n_epochs : int
        Of how many.

    Returns
    -------
    str
        Loss and accuracy, and those of the validation part where there is one.
    """
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


def print_row(console: Console, head: str, text: str) -> None:
    """Print a line that begins with a word in bold; the rest is taken as it is.

    Parameters
    ----------
    console : Console
        Where.
    head : str
        The word.
    text : str
        What it is about; may hold paths.
    """
    console.print(f"[bold]{head:<8}[/] {escape(text)}")


def leaks(report: Report) -> str:
    """Say how many images a model had seen before it was measured on the others.

    Parameters
    ----------
    report : Report
        With at least one such image.

    Returns
    -------
    str
        One sentence.
    """
    n, n_in_training = report.n + report.n_in_training, report.n_in_training
    rest = f"accuracy is over the other {report.n:,}" if report.n else "there is no accuracy"
    verb = "was" if n_in_training == 1 else "were"
    return f"{n_in_training:,} of {n:,} test images {verb} seen in training or validation; {rest}"


def percent(share: float | None) -> str:
    """Write a share as a percentage.

    Parameters
    ----------
    share : float or None
        From 0 to 1.

    Returns
    -------
    str
        With two decimals; a dash for None.
    """
    return "-" if share is None else f"{share:.2%}"
