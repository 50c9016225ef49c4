"""``glassnet evaluate``: the accuracy of a model on held-out images."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

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
from glassnet.errors import GlassnetError
from glassnet.evaluation.report import Report
from glassnet.models.shipped import NAMES
from glassnet.runs.evaluate import Evaluation
from glassnet.runs.pictures import draw_report

N_SHOWN = 5


def evaluate(
    model: Annotated[str, typer.Argument(help=MODEL_HELP)] = NAMES[0],
    data: OtherDataOption = None,
    label: LabelOption = None,
    shape: ShapeOption = None,
    max_bytes: MaxBytesOption = MAX_BYTES,
    shifts: ShiftsOption = 0,
    pictures: Annotated[
        Path | None,
        typer.Option(help="Write confusion.png, mistakes.png and reliability.png to this folder."),
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Evaluate a model on the test set of its run, or on other data.

    Images seen in training or validation are left out. Exits with status 1 if none remains.
    """
    console = text_console(quiet=quiet, as_json=as_json)
    measured = fetch_and_evaluate(
        model, data, label=label, shape=shape, max_bytes=max_bytes, shifts=shifts, quiet=quiet
    )
    name, report, training_hashes = measured.data, measured.report, measured.training_hashes
    console.print(f"{model} on {name}", markup=False)
    if training_hashes is None:
        console.print("No record of the training images: cannot check for leakage")
    elif not report.n:
        print_error(describe_leaks(report))
    elif report.n_in_training:
        console.print(describe_leaks(report))
    _print_report(report, console)
    rejected = _count_rejected(measured)
    if rejected["n_refused"] is not None and report.n:
        console.print(
            f"\nRejected {rejected['n_refused']:,} images with a confidence below "
            f"{measured.model.threshold:g}; accuracy on the others "
            f"{percent(rejected['accuracy_of_rest'])}"
        )
    if pictures is not None:
        try:
            pictures.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GlassnetError(
                f"--pictures: cannot create {pictures} ({error.strerror})"
            ) from error
        draw_report(report, measured.split, pictures)
        names = ("confusion.png", "mistakes.png", "reliability.png")
        console.print(f"Wrote {', '.join(str(pictures / name) for name in names)}")
    if as_json:
        content = {"model": model, "data": name, **report.to_dict(), **rejected}
        print_json(content | ({"n_leaked": None} if training_hashes is None else {}))
    return 0 if report.n else 1


def _count_rejected(measured: Evaluation) -> dict[str, Any]:
    """Count the images below the confidence threshold, and compute the accuracy on the rest."""
    if measured.model.threshold is None:
        return {"n_refused": None, "accuracy_of_rest": None}
    rows = measured.rows
    probabilities, labels = measured.probabilities[rows], measured.split.labels[rows]
    is_accepted = ~measured.model.is_unsure(probabilities)
    is_correct = probabilities.argmax(axis=1) == labels
    return {
        "n_refused": int(np.count_nonzero(~is_accepted)),
        "accuracy_of_rest": float(is_correct[is_accepted].mean()) if is_accepted.any() else None,
    }


def _print_report(report: Report, console: Console) -> None:
    if report.accuracy_interval is None:
        return
    low, high = report.accuracy_interval
    console.print(
        f"[bold]Accuracy[/] [bold blue]{percent(report.accuracy)}[/] of {report.n:,} images "
        f"(95% interval {percent(low)} to {percent(high)}), loss {report.loss:.4f}\n"
        f"Expected calibration error {percent(report.calibration_error)} "
        f"({len(report.reliability)} bins)\n"
    )
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for head in ("class", "precision", "recall", "F1", "images"):
        table.add_column(head, justify="right")
    for score in report.per_class:
        shares = (percent(share) for share in (score.precision, score.recall, score.f1))
        table.add_row(str(score.label), *shares, f"{score.n:,}")
    console.print(table)
    if report.confusions:
        console.print("\n[bold]Most frequent confusions[/]")
    for confusion in report.confusions[:N_SHOWN]:
        console.print(
            f"  {confusion.label} classified as {confusion.prediction}: {confusion.count} times"
        )
    if report.mistakes:
        console.print("\n[bold]Most confident mistakes[/]")
    for mistake in report.mistakes[:N_SHOWN]:
        console.print(
            f"  image {mistake.index}: {mistake.label} classified as {mistake.prediction}, "
            f"probability {mistake.probability:.4f}"
        )
