"""``glassnet predict``: classify the digits in pictures and tables."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from glassnet.cli.console import err, print_error, print_json, print_warning, text_console
from glassnet.cli.options import (
    MODEL_HELP,
    MaxBytesOption,
    QuietOption,
    ShapeOption,
    ShiftsOption,
    fetch_with_progress,
    parse_shape,
)
from glassnet.cli.predict_input import STDIN, expand, is_picture, read_stdin
from glassnet.cli.predictions import (
    Prediction,
    build_table,
    collect_image_predictions,
    collect_picture_predictions,
    print_predictions,
)
from glassnet.data.image_hash import hash_images
from glassnet.data.readers.gzip_io import MAX_BYTES
from glassnet.data.sources.load import load_images
from glassnet.errors import ConfigError, GlassnetError, ShapeError
from glassnet.files import write_atomically
from glassnet.models.files import load
from glassnet.models.model import Model
from glassnet.models.shipped import NAMES
from glassnet.runs.training_hashes import read_training_hashes
from glassnet.types import Array


def predict(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Pictures of handwriting, folders of pictures, patterns, - for standard input; or "
            "tables without labels, Kaggle's zip, and names or paths of datasets."
        ),
    ],
    model: Annotated[
        str,
        typer.Option(help=MODEL_HELP),
    ] = NAMES[0],
    shifts: ShiftsOption = 0,
    submission: Annotated[
        Path | None, typer.Option(help="Write a Kaggle submission (ImageId,Label) to this file.")
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            help="Write a CSV table of the predictions, with positions in pictures, to this file.",
        ),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--show",
            help="Write a figure for each picture, showing how it was read, to this folder.",
        ),
    ] = None,
    shape: ShapeOption = None,
    max_bytes: MaxBytesOption = MAX_BYTES,
    quiet: QuietOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
) -> int:
    """Read handwriting with a trained model: photos, drawings, pages or tables.

    For a dataset, the test set is read, or all images if it has none; for Kaggle's zip, test.csv.
    If one of several files cannot be read, the others are, and the exit status is 1. A digit below
    the model's confidence threshold is left blank, except in a submission.
    """
    console = text_console(quiet=quiet, as_json=as_json)
    inputs = expand(files)
    _check_outputs(inputs, submission, table, pictures)
    loaded, training_hashes = load(model), read_training_hashes(model)
    if model in NAMES:
        console.print(f"Model {model}, shipped with glassnet", markup=False)
    if training_hashes is None and submission is not None and not quiet:
        print_warning("no record of the training images of this model: cannot check for leakage")
    shown: Iterable[str] = inputs
    if err.is_terminal and not quiet:
        shown = track(inputs, "Reading", console=err, transient=True)
    predictions: list[Prediction] = []
    n_read = 0
    for file in shown:
        try:
            if is_picture(file):
                found = _read_picture(file, loaded, shifts, pictures)
            else:
                found = _read_table(
                    file,
                    loaded,
                    training_hashes,
                    shifts,
                    parse_shape(shape),
                    max_bytes,
                    quiet=quiet,
                )
        except GlassnetError as error:
            if len(inputs) == 1:
                raise
            print_error(" ".join(str(error).split()))
            continue
        n_read += 1
        predictions += found
        print_predictions(file, found, loaded.classes, console)
    if not n_read:
        return 2
    if submission is not None:
        labels = ((prediction.index + 1, prediction.likeliest) for prediction in predictions)
        _write_csv(submission, ("ImageId", "Label"), labels, console)
    if table is not None:
        _write_csv(table, *build_table(predictions), console)
    if as_json:
        print_json([prediction.to_dict() for prediction in predictions])
    return 0 if n_read == len(inputs) else 1


def _read_picture(file: str, model: Model, shifts: int, folder: Path | None) -> list[Prediction]:
    from glassnet.data.handwriting.decoding import decode
    from glassnet.models.reading import read_picture

    name = "standard input" if file == STDIN else file
    page = read_picture(model, decode(read_stdin() if file == STDIN else file, name), shifts=shifts)
    if folder is not None:
        from glassnet.evaluation.reading_plot import draw_reading

        stem = "stdin" if file == STDIN else Path(file).stem
        path = _unused_path(folder, stem)
        folder.mkdir(exist_ok=True)
        write_atomically(path, draw_reading(page, name, model.classes))
    return collect_picture_predictions(file, page)


def _unused_path(folder: Path, stem: str) -> Path:
    """Return the path for a new file in the folder."""
    path, n = folder / f"{stem}.read.png", 1
    while path.exists():
        n += 1
        path = folder / f"{stem}-{n}.read.png"
    return path


def _read_table(
    file: str,
    model: Model,
    training_hashes: Array | None,
    shifts: int,
    shape: tuple[int, int] | None,
    max_bytes: int,
    *,
    quiet: bool,
) -> list[Prediction]:
    fetch_with_progress(file, quiet=quiet)
    images = _load_images(file, model, shape, max_bytes)
    n_in_training = (
        0 if training_hashes is None else int(np.isin(hash_images(images), training_hashes).sum())
    )
    if n_in_training and not quiet:
        print_warning(
            f"{file}: {n_in_training:,} of {len(images):,} images were seen in training or "
            "validation; an accuracy or a submission from them would be biased"
        )
    return collect_image_predictions(file, model, model.predict_proba(images, shifts=shifts))


def _check_outputs(
    files: list[str], submission: Path | None, table: Path | None, pictures: Path | None
) -> None:
    """Validate the output files: their formats and folders, and that none is also an input."""
    if submission is not None and len(files) > 1:
        raise ConfigError(
            f"--submission: needs one input, whose images are numbered from 1, got {len(files)}"
        )
    if submission is not None and is_picture(files[0]):
        raise ConfigError(f"--submission: needs a table or Kaggle's zip, got {files[0]}")
    if pictures is not None and pictures.exists() and not pictures.is_dir():
        raise ConfigError(f"--show: needs a folder, got the file {pictures}")
    if pictures is not None and not pictures.absolute().parent.is_dir():
        raise ConfigError(f"--show: needs a name in an existing folder, got {pictures.parent}")
    taken = [Path(file).resolve() for file in files]
    for option, path in (("--submission", submission), ("--csv", table)):
        if path is None:
            continue
        if path.resolve() in taken:
            raise ConfigError(
                f"{option}: needs a file that is not an input or another output, got {path}"
            )
        if path.is_dir():
            raise ConfigError(f"{option}: needs the name of a file, got the folder {path}")
        if not path.parent.is_dir():
            raise ConfigError(f"{option}: needs a file in an existing folder, got {path.parent}")
        taken.append(path.resolve())


def _load_images(file: str, model: Model, shape: tuple[int, int] | None, max_bytes: int) -> Array:
    """Load the images of a table or dataset; raise if their size does not fit the model."""
    needed = model.image_shape
    is_table = file.lower().endswith((".csv", ".csv.gz"))
    if shape is None and is_table and needed is not None and needed[0] != needed[1]:
        shape = needed
    images = load_images(file, shape=shape, max_bytes=max_bytes)
    height, width = images.shape[1:]
    if height * width == model.n_in and needed in (None, (height, width)):
        return images
    sides = needed or (model.n_in,)
    raise ShapeError(
        f"{file}: needs images of {' x '.join(map(str, sides))} pixels, as the model was trained "
        f"on, got {height} x {width}"
    )


def _write_csv(path: Path, head: tuple[str, ...], rows: Iterable[Any], console: Console) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    write_atomically(path, text.getvalue().encode())
    console.print(f"Wrote {path}", markup=False)
