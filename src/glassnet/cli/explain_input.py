"""Input to ``glassnet explain``: a picture of handwriting, or an image from a dataset."""

from dataclasses import dataclass
from pathlib import Path

from glassnet.cli.console import print_warning
from glassnet.cli.options import fetch_with_progress
from glassnet.cli.predict_input import STDIN, read_stdin
from glassnet.data.dataset import Split
from glassnet.errors import ConfigError, DataError, DataNotFoundError
from glassnet.models.model import Model
from glassnet.models.shipped import DATA, locate
from glassnet.runs.eval_split import choose_part, find_config
from glassnet.types import Array

FALLBACK = "sample"


@dataclass(frozen=True, eq=False)
class InputImage:
    """The image to explain.

    Parameters
    ----------
    pixels : ndarray of uint8, (1, height, width)
        Grey values, before preprocessing.
    description : str
        Index and dataset, or name of the file.
    label : int or None
        None for a picture, whose label is unknown.
    """

    pixels: Array
    description: str
    label: int | None


def load_image(model: Model, name: str, image: str, data: str | None, part: str) -> InputImage:
    """Load the image to explain.

    Parameters
    ----------
    model : Model
        Finds the digits of a picture.
    name : str
        Name or path that `model` was loaded from.
    image : str
        The index of an image in a dataset if it is a whole number; else the file of a picture.
    data : str or None
        None for the data of the model's run; MNIST for a model without a run.
    part : str
        ``"train"``, ``"validation"`` or ``"test"``.
    """
    if not image.isdecimal():
        if data is not None:
            raise ConfigError(
                f"--data: needs the index of an image, got {image!r}; leave it out for a picture"
            )
        return _load_picture(model, image)
    description, split = _find_part(locate(name), data, part)
    index = int(image)
    if index >= len(split):
        raise ConfigError(
            f"IMAGE: needs an index from 0 to {len(split) - 1} for {description}, got {index}"
        )
    picture = split.images[index : index + 1]
    return InputImage(picture, f"image {index} of {description}", int(split.labels[index]))


def _load_picture(model: Model, file: str) -> InputImage:
    from glassnet.data.handwriting.decoding import decode
    from glassnet.models.reading import read_picture

    name = "standard input" if file == STDIN else file
    page = read_picture(model, decode(read_stdin() if file == STDIN else file, name))
    digits = [
        (reading.box, reading.stages[-1].picture)
        for reading in page.readings
        if reading.box is not None
    ]
    if not digits:
        raise DataError(f"{name}: {page.readings[0].reason}")
    _, picture = max(digits, key=lambda digit: digit[0][2] * digit[0][3])
    description = name if len(digits) == 1 else f"{name}, the largest of {len(digits)} digits"
    return InputImage(picture[None], description, None)


def _find_part(model: Path, data: str | None, part: str) -> tuple[str, Split]:
    config = find_config(model)
    if data is None and config is None:
        data = DATA
        try:
            fetch_with_progress(data)
        except DataNotFoundError as error:
            print_warning(f"{error}. Using {FALLBACK} instead.")
            data = FALLBACK
    elif data is not None:
        fetch_with_progress(data)
    return choose_part(config, data, part)
