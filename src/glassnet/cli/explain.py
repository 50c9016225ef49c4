"""``glassnet explain``: a training step on one image, with every value explained."""

from typing import Annotated

import typer
from rich.console import Console

from glassnet.cli.console import print_json, print_row, text_console
from glassnet.cli.explain_input import InputImage, load_image
from glassnet.cli.explain_output import (
    find_place,
    naming_option,
    print_perturbation,
    print_value,
    to_dict,
)
from glassnet.cli.explain_step import print_probabilities, print_quantities, summary
from glassnet.cli.options import MODEL_HELP, JsonOption
from glassnet.errors import ConfigError
from glassnet.models.files import load
from glassnet.models.model import Model
from glassnet.nn.tracing.trace import trace


def explain(
    model: Annotated[str, typer.Argument(help=MODEL_HELP)],
    image: Annotated[
        str,
        typer.Argument(
            help="A picture of handwriting, - for standard input, or the index of an image in "
            "--part of --data."
        ),
    ],
    label: Annotated[
        int | None,
        typer.Option(
            help="Label of the image.  [default: that of the data, else the model's prediction]"
        ),
    ] = None,
    learning_rate: Annotated[float, typer.Option(help="Learning rate of the step.")] = 0.1,
    loss: Annotated[
        str, typer.Option(help="Loss function: cross_entropy or mean_squared_error.")
    ] = "cross_entropy",
    data: Annotated[
        str | None,
        typer.Option(help="Name or path of a dataset.  [default: that of the run, else mnist]"),
    ] = None,
    part: Annotated[
        str, typer.Option(help="Part of the dataset: test, train or validation.")
    ] = "test",
    at: Annotated[
        str | None,
        typer.Option(help='Explain one value, such as "z1[0,17]": its inputs and its consumers.'),
    ] = None,
    perturb: Annotated[
        str | None,
        typer.Option(
            help='Perturb one weight, such as "W1[401,17]": compare slope and gradient of the loss.'
        ),
    ] = None,
    columns: Annotated[
        bool,
        typer.Option("--columns", help="Show formulas with samples as columns, as in textbooks."),
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Trace one training step on one image and explain each value.

    The model is not changed. As for prediction, batch normalisation and scaling are fused into the
    weights and noise layers are left out; the step is that of the remaining dense layers.
    """
    console = text_console(quiet=False, as_json=as_json)
    loaded = load(model)
    network = loaded.network
    found = load_image(loaded, model, image, data, part)
    prediction = int(loaded.predict(found.pixels)[0])
    target, source = _choose_label(loaded, found, label, prediction)
    pixels = loaded.members[0].preprocessing(found.pixels)
    step = trace(network, pixels, target, learning_rate, loss=loss)

    place = None if at is None else find_place(step, "--at", at)
    weight = None if perturb is None else find_place(step, "--perturb", perturb)
    with naming_option("--perturb"):
        perturbation = None if weight is None else step.perturb(*weight)
    if place is None and perturbation is None:
        _print_heading(console, loaded, model, found, f"{loaded.classes[target]}, {source}")
        print_quantities(console, step, columns=columns)
        print_probabilities(console, step, loaded, target)
    if place is not None:
        print_value(console, step, *place, columns=columns)
    if perturbation is not None:
        print_perturbation(console, perturbation)
    if as_json:
        content = {"model": model, "image": found.description, "label": target, "label_is": source}
        content |= summary(step, columns=columns)
        content["at"] = None if place is None else to_dict(step, *place, columns=columns)
        content["perturbation"] = None if perturbation is None else perturbation.to_dict()
        print_json(content)
    return 0


def _choose_label(
    model: Model, found: InputImage, label: int | None, prediction: int
) -> tuple[int, str]:
    """Return the label and its source."""
    if label is not None:
        if not 0 <= label < model.n_classes:
            raise ConfigError(
                f"--label: needs a class from 0 to {model.n_classes - 1}, got {label}"
            )
        return label, "given by --label"
    if found.label is not None:
        return found.label, "given by the data"
    return prediction, "the model's prediction; set another with --label"


def _print_heading(
    console: Console, model: Model, name: str, found: InputImage, label: str
) -> None:
    description = repr(model).removeprefix("Model(").removesuffix(")")
    print_row(console, "Model", f"{name}: {description}")
    print_row(console, "Image", found.description)
    print_row(console, "Label", label)
