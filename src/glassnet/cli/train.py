"""``glassnet train``: train a network, test it, and save the run in a folder."""

from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli.console import print_json, print_warning, text_console
from glassnet.cli.hyperparameter_options import with_hyperparameters
from glassnet.cli.options import (
    JsonOption,
    LabelOption,
    MaxBytesOption,
    QuietOption,
    ShapeOption,
    fetch_with_progress,
    parse_shape,
)
from glassnet.cli.runner import resume_run, run_to_end
from glassnet.data.dataset import VALIDATION_FRACTION
from glassnet.data.readers.gzip_io import MAX_BYTES
from glassnet.errors import ConfigError, DataNotFoundError
from glassnet.recipe import Recipe
from glassnet.recipes import RECIPES
from glassnet.runs.configure import configure
from glassnet.runs.ensemble_run import EnsembleRun
from glassnet.runs.folder import METRICS
from glassnet.runs.run import Run
from glassnet.runs.summary import read_metrics

FALLBACK = "sample"


@with_hyperparameters(Recipe, after="recipe")
def train(
    context: typer.Context,
    data: Annotated[
        str,
        typer.Option(
            help="Name of a dataset (mnist, sample, ...; see glassnet data list), or a path: a "
            "folder of IDX or Parquet files, or a CSV, zip, npz or Parquet file."
        ),
    ] = "mnist",
    recipe: Annotated[
        str, typer.Option(help=f"Recipe to start from: {', '.join(RECIPES)}.")
    ] = "fast",
    corrupt: Annotated[
        str | None,
        typer.Option(help="Corrupt the data on purpose: few, labels, leak or sorted; or none."),
    ] = None,
    validation: Annotated[
        float,
        typer.Option(
            help="Fraction of training images to hold out for validation.  [default: a twelfth]",
            show_default=False,
        ),
    ] = VALIDATION_FRACTION,
    test: Annotated[
        float | None,
        typer.Option(
            help="Fraction of the images to hold out for testing, if the dataset has no test set."
        ),
    ] = None,
    label: LabelOption = None,
    shape: ShapeOption = None,
    max_bytes: MaxBytesOption = MAX_BYTES,
    seed: Annotated[
        int, typer.Option(help="Seed for the split, initialisation and shuffling.")
    ] = 0,
    out: Annotated[
        Path | None, typer.Option(help="New folder for the run.  [default: runs/<recipe>-<n>]")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Resume the run in this folder; its configuration is kept.")
    ] = None,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Do not draw figures.")
    ] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    **overrides: Any,
) -> int:
    """Train a network, test it on held-out images, and save the run in a folder."""
    console = text_console(quiet=quiet, as_json=as_json)
    if resume is not None:
        _check_no_other_options(context)
        if Run.is_finished(resume):
            console.print(f"{resume} is already finished.", markup=False)
            if as_json:
                print_json(read_metrics(resume / METRICS))
            return 0
        job = resume_run(resume, quiet=quiet)
    else:

        def start(source: str) -> Run | EnsembleRun:
            config = configure(
                recipe,
                source,
                validation=validation,
                test=test,
                seed=seed,
                label=label,
                shape=parse_shape(shape),
                max_bytes=max_bytes,
                pictures=not no_pictures,
                corrupt=None if corrupt == "none" else corrupt,
                **overrides,
            )
            fetch_with_progress(source, quiet=quiet)
            return (EnsembleRun if config.recipe.members else Run).start(config, out)

        try:
            job = start(data)
        except DataNotFoundError as error:
            if data != "mnist":
                raise
            # Even with --quiet, because the data are not those that the user named.
            print_warning(f"{error}. Using {FALLBACK} instead.")
            job = start(FALLBACK)
    metrics, report = run_to_end(job, console)
    if as_json:
        print_json(metrics)
    return 1 if report is not None and not report.n else 0


def _check_no_other_options(context: typer.Context) -> None:
    """Raise if options that would change the run are given with --resume."""
    allowed = {"resume", "quiet", "as_json"}
    for name in context.params:
        source = context.get_parameter_source(name)
        if name not in allowed and source is not None and source.name == "COMMANDLINE":
            raise ConfigError(
                f"--{name.replace('_', '-')}: needs a new run, got --resume, which keeps the "
                "configuration of the run; leave it out"
            )
