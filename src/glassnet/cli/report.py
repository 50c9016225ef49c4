"""``glassnet report``: write an HTML report on a model."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.console import describe_leaks, percent, print_error, print_json, text_console
from glassnet.cli.evaluation import fetch_and_evaluate
from glassnet.cli.options import (
    MODEL_HELP,
    JsonOption,
    LabelOption,
    MaxBytesOption,
    OtherDataOption,
    QuietOption,
    ShapeOption,
    ShiftsOption,
)
from glassnet.data.readers.gzip_io import MAX_BYTES
from glassnet.errors import ConfigError
from glassnet.evaluation.html_report.page import START, write_page
from glassnet.files import write_atomically
from glassnet.models.files import MODEL
from glassnet.models.shipped import NAMES
from glassnet.runs.reporting import gather

PAGE = "report.html"


def report(
    model: Annotated[str, typer.Argument(metavar="RUN", help=MODEL_HELP)],
    data: OtherDataOption = None,
    label: LabelOption = None,
    shape: ShapeOption = None,
    max_bytes: MaxBytesOption = MAX_BYTES,
    shifts: ShiftsOption = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            help="HTML file to write.  [default: report.html in the run's folder; NAME-report.html "
            "next to a model file, or in the current folder for a shipped model]"
        ),
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Write an HTML report on a model.

    The page works offline. An earlier report is overwritten; any other file is not. Exits with
    status 1 if all images were seen in training or validation.
    """
    console = text_console(quiet=quiet, as_json=as_json)
    out = out or _default_path(model)
    _check_output(out)
    measured = fetch_and_evaluate(
        model, data, label=label, shape=shape, max_bytes=max_bytes, shifts=shifts, quiet=quiet
    )
    options = (
        ("--data", data),
        ("--label", label),
        ("--shape", shape),
        ("--max-bytes", max_bytes if max_bytes != MAX_BYTES else None),
        ("--shifts", shifts or None),
    )
    typed = [str(part) for name, value in options if value is not None for part in (name, value)]
    command = shlex.join(["glassnet", "report", model, *typed])
    page = write_page(gather(model, measured, command, shifts)).encode()
    write_atomically(out, page)
    found = measured.report
    if not found.n:
        print_error(describe_leaks(found))
    else:
        console.print(
            f"{percent(found.accuracy)} of {found.n:,} images: {measured.data}", markup=False
        )
    console.print(f"Wrote {out} ({len(page) / 1e3:,.0f} kB); open it in a browser", markup=False)
    if as_json:
        n_in_training = None if measured.training_hashes is None else found.n_in_training
        print_json(
            {
                "report": str(out),
                "model": model,
                "data": measured.data,
                "accuracy": found.accuracy,
                "n": found.n,
                "n_leaked": n_in_training,
                "bytes": len(page),
            }
        )
    return 0 if found.n else 1


def _default_path(model: str) -> Path:
    """Return the default path for the report."""
    if model in NAMES:
        return Path(f"{model}-{PAGE}")
    path = Path(model)
    if path.is_file() and path.name != MODEL:
        return path.with_name(f"{path.stem}-{PAGE}")
    return (path.parent if path.is_file() else path) / PAGE


def _check_output(out: Path) -> None:
    """Raise if the file exists and is not a report."""
    if out.is_dir():
        raise ConfigError(f"--out: needs a file, got the folder {out}")
    if not out.exists():
        return
    with out.open("rb") as file:
        if file.read(len(START)) != START.encode():
            raise ConfigError(
                f"--out: needs a new file or an earlier report, got {out}; choose another name"
            )
