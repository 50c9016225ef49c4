"""``glassnet train``: data and a recipe in, a folder with a trained and tested model out."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from glassnet.cli.console import err, print_json, talker
from glassnet.cli.data_options import (
    LabelOption,
    MaxBytesOption,
    ShapeOption,
    fetch_shown,
    parse_shape,
)
from glassnet.cli.runner import resume_run, run_to_end
from glassnet.data.dataset import VALIDATION_FRACTION
from glassnet.data.readers.gzip_io import MAX_BYTES
from glassnet.errors import ConfigError, DataNotFoundError
from glassnet.recipes import RECIPES
from glassnet.runs.configure import configure
from glassnet.runs.ensemble_run import EnsembleRun
from glassnet.runs.folder import METRICS
from glassnet.runs.run import Run
from glassnet.runs.summary import read_metrics

FALLBACK = "sample"


def train(
    context: typer.Context,
    data: Annotated[
        str,
        typer.Option(
            help="A name (mnist, sample, ...; see glassnet data list) or a path: a folder of IDX "
            "or Parquet files, CSV, zip, npz, Parquet."
        ),
    ] = "mnist",
    recipe: Annotated[
        str, typer.Option(help=f"The set-up to start from: {', '.join(RECIPES)}.")
    ] = ("fast"),
    hidden: Annotated[
        str | None, typer.Option(help="Units of each hidden layer, as 256,128; or none.")
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(help="relu, sigmoid, tanh, ...: one name, or one for each hidden layer."),
    ] = None,
    initializer: Annotated[str | None, typer.Option(help="he, glorot, small or zeros.")] = None,
    loss: Annotated[str | None, typer.Option(help="cross_entropy or mean_squared_error.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd, nesterov, adam or adamw.")] = None,
    momentum: Annotated[float | None, typer.Option(help="Of sgd and nesterov, 0 to 1.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The highest rate.")] = None,
    schedule: Annotated[
        str | None, typer.Option(help="constant, one_cycle, step_decay or warmup_cosine.")
    ] = None,
    batch_size: Annotated[str | None, typer.Option(help="Images an update, or full.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training images.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="On weights, not biases.")] = None,
    batch_norm: Annotated[
        bool | None, typer.Option(help="Normalise the hidden layers over the batch.")
    ] = None,
    dropout: Annotated[
        float | None, typer.Option(help="Share of the hidden units silenced at each step.")
    ] = None,
    input_dropout: Annotated[
        float | None, typer.Option(help="Share of the pixels silenced at each step.")
    ] = None,
    noise: Annotated[
        float | None, typer.Option(help="Standard deviation of noise added before each layer.")
    ] = None,
    max_norm: Annotated[
        float | None, typer.Option(help="The longest that the weights into a unit may be.")
    ] = None,
    label_smoothing: Annotated[
        float | None, typer.Option(help="Share of each label spread over all classes.")
    ] = None,
    ema_decay: Annotated[
        float | None, typer.Option(help="Decay of a moving average of the weights, as 0.999.")
    ] = None,
    preprocess: Annotated[
        str | None,
        typer.Option(help="Look at each image as plain, deskew, width-12 or deskew-width-12."),
    ] = None,
    augment: Annotated[
        str | None,
        typer.Option(
            help="Distort training images, as rotation=10,shear=5,scale=0.1,shift=1,elastic=1; "
            "or none."
        ),
    ] = None,
    augment_decay_fraction: Annotated[
        float | None,
        typer.Option(help="Share of the training, at its end, with distortions half as strong."),
    ] = None,
    input_scale: Annotated[
        float | None, typer.Option(help="What pixels from 0 to 1 are multiplied by.")
    ] = None,
    gain: Annotated[
        float | None, typer.Option(help="What the weights are multiplied by at the start.")
    ] = None,
    bias: Annotated[
        float | None, typer.Option(help="Where the biases of the hidden units start.")
    ] = None,
    shuffle: Annotated[
        bool | None, typer.Option(help="Deal the rows out in a fresh order in each epoch.")
    ] = None,
    corrupt: Annotated[
        str | None,
        typer.Option(help="Data made wrong on purpose: few, labels, leak or sorted; or none."),
    ] = None,
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
    resume: Annotated[
        Path | None, typer.Option(help="Go on with this run's folder, as it was begun.")
    ] = None,
    no_pictures: Annotated[bool, typer.Option("--no-pictures", help="Numbers only.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Train a network, test it on images that it never saw, and keep it all in a folder."""
    console = talker(quiet=quiet, as_json=as_json)
    if resume is not None:
        _refuse_others(context)
        if Run.is_finished(resume):
            console.print(f"{resume} is finished; nothing is left to do.", markup=False)
            if as_json:
                print_json(read_metrics(resume / METRICS))
            return 0
        job = resume_run(resume, quiet=quiet)
    else:
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
            "batch_norm": batch_norm,
            "dropout": dropout,
            "input_dropout": input_dropout,
            "noise": noise,
            "max_norm": max_norm,
            "label_smoothing": label_smoothing,
            "ema_decay": ema_decay,
            "preprocess": preprocess,
            "augment": augment,
            "augment_decay_fraction": augment_decay_fraction,
            "input_scale": input_scale,
            "gain": gain,
            "bias": bias,
            "shuffle": shuffle,
        }

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
            fetch_shown(source, quiet=quiet)
            return (EnsembleRun if config.recipe.members else Run).start(config, out)

        try:
            job = start(data)
        except DataNotFoundError as error:
            if data != "mnist":
                raise
            # Said even where --quiet asks for silence: these are other data than were asked for.
            err.print(f"glassnet: {error}. Going on with sample.", style="yellow", markup=False)
            job = start(FALLBACK)
    metrics, report = run_to_end(job, console)
    if as_json:
        print_json(metrics)
    return 1 if report is not None and not report.n else 0


def _refuse_others(context: typer.Context) -> None:
    """Refuse options beside --resume: a resumed run goes on as it was begun."""
    harmless = {"resume", "quiet", "as_json"}
    for name in context.params:
        source = context.get_parameter_source(name)
        if name not in harmless and source is not None and source.name == "COMMANDLINE":
            raise ConfigError(
                f"--{name.replace('_', '-')}: a resumed run goes on as it was begun; leave this out"
            )


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
