"""``glassnet train``: data and a recipe in, a folder with a trained and tested model out."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from glassnet.cli.console import err, follow, percent, print_json, talker
from glassnet.cli.reading import (
    LabelOption,
    MaxBytesOption,
    ShapeOption,
    fetch_shown,
    parse_shape,
)
from glassnet.data.dataset import VALIDATION_FRACTION, Dataset
from glassnet.data.packed import MAX_BYTES
from glassnet.errors import ConfigError, DataNotFoundError
from glassnet.runs.config import configure
from glassnet.runs.run import Run

FALLBACK = "sample"


def train(
    data: Annotated[
        str,
        typer.Option(
            help="A name (mnist, sample, ...; see glassnet data list) or a path: a folder of IDX "
            "or Parquet files, CSV, zip, npz, Parquet."
        ),
    ] = "mnist",
    recipe: Annotated[str, typer.Option(help="The set-up to start from: fast or textbook.")] = (
        "fast"
    ),
    hidden: Annotated[
        str | None, typer.Option(help="Units of each hidden layer, as 256,128; or none.")
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(help="relu, sigmoid, tanh, ...: one name, or one for each hidden layer."),
    ] = None,
    initializer: Annotated[str | None, typer.Option(help="he, glorot or small.")] = None,
    loss: Annotated[str | None, typer.Option(help="cross_entropy or mean_squared_error.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd, nesterov, adam or adamw.")] = None,
    momentum: Annotated[float | None, typer.Option(help="Of sgd and nesterov, 0 to 1.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The highest rate.")] = None,
    schedule: Annotated[
        str | None, typer.Option(help="constant, step_decay or warmup_cosine.")
    ] = None,
    batch_size: Annotated[str | None, typer.Option(help="Images an update, or full.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training images.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="On weights, not biases.")] = None,
    validation: Annotated[
        float,
        typer.Option(
            help="Share of the training images held out to watch.  [default: a twelfth]",
            show_default=False,
        ),
    ] = VALIDATION_FRACTION,
    test: Annotated[
        float | None,
        typer.Option(help="Share held out for the test, for sets without a test part."),
    ] = None,
    label: LabelOption = None,
    shape: ShapeOption = None,
    max_bytes: MaxBytesOption = MAX_BYTES,
    seed: Annotated[int, typer.Option(help="Of split, initialisation and shuffling.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="A new folder for the run. [default: runs/<recipe>-<n>]")
    ] = None,
    no_pictures: Annotated[bool, typer.Option("--no-pictures", help="Numbers only.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Train a network, test it on images that it never saw, and keep it all in a folder."""
    console = talker(quiet=quiet, as_json=as_json)
    overrides: dict[str, Any] = {
        "hidden": _widths(hidden),
        "activation": None if activation is None else tuple(_names(activation)),
        "initializer": initializer,
        "loss": loss,
        "optimizer": optimizer,
        "momentum": momentum,
        "learning_rate": learning_rate,
        "schedule": schedule,
        "batch_size": _batch_size(batch_size),
        "epochs": epochs,
        "weight_decay": weight_decay,
    }

    def prepare(source: str) -> Run:
        config = configure(
            recipe,
            source,
            validation=validation,
            test=test,
            seed=seed,
            label=label,
            shape=parse_shape(shape),
            max_bytes=max_bytes,
            **overrides,
        )
        fetch_shown(source, quiet=quiet)
        return Run(config, out)

    try:
        run = prepare(data)
    except DataNotFoundError as error:
        if data != "mnist":
            raise
        if not quiet:
            err.print(f"{error}. Going on with sample.", style="yellow", markup=False)
        run = prepare(FALLBACK)

    chosen = run.config.recipe
    rows = {
        "Data": _describe(run.dataset),
        "Network": repr(run.model.network).removeprefix("Network(").removesuffix(")"),
        "Recipe": (
            f"{chosen.name}: {chosen.optimizer}, learning rate {chosen.learning_rate:g}, "
            f"{chosen.schedule}, batches of {chosen.batch_size}, {run.n_epochs} epochs, seed {seed}"
        ),
    }
    for head, text in rows.items():
        console.print(f"[bold]{head:<8}[/] {text}")
    for _ in follow(run.train(), run.n_epochs, console):
        pass
    metrics, report = run.finish(has_pictures=not no_pictures)
    if report is not None:
        low, high = report.accuracy_interval
        console.print(
            f"[bold]{'Test':<8}[/] [bold blue]{percent(report.accuracy)}[/] of {report.n:,} images "
            f"that it never saw (95 % interval {percent(low)} to {percent(high)}), "
            f"loss {report.loss:.4f}"
        )
    kept = ", ".join(sorted(path.name for path in run.folder.iterdir()))
    console.print(f"[bold]{'Run':<8}[/] {run.folder}: {kept}")
    if as_json:
        print_json(metrics)
    return 0


def _describe(dataset: Dataset) -> str:
    height, width = dataset.train.images.shape[1:]
    parts = (
        ("training", dataset.train),
        ("validation", dataset.validation),
        ("test", dataset.test),
    )
    counts = ", ".join(f"{len(split):,} {name}" for name, split in parts if split is not None)
    return f"{dataset.name}: {counts} images of {height} x {width}, {dataset.n_classes} classes"


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _widths(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    if text.strip().lower() == "none":
        return ()
    try:
        return tuple(int(width) for width in _names(text))
    except ValueError:
        raise ConfigError(
            f"--hidden: needs whole numbers as 256,128, or none, got {text!r}"
        ) from None


def _batch_size(text: str | None) -> int | Literal["full"] | None:
    if text is None:
        return None
    if text.strip().lower() == "full":
        return "full"
    try:
        return int(text)
    except ValueError:
        raise ConfigError(f"--batch-size: needs a whole number, or full, got {text!r}") from None
