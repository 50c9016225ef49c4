"""``glassnet data``: list, download and describe datasets."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from glassnet.cli.console import print_json, text_console
from glassnet.cli.options import (
    JsonOption,
    LabelOption,
    MaxBytesOption,
    QuietOption,
    ShapeOption,
    fetch_with_progress,
    parse_shape,
)
from glassnet.data.dataset import Split
from glassnet.data.readers.gzip_io import MAX_BYTES
from glassnet.data.sources.load import read_parts
from glassnet.data.sources.locate import find
from glassnet.data.sources.registry import REGISTRY, RegistryEntry
from glassnet.errors import ConfigError, DataNotFoundError, MissingExtraError, did_you_mean

data = typer.Typer(
    help="List, download and describe datasets.",
    add_completion=False,
    rich_markup_mode=None,
)


@data.command("list")
def list_names(
    as_json: JsonOption = False,
) -> int:
    """List the named datasets."""
    rows = {name: _entry(name, entry) for name, entry in REGISTRY.items()}
    console = text_console(quiet=False, as_json=as_json)
    for name, row in rows.items():
        console.print(f"[bold]{name:<14}[/] {row['state']}", highlight=False)
        console.print(f"{'':<14} {row['credits']}; {row['licence']}", markup=False)
    if as_json:
        print_json({"datasets": rows})
    return 0


@data.command()
def fetch(
    name: Annotated[str, typer.Argument(help="Name of a dataset; see glassnet data list.")],
    quiet: QuietOption = False,
) -> int:
    """Download a dataset into the cache if it is missing."""
    if name not in REGISTRY:
        hint = did_you_mean(name, REGISTRY)
        raise ConfigError(
            f"NAME: needs one of {', '.join(REGISTRY)}, got {name!r}{'.' if hint else ''}{hint}"
        )
    path = fetch_with_progress(name, quiet=quiet)
    console = text_console(quiet=quiet, as_json=False)
    entry = REGISTRY[name]
    console.print(f"{name}: {path}", markup=False)
    console.print(f"Credits: {entry.credits}; {entry.licence}", markup=False)
    return 0


@data.command()
def info(
    name: Annotated[str, typer.Argument(help="Name or path of a dataset.")],
    label: LabelOption = None,
    shape: ShapeOption = None,
    max_bytes: MaxBytesOption = MAX_BYTES,
    as_json: JsonOption = False,
) -> int:
    """Describe a dataset: the number and size of its images, and the images per class."""
    fetch_with_progress(name)
    read = read_parts(name, label=label, shape=parse_shape(shape), max_bytes=max_bytes)
    parts = {"train": read.train} | ({} if read.test is None else {"test": read.test})
    n_classes = 1 + max(int(split.labels.max()) for split in parts.values())
    counts = {part: _counts(split, n_classes) for part, split in parts.items()}
    height, width = read.train.images.shape[1:]
    console = text_console(quiet=False, as_json=as_json)
    sizes = ", ".join(f"{len(split):,} {part}" for part, split in parts.items())
    console.print(
        f"{name}: {sizes} images of {height} x {width}, {n_classes} classes", markup=False
    )
    console.print(f"Source: {read.path}", markup=False)
    entry = REGISTRY.get(name)
    if entry is not None:
        console.print(f"Credits: {entry.credits}; {entry.licence}", markup=False)
    console.print(_table(counts))
    if as_json:
        print_json(
            {
                "name": name,
                "source": str(read.path),
                "image_shape": [height, width],
                "n_classes": n_classes,
                "parts": {
                    part: {"n": len(split), "per_class": counts[part]}
                    for part, split in parts.items()
                },
                "credits": None if entry is None else entry.credits,
                "licence": None if entry is None else entry.licence,
            }
        )
    return 0


def _entry(name: str, entry: RegistryEntry) -> dict[str, Any]:
    path: Path | None = None
    try:
        path = find(name)
        state = str(path)
    except MissingExtraError as error:
        state = f"not available: {str(error).removeprefix(f'{name}: ')}"
    except DataNotFoundError:
        size = f" ({entry.n_bytes / 1e6:.0f} MB)" if entry.n_bytes else ""
        state = f"not downloaded{size}"
    return {
        "path": None if path is None else str(path),
        "state": state,
        "download_bytes": entry.n_bytes,
        "credits": entry.credits,
        "licence": entry.licence,
    }


def _counts(split: Split, n_classes: int) -> list[int]:
    return [int(count) for count in np.bincount(split.labels, minlength=n_classes)]


def _table(counts: dict[str, list[int]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for head in ("class", *counts):
        table.add_column(head, justify="right")
    for label, row in enumerate(zip(*counts.values(), strict=True)):
        table.add_row(str(label), *(f"{count:,}" for count in row))
    return table
