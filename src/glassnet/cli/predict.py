"""``glassnet predict``: classify the digits of pictures and tables."""

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
    fetch_shown,
    parse_shape,
)
from glassnet.cli.predict_input import STDIN, expand, is_picture, read_stdin
from glassnet.cli.predictions import Answer, of_images, of_picture, show, table_of
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
            help="Pictures of handwriting, folders of them, patterns, - for standard input; or "
            "tables without labels, Kaggle's zip, datasets by name or path."
        ),
    ],
    model: Annotated[
        str,
        typer.Option(help=MODEL_HELP),
    ] = NAMES[0],
    shifts: ShiftsOption = 0,
    submission: Annotated[
        Path | None, typer.Option(help="Write a Kaggle submission: ImageId,Label.")
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            "--csv", help="Write file,index,digit,probability, and for pictures the position."
        ),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option("--show", help="Draw how each picture was read into this folder."),
    ] = None,
    shape: ShapeOption = None,
    max_bytes: MaxBytesOption = MAX_BYTES,
    quiet: QuietOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
) -> int:
    """Read handwriting with a trained model: photos, drawings, pages or tables.

    Of a dataset, its test part is read, or all of it if it has none; of Kaggle's zip, test.csv.
    Where some of several files cannot be read, the others are, and the exit code is 1. A model
    with a threshold may not be sure: then the digit is left out, but for a submission.
    """
    console = text_console(quiet=quiet, as_json=as_json)
    inputs = expand(files)
    _check_outputs(inputs, submission, table, pictures)
    loaded, training_hashes = load(model), read_training_hashes(model)
    if model in NAMES:
        console.print(f"Model {model}, which comes with glassnet", markup=False)
    if training_hashes is None and submission is not None and not quiet:
        print_warning("no record of the training images of this model: cannot check for leakage")
    shown: Iterable[str] = inputs
    if err.is_terminal and not quiet:
        shown = track(inputs, "Reading", console=err, transient=True)
    answers: list[Answer] = []
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
        answers += found
        show(file, found, loaded.classes, console)
    if not n_read:
        return 2
    if submission is not None:
        labels = ((answer.index + 1, answer.likeliest) for answer in answers)
        _write(submission, ("ImageId", "Label"), labels, console)
    if table is not None:
        _write(table, *table_of(answers), console)
    if as_json:
        print_json([answer.to_dict() for answer in answers])
    return 0 if n_read == len(inputs) else 1


def _read_picture(file: str, model: Model, shifts: int, folder: Path | None) -> list[Answer]:
    from glassnet.data.handwriting.decoding import decode
    from glassnet.models.reading import read_picture

    name = "standard input" if file == STDIN else file
    page = read_picture(model, decode(read_stdin() if file == STDIN else file, name), shifts=shifts)
    if folder is not None:
        from glassnet.evaluation.reading_plot import draw_reading

        stem = "stdin" if file == STDIN else Path(file).stem
        path = _free(folder, stem)
        folder.mkdir(exist_ok=True)
        write_atomically(path, draw_reading(page, name, model.classes))
    return of_picture(file, page)


def _free(folder: Path, stem: str) -> Path:
    """Return a name in the folder that is not taken yet."""
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
) -> list[Answer]:
    fetch_shown(file, quiet=quiet)
    images = _load(file, model, shape, max_bytes)
    n_in_training = (
        0 if training_hashes is None else int(np.isin(hash_images(images), training_hashes).sum())
    )
    if n_in_training and not quiet:
        print_warning(
            f"{file}: {n_in_training:,} of {len(images):,} images were seen in training or "
            "validation; a submission or an accuracy from them would not be honest"
        )
    return of_images(file, model, model.predict_proba(images, shifts=shifts))


def _check_outputs(
    files: list[str], submission: Path | None, table: Path | None, pictures: Path | None
) -> None:
    """Validate the output files: one format each, and none that is also an input."""
    if submission is not None and len(files) > 1:
        raise ConfigError(
            f"--submission: needs one file, whose images are numbered from 1, got {len(files)}"
        )
    if submission is not None and is_picture(files[0]):
        raise ConfigError(f"--submission: needs a table or Kaggle's zip, got {files[0]}")
    if pictures is not None and pictures.exists() and not pictures.is_dir():
        raise ConfigError(f"--show: needs a folder, got the file {pictures}")
    if pictures is not None and not pictures.absolute().parent.is_dir():
        raise ConfigError(f"--show: needs a folder that exists, got {pictures.parent}")
    taken = [Path(file).resolve() for file in files]
    for option, path in (("--submission", submission), ("--csv", table)):
        if path is None:
            continue
        if path.resolve() in taken:
            raise ConfigError(
                f"{option}: needs a file that is neither input nor other output, got {path}"
            )
        if path.is_dir():
            raise ConfigError(f"{option}: needs the name of a file, got the folder {path}")
        if not path.parent.is_dir():
            raise ConfigError(f"{option}: needs a folder that exists, got {path.parent}")
        taken.append(path.resolve())


def _load(file: str, model: Model, shape: tuple[int, int] | None, max_bytes: int) -> Array:
    """Load images in the shape of the model's input."""
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


def _write(path: Path, head: tuple[str, ...], rows: Iterable[Any], console: Console) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    write_atomically(path, text.getvalue().encode())
    console.print(f"Wrote {path}", markup=False)
