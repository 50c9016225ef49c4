"""Running: train a run, or the runs of an ensemble one after another, and show progress."""

from pathlib import Path
from typing import Any

from rich.console import Console

from glassnet.cli.console import complain, err, leaks, percent, print_row, training_progress
from glassnet.data.dataset import Dataset
from glassnet.errors import GlassnetError
from glassnet.evaluation.report import Report
from glassnet.runs.ensemble_run import EnsembleRun
from glassnet.runs.run import Run


def resume_run(folder: Path, *, quiet: bool) -> Run | EnsembleRun:
    """Go on with what a folder holds.

    Parameters
    ----------
    folder : Path
        Of a run, or of an ensemble.
    quiet : bool
        Whether to keep a warning to oneself.

    Returns
    -------
    Run or EnsembleRun
        Where it was stopped.

    Raises
    ------
    GlassnetError
        If there is no such thing, or it cannot be taken up.
    """
    if EnsembleRun.is_ensemble(folder):
        return EnsembleRun.resume(folder)
    run, warning = Run.resume(folder)
    if not quiet:
        _warn(warning)
    return run


def run_to_end(job: Run | EnsembleRun, console: Console) -> tuple[dict[str, Any], Report | None]:
    """Train to the end, save and test, and say so.

    Parameters
    ----------
    job : Run or EnsembleRun
        Ready.
    console : Console
        Where to say it.

    Returns
    -------
    metrics : dict
        What ``metrics.json`` holds.
    report : Report or None
        On the test part; None without one.
    """
    if isinstance(job, EnsembleRun):
        for number, member, warning in job.unfinished():
            if not console.quiet:
                _warn(warning)
            print_row(console, "Member", f"{number} of {len(job.folders)}")
            try:
                run_to_end(member, console)
            except GlassnetError as error:  # what it advises is for one network
                whole = str(error).replace(f"--resume {member.folder}", f"--resume {job.folder}")
                raise type(error)(whole) from error
        metrics, report = job.finish()
    else:
        with job as run:
            _introduce(run, console)
            with training_progress(run.training, console) as show_epoch:
                for record in run.train():
                    show_epoch(record)
            metrics, report = run.finish()
    _conclude(job.folder, report, console)
    return metrics, report


def _warn(warning: str | None) -> None:
    if warning:
        err.print(warning, style="yellow", markup=False)


def _introduce(run: Run, console: Console) -> None:
    """Say what is about to be done, and where."""
    chosen = run.config.recipe
    rows = {
        "Data": _describe(run.dataset),
        "Network": repr(run.training.network).removeprefix("Network(").removesuffix(")"),
        "Recipe": (
            f"{chosen.name}: {chosen.optimizer}, learning rate {chosen.learning_rate:g}, "
            f"{chosen.schedule}, batches of {chosen.batch_size}, "
            f"{run.training.epochs} {'epoch' if run.training.epochs == 1 else 'epochs'}, "
            f"seed {run.config.seed}"
        ),
    }
    for head, text in rows.items():
        print_row(console, head, text)
    if run.training.step:
        done = f"{len(run.records)} epochs and {run.training.step:,} steps"
        print_row(console, "Resumed", f"{run.folder}, after {done}")


def _conclude(folder: Path, report: Report | None, console: Console) -> None:
    """Say what came of it."""
    if report is not None:
        if report.n_in_training:
            if report.n:
                print_row(console, "Leaked", leaks(report))
            else:
                complain(leaks(report))
        if report.accuracy_interval is not None:
            low, high = report.accuracy_interval
            console.print(
                f"[bold]{'Test':<8}[/] [bold blue]{percent(report.accuracy)}[/] of {report.n:,} "
                f"images that it never saw (95 % interval {percent(low)} to {percent(high)}), "
                f"loss {report.loss:.4f}"
            )
    kept = ", ".join(
        sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    )
    print_row(console, "Run", f"{folder}: {kept}")


def _describe(dataset: Dataset) -> str:
    height, width = dataset.train.images.shape[1:]
    parts = (
        ("training", dataset.train),
        ("validation", dataset.validation),
        ("test", dataset.test),
    )
    counts = ", ".join(f"{len(split):,} {name}" for name, split in parts if split is not None)
    return f"{dataset.name}: {counts} images of {height} x {width}, {dataset.n_classes} classes"
