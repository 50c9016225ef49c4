"""``glassnet predict``: which digits are these? Images in, a table of answers out."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from glassnet.cli.console import complain, err, print_json, talker
from glassnet.cli.reading import (
    WHICH_MODEL,
    MaxBytesOption,
    ShapeOption,
    ShiftsOption,
    fetch_shown,
    parse_shape,
)
from glassnet.data.packed import MAX_BYTES
from glassnet.data.provenance import hash_images
from glassnet.data.sources import load_images
from glassnet.errors import ConfigError, GlassnetError, ShapeError
from glassnet.files import write_atomically
from glassnet.models.files import load
from glassnet.models.model import Model
from glassnet.models.shipped import NAMES
from glassnet.runs.seen import read_seen

Array = NDArray[Any]

N_SHOWN = 20  # images, above which their digits are counted


@dataclass(frozen=True)
class _Answers:
    """What a model makes of one file."""

    file: str
    classes: tuple[str, ...]
    probabilities: Array
    unsure: Array

    @property
    def digits(self) -> Array:
        digits: Array = self.probabilities.argmax(axis=1)
        return digits

    def rows(self) -> Iterable[tuple[int, int, bool, Array]]:
        """Give each image's index, likeliest digit, whether that is unsure, and probabilities."""
        columns = self.digits.tolist(), self.unsure.tolist(), self.probabilities
        return zip(range(len(self.digits)), *columns, strict=True)


def predict(
    files: Annotated[
        list[str],
        typer.Argument(help="Tables without labels, Kaggle's zip, datasets by name or path."),
    ],
    model: Annotated[
        str,
        typer.Option(help=WHICH_MODEL),
    ] = NAMES[0],
    shifts: ShiftsOption = 0,
    submission: Annotated[
        Path | None, typer.Option(help="Write ImageId,Label, as Kaggle takes it.")
    ] = None,
    table: Annotated[
        Path | None, typer.Option("--csv", help="Write file,index,digit,probability.")
    ] = None,
    shape: ShapeOption = None,
    max_bytes: MaxBytesOption = MAX_BYTES,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
) -> int:
    """Read images with a trained model.

    Of a dataset, its test part is read, or all of it if it has none; of Kaggle's zip, test.csv.
    Where some of several files cannot be read, the others are, and the exit code is 1. A model
    with a threshold may not be sure: then the digit is left out, but for a submission.
    """
    console = talker(quiet=quiet, as_json=as_json)
    _check_outputs(files, submission, table)
    loaded, seen = load(model), read_seen(model)
    if model in NAMES:
        console.print(f"Model {model}, which comes with glassnet", markup=False)
    if seen is None and submission is not None and not quiet:
        _warn("nobody wrote down which images this model was trained on; some may be among these")
    shown: Iterable[str] = files
    if err.is_terminal and not quiet:
        shown = track(files, "Reading", console=err, transient=True)
    all_answers = []
    for file in shown:
        try:
            fetch_shown(file, quiet=quiet)
            images = _read(file, loaded, parse_shape(shape), max_bytes)
        except GlassnetError as error:
            if len(files) == 1:
                raise
            complain(" ".join(str(error).split()))
            continue
        probabilities = loaded.predict_proba(images, shifts=shifts)
        unsure = loaded.is_unsure(probabilities)
        all_answers.append(_Answers(file, loaded.classes, probabilities, unsure))
        n_seen = 0 if seen is None else int(np.isin(hash_images(images), seen).sum())
        if n_seen and not quiet:
            _warn(
                f"{file}: {n_seen:,} of {len(images):,} images were seen in training or "
                "validation; a submission or an accuracy from them would not be honest"
            )
    if not all_answers:
        return 2
    if submission is not None:
        labels = enumerate(all_answers[0].digits.tolist(), start=1)
        _write(submission, ("ImageId", "Label"), labels, console)
    if table is not None:
        rows = (
            (answers.file, index, "" if is_unsure else digit, float(probabilities[digit]))
            for answers in all_answers
            for index, digit, is_unsure, probabilities in answers.rows()
        )
        _write(table, ("file", "index", "digit", "probability"), rows, console)
    for answers in all_answers:
        _show(answers, console)
    if as_json:
        print_json([row for answers in all_answers for row in _objects(answers)])
    return 0 if len(all_answers) == len(files) else 1


def _check_outputs(files: list[str], submission: Path | None, table: Path | None) -> None:
    """Refuse what would number images wrongly, or write over a file that is needed."""
    if submission is not None and len(files) > 1:
        raise ConfigError(
            f"--submission: needs one file, whose images are numbered from 1, got {len(files)}"
        )
    taken = [Path(file).resolve() for file in files]
    for option, path in (("--submission", submission), ("--csv", table)):
        if path is None:
            continue
        if path.resolve() in taken:
            raise ConfigError(f"{option}: needs a file of its own, got {path} a second time")
        if path.is_dir():
            raise ConfigError(f"{option}: needs the name of a file, got the folder {path}")
        if not path.parent.is_dir():
            raise ConfigError(f"{option}: needs a folder that exists, got {path.parent}")
        taken.append(path.resolve())


def _read(file: str, model: Model, shape: tuple[int, int] | None, max_bytes: int) -> Array:
    """Load images, in the shape that the model reads."""
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


def _warn(message: str) -> None:
    err.print(f"glassnet: {message}", style="yellow", markup=False)


def _write(path: Path, head: tuple[str, ...], rows: Iterable[Any], console: Console) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    write_atomically(path, text.getvalue().encode())
    console.print(f"Wrote {path}", markup=False)


def _objects(answers: _Answers) -> Iterable[dict[str, Any]]:
    for index, digit, is_unsure, probabilities in answers.rows():
        yield {
            "file": answers.file,
            "index": index,
            "digit": None if is_unsure else digit,
            "likeliest": digit,
            "probability": float(probabilities[digit]),
            "probabilities": probabilities.tolist(),
        }


def _show(answers: _Answers, console: Console) -> None:
    if len(answers.digits) <= N_SHOWN:
        for index, digit, is_unsure, probabilities in answers.rows():
            answer = "not sure, likeliest " * is_unsure + answers.classes[digit]
            line = (
                f"{answers.file}, image {index}: {answer}, probability {probabilities[digit]:.4f}"
            )
            console.print(line, markup=False)
        return
    digits, counts = np.unique(answers.digits[~answers.unsure], return_counts=True)
    each = [f"{k:,} x {answers.classes[d]}" for d, k in zip(digits, counts, strict=True)]
    if answers.unsure.any():
        each.append(f"{np.count_nonzero(answers.unsure):,} not sure")
    line = f"{answers.file}: {len(answers.digits):,} images, {', '.join(each)}"
    console.print(line, markup=False)
