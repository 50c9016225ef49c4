"""Options shared by several commands, and downloads with a progress bar."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from glassnet.cli.console import err
from glassnet.data.sources.locate import fetch
from glassnet.errors import ConfigError

LabelOption = Annotated[
    str | None,
    typer.Option(help="Label column of a table: its name, or first or last in a CSV file."),
]
MODEL_HELP = "A run's folder, a model file, or a shipped model: mnist, mnist-small."
ShiftsOption = Annotated[
    int,
    typer.Option(
        help="Average the probabilities over shifts of each image by up to this many pixels.", min=0
    ),
]
ShapeOption = Annotated[
    str | None,
    typer.Option(help="HEIGHT,WIDTH of the images in a CSV file, if they are not square."),
]
MaxBytesOption = Annotated[
    int, typer.Option(help="Limit on the unpacked size of a file, in bytes.", min=1)
]
OtherDataOption = Annotated[
    str | None,
    typer.Option(
        help="Name or path of another dataset; its test set is used, or all images if it has none."
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def parse_shape(text: str | None) -> tuple[int, int] | None:
    """Parse height and width from the text of ``--shape``, such as ``28,20``."""
    if text is None:
        return None
    try:
        height, width = (int(side) for side in text.split(","))
    except ValueError:
        height = width = 0
    if height < 1 or width < 1:
        raise ConfigError(f"--shape: needs height and width above 0, such as 28,20, got {text!r}")
    return height, width


def fetch_with_progress(name: str, *, quiet: bool = False) -> Path:
    """Download a dataset if it is missing, with a progress bar in a terminal."""
    if quiet or not err.is_terminal:
        return fetch(name)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(complete_style="blue", finished_style="blue"),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(f"downloading {name}", total=None, visible=False)

        def report(n_bytes: int, total: int) -> None:
            progress.update(task, completed=n_bytes, total=total, visible=True)

        return fetch(name, report)
