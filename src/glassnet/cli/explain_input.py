"""The image for ``glassnet explain``: a picture of handwriting, or an image of a dataset."""

from dataclasses import dataclass
from pathlib import Path

from glassnet.cli.console import print_warning
from glassnet.cli.options import fetch_shown
from glassnet.cli.predict_input import STDIN, read_stdin
from glassnet.data.dataset import Split
from glassnet.errors import ConfigError, DataError, DataNotFoundError
from glassnet.models.model import Model
from glassnet.models.shipped import DATA, locate
from glassnet.runs.eval_split import choose_part, find_config
from glassnet.types import Array

FALLBACK = "sample"


@dataclass(frozen=True, eq=False)
class Chosen:
    """An image.

    Parameters
    ----------
    pixels : ndarray of uint8, (1, height, width)
        Grey values, before preprocessing.
    description : str
        Its place in a dataset, or its file.
    truth : int or None
        Its label, if it is known.
    """

    pixels: Array
    description: str
    truth: int | None


def load_image(model: Model, name: str, image: str, data: str | None, part: str) -> Chosen:
    """Read the image.

    Parameters
    ----------
    model : Model
        Who reads it.
    name : str
        Of the model, as it was given.
    image : str
        A whole number: its place in a part of a dataset. Anything else: a picture's file.
    data : str or None
        The dataset; None for the run's own, of a model without a run for MNIST.
    part : str
        ``"train"``, ``"validation"`` or ``"test"``.

    Returns
    -------
    Chosen
        The image.

    Raises
    ------
    GlassnetError
        If there is no such image.
    """
    if not image.isdecimal():
        if data is not None:
            raise ConfigError(
                f"--data: needs the number of an image, got {image!r}; leave this out"
            )
        return _of_picture(model, image)
    description, split = _find_part(locate(name), data, part)
    index = int(image)
    if index >= len(split):
        raise ConfigError(f"IMAGE: needs 0 to {len(split) - 1} for {description}, got {index}")
    picture = split.images[index : index + 1]
    return Chosen(picture, f"image {index} of {description}", int(split.labels[index]))


def _of_picture(model: Model, file: str) -> Chosen:
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
    return Chosen(picture[None], description, None)


def _find_part(model: Path, data: str | None, part: str) -> tuple[str, Split]:
    config = find_config(model)
    if data is None and config is None:
        data = DATA
        try:
            fetch_shown(data)
        except DataNotFoundError as error:
            print_warning(f"{error}. Going on with {FALLBACK}.")
            data = FALLBACK
    elif data is not None:
        fetch_shown(data)
    return choose_part(config, data, part)
