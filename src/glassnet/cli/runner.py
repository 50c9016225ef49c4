"""Runner: training of a run, or of each member of an ensemble, with progress output."""

from pathlib import Path
from typing import Any

from rich.console import Console

from glassnet.cli.console import (
    describe_leaks,
    percent,
    print_error,
    print_row,
    print_warning,
    training_progress,
)
from glassnet.data.dataset import Dataset
from glassnet.errors import GlassnetError
from glassnet.evaluation.report import Report
from glassnet.runs.ensemble_run import EnsembleRun
from glassnet.runs.run import Run


def resume_run(folder: Path, *, quiet: bool) -> Run | EnsembleRun:
    """Resume the run or ensemble in a folder; print its warning unless `quiet`."""
    if EnsembleRun.is_ensemble(folder):
        return EnsembleRun.resume(folder)
    run, warning = Run.resume(folder)
    if warning and not quiet:
        print_warning(warning)
    return run


def run_to_end(job: Run | EnsembleRun, console: Console) -> tuple[dict[str, Any], Report | None]:
    """Train a run or an ensemble to completion; return the result of `Run.finish`."""
    if isinstance(job, EnsembleRun):
        for number, member, warning in job.unfinished():
            if warning and not console.quiet:
                print_warning(warning)
            print_row(console, "Member", f"{number} of {len(job.folders)}")
            try:
                run_to_end(member, console)
            except GlassnetError as error:  # its message advises to resume the member
                message = str(error).replace(f"--resume {member.folder}", f"--resume {job.folder}")
                raise type(error)(message) from error
        metrics, report = job.finish()
    else:
        with job as run:
            _print_configuration(run, console)
            with training_progress(run.training, console) as show_epoch:
                for record in run.train():
                    show_epoch(record)
            metrics, report = run.finish()
    _print_results(job.folder, report, console)
    return metrics, report


def _print_configuration(run: Run, console: Console) -> None:
    """Print the data, network and recipe of a run."""
    chosen = run.config.recipe
    rows = {
        "Data": _describe(run.dataset),
        "Network": repr(run.training.network).removeprefix("Network(").removesuffix(")"),
        "Recipe": (
            f"{chosen.name}: {chosen.optimizer}, learning rate {chosen.learning_rate:g}, "
            f"{chosen.schedule}, batch size {chosen.batch_size}, "
            f"{run.training.epochs} {'epoch' if run.training.epochs == 1 else 'epochs'}, "
            f"seed {run.config.seed}"
        ),
    }
    for heading, text in rows.items():
        print_row(console, heading, text)
    if run.training.step:
        done = f"{len(run.records)} epochs and {run.training.step:,} steps"
        print_row(console, "Resumed", f"{run.folder}, after {done}")


def _print_results(folder: Path, report: Report | None, console: Console) -> None:
    """Print the test result and the files of a run."""
    if report is not None:
        if report.n_in_training:
            if report.n:
                print_row(console, "Leaked", describe_leaks(report))
            else:
                print_error(describe_leaks(report))
        if report.accuracy_interval is not None:
            low, high = report.accuracy_interval
            console.print(
                f"[bold]{'Test':<8}[/] [bold blue]{percent(report.accuracy)}[/] of {report.n:,} "
                f"held-out images (95% interval {percent(low)} to {percent(high)}), "
                f"loss {report.loss:.4f}"
            )
    files = ", ".join(
        sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    )
    print_row(console, "Run", f"{folder}: {files}")


def _describe(dataset: Dataset) -> str:
    height, width = dataset.train.images.shape[1:]
    parts = (
        ("training", dataset.train),
        ("validation", dataset.validation),
        ("test", dataset.test),
    )
    counts = ", ".join(f"{len(split):,} {name}" for name, split in parts if split is not None)
    return f"{dataset.name}: {counts} images of {height} x {width}, {dataset.n_classes} classes"
