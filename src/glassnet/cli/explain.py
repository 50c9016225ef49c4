"""``glassnet explain``: one step with one image, every number, and where each comes from."""

import re
from typing import Annotated, Any

import typer
from numpy.typing import NDArray

from glassnet.cli.console import print_json, talker
from glassnet.cli.explaining import show_entry, show_nudge, show_step, to_dict
from glassnet.cli.inputs import is_picture
from glassnet.cli.reading import WHICH_MODEL, fetch_shown
from glassnet.data.sources import load_dataset
from glassnet.errors import ConfigError, DataError
from glassnet.models.files import load
from glassnet.models.model import Model
from glassnet.models.reading import read_picture
from glassnet.nn.derivation import Index
from glassnet.nn.trace import Trace, trace
from glassnet.nn.trace_table import FOLDED

Array = NDArray[Any]
PARTS = ("test", "validation", "train")
N_TERMS = 24
PLACE = re.compile(r"\s*([A-Za-z]+\d*(?:_after)?)\s*(?:\[([\d\s,]*)\]|([\d\s,]*))\s*")


def explain(
    model: Annotated[str, typer.Argument(help=WHICH_MODEL)],
    image: Annotated[str, typer.Argument(help="A picture, or the number of an image of --data.")],
    data: Annotated[str, typer.Option(help="Where a number counts: a name or path.")] = "mnist",
    part: Annotated[str, typer.Option(help="Of the data: test, validation or train.")] = "test",
    label: Annotated[
        int | None,
        typer.Option(
            help="The right answer.  [default: the image's own; for a picture what the model says]",
            min=0,
        ),
    ] = None,
    learning_rate: Annotated[float, typer.Option(help="Of the step.")] = 0.1,
    at: Annotated[
        str | None, typer.Option(help='One number, and where it comes from: "z1[0,17]".')
    ] = None,
    nudge: Annotated[
        str | None,
        typer.Option(help='Move one weight a little, and see what the loss does: "W1[401,17]".'),
    ] = None,
    columns: Annotated[
        bool, typer.Option("--columns", help="Formulas as in books where samples are columns.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Take one step of gradient descent with one image, and show every number of it."""
    reader = load(model)
    network = reader.network  # refuses a committee
    seen, own = _image(reader, image, data, part)
    said = int(reader.predict(seen[None])[0])
    truth = next(one for one in (label, own, said) if one is not None)
    x = reader.members[0].view(seen[None]).reshape(1, -1)
    step = trace(network, x, truth, learning_rate)
    told = None if at is None else step.explain(*_place(step, at), n_terms=N_TERMS)
    moved = None if nudge is None else step.nudge(*_place(step, nudge))
    console = talker(quiet=False, as_json=as_json)
    origin = "as given" if label is not None else "its label" if own is not None else "as read"
    console.print(f"{image}: read as {said}; the right answer is {truth} ({origin})", markup=False)
    if step.is_folded:
        console.print(FOLDED, markup=False)
    if told is not None:
        show_entry(console, told, columns=columns)
    if moved is not None:
        show_nudge(console, moved)
    if told is None and moved is None:
        show_step(console, step, columns=columns)
    if as_json:
        print_json(to_dict(step, said, truth, told, moved))
    return 0


def _image(model: Model, image: str, data: str, part: str) -> tuple[Array, int | None]:
    """Return an image as its network takes it, and its label where that is known."""
    if not image.isdecimal():
        if not is_picture(image):
            raise DataError(
                f"{image}: needs a picture (.png, .jpg, ...), or a number: an image of --data"
            )
        (first, *_) = read_picture(model, image).readings
        if not first.stages:
            raise DataError(f"{image}: {first.reason}")
        return first.stages[-1].picture, None
    if part not in PARTS:
        raise ConfigError(f"part: needs {', '.join(PARTS)}, got {part!r}")
    fetch_shown(data)
    split = getattr(load_dataset(data), part)
    if split is None:
        raise ConfigError(f"{data}: has no {part} part")
    if int(image) >= len(split):
        raise ConfigError(f"image: {part} has images 0 to {len(split) - 1:,}, got {image}")
    return split.images[int(image)], int(split.labels[int(image)])


def _place(step: Trace, text: str) -> tuple[str, Index]:
    """Read "z1[0,17]"; of one image "z1[17]" will do."""
    matched = PLACE.fullmatch(text)
    if matched is None:
        raise ConfigError(f"needs a number's place as z1[0,17], W1[401,17] or loss, got {text!r}")
    name = matched[1]
    index = tuple(int(i) for i in re.findall(r"\d+", matched[2] or matched[3] or ""))
    shape = step[name].shape
    is_row = len(shape) == 2 and shape[0] == 1 and len(index) == 1
    return name, (0, *index) if is_row else index
