"""``glassnet runs``: list, show and compare training runs."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from glassnet.cli.console import out, percent, print_json
from glassnet.cli.options import JsonOption
from glassnet.errors import ConfigError
from glassnet.evaluation.curves import draw_overlay
from glassnet.files import write_atomically
from glassnet.runs.folder import HISTORY, RUNS
from glassnet.runs.history import read_histories
from glassnet.runs.summary import Summary, list_runs, summarize

RESULTS = (
    "epochs",
    "seconds",
    "train_accuracy",
    "validation_accuracy",
    "test_accuracy",
    "test_loss",
    "n_test",
)

runs = typer.Typer(
    help="List, show and compare training runs.",
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
)


@runs.command("list")
def list_all(
    folder: Annotated[Path, typer.Argument(help="Folder that contains the runs.")] = RUNS,
    as_json: JsonOption = False,
) -> int:
    """List the runs in a folder, newest first."""
    found = list_runs(folder)
    if as_json:
        print_json({"runs": [summary.to_dict() for summary in found]})
        return 0
    if not found:
        out.print(f"No runs in {folder}. Start one with: glassnet train", markup=False)
        return 0
    table = _table("run", "state", "data", "epochs", "test accuracy")
    for summary in found:
        table.add_row(
            summary.run,
            summary.state,
            Path(str(summary.options.get("data", "-"))).name,
            str(summary.epochs),
            percent(summary.metrics.get("test_accuracy")),
        )
    out.print(table)
    return 0


@runs.command("show")
def show(
    run: Annotated[Path, typer.Argument(help="A run's folder.")],
    as_json: JsonOption = False,
) -> int:
    """Show the configuration and results of a run."""
    summary = summarize(run)
    if as_json:
        print_json(summary.to_dict())
        return 0
    out.print(f"{run}: {summary.state}, {summary.epochs} epochs", markup=False)
    _print_pairs(out, "Options", summary.options)
    results = {name: summary.metrics[name] for name in RESULTS if name in summary.metrics}
    _print_pairs(out, "Results", results)
    files = ", ".join(sorted(path.name for path in run.iterdir() if path.name[0] != "."))
    out.print(f"\nFiles: {files}", markup=False)
    if (run / HISTORY).is_file():
        out.print(f"Epoch by epoch: {run / HISTORY}", markup=False)
    return 0


@runs.command("compare")
def compare(
    folders: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Folders of two or more runs.")
    ],
    curves: Annotated[
        Path | None,
        typer.Option(help="Plot loss and accuracy by epoch to this PNG file."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Compare the configurations and results of runs."""
    if len(folders) < 2:
        raise ConfigError(f"RUN: needs at least two runs, got {len(folders)}")
    if curves is not None and curves.suffix.lower() != ".png":
        raise ConfigError(f"--curves: needs a name that ends in .png, got {curves}")
    found = [summarize(folder) for folder in folders]
    if curves is not None:
        _draw_curves(folders, curves)
    names = dict.fromkeys(name for summary in found for name in summary.options)
    differing = [name for name in names if len({_format(s.options.get(name)) for s in found}) > 1]
    if as_json:
        print_json({"differing": differing, "runs": [summary.to_dict() for summary in found]})
        return 0
    table = _table("", *(summary.run for summary in found))
    for name in differing:
        table.add_row(name, *(_format(summary.options.get(name)) for summary in found))
    if not differing:
        table.add_row("options", *("same" for _ in found))
    table.add_section()
    for name in RESULTS:
        table.add_row(name, *(_format_result(summary, name) for summary in found))
    out.print(table)
    if curves is not None:
        out.print(f"\nWrote {curves}", markup=False)
    return 0


def _draw_curves(folders: list[Path], path: Path) -> None:
    """Draw the learning curves of all runs, and of each member of an ensemble."""
    histories = [read_histories(folder) for folder in folders]
    for folder, history in zip(folders, histories, strict=True):
        if not history:
            raise ConfigError(f"--curves: needs a {HISTORY} in {folder}, got none")
    curves = {name: records for history in histories for name, records in history.items()}
    write_atomically(path, draw_overlay(curves))


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _print_pairs(console: Console, heading: str, pairs: dict[str, Any]) -> None:
    console.print(f"\n{heading}", style="bold")
    for name, value in pairs.items():
        shown = percent(value) if name.endswith("accuracy") else _format(value)
        console.print(f"  {name:<22} {shown}", markup=False)


def _format_result(summary: Summary, name: str) -> str:
    value = summary.metrics.get(name)
    return percent(value) if name.endswith("accuracy") else _format(value)


def _format(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
