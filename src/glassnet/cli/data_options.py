"""What commands that read data share: its options, and a bar while it is downloaded."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from glassnet.cli.console import err
from glassnet.data.sources.locate import fetch
from glassnet.errors import ConfigError

LabelOption = Annotated[
    str | None,
    typer.Option(help="The column of labels of a table: its name; of a CSV also first or last."),
]
WHICH_MODEL = "A run's folder, a model file, or one that comes with glassnet: mnist, mnist-small."
ShiftsOption = Annotated[
    int,
    typer.Option(help="Read each image also shifted by up to so many pixels, and average.", min=0),
]
ShapeOption = Annotated[
    str | None, typer.Option(help="HEIGHT,WIDTH of a CSV's images, where they are not square.")
]
MaxBytesOption = Annotated[
    int, typer.Option(help="Refuse files that unpack to more than this.", min=1)
]


def parse_shape(text: str | None) -> tuple[int, int] | None:
    """Read the option ``--shape``.

    Parameters
    ----------
    text : str or None
        As ``28,20``.

    Returns
    -------
    tuple of int or None
        Height and width.

    Raises
    ------
    ConfigError
        If it is something else.
    """
    if text is None:
        return None
    try:
        height, width = (int(side) for side in text.split(","))
    except ValueError:
        height = width = 0
    if height < 1 or width < 1:
        raise ConfigError(f"--shape: needs height and width above 0 as 28,20, got {text!r}")
    return height, width


def fetch_shown(name: str, *, quiet: bool = False) -> Path:
    """Find data, downloading it where it has a name and is not here; a terminal sees a bar.

    Parameters
    ----------
    name : str
        A dataset's name, or a path.
    quiet : bool
        Whether to show nothing.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    DataNotFoundError, MissingExtraError
        As from `glassnet.data.sources.locate.fetch`.
    """
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

        def tell(n_bytes: int, total: int) -> None:
            progress.update(task, completed=n_bytes, total=total, visible=True)

        return fetch(name, tell)
