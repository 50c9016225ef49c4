"""``glassnet explain``: one training step on one image, with each value explained."""

from typing import Annotated

import typer
from rich.console import Console

from glassnet.cli.console import print_json, print_row, text_console
from glassnet.cli.explain_input import Chosen, load_image
from glassnet.cli.explain_output import (
    find_place,
    naming_option,
    print_number,
    print_perturbation,
    to_dict,
)
from glassnet.cli.explain_step import print_answers, print_quantities, summary
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
            help="A picture of handwriting, - for standard input; or a whole number, the place of "
            "an image in --part of --data."
        ),
    ],
    label: Annotated[
        int | None,
        typer.Option(
            help="Label of the image; by default that of the data, else the model's answer."
        ),
    ] = None,
    learning_rate: Annotated[float, typer.Option(help="Learning rate of the step.")] = 0.1,
    loss: Annotated[
        str, typer.Option(help="Loss function: cross_entropy or mean_squared_error.")
    ] = "cross_entropy",
    data: Annotated[
        str | None,
        typer.Option(help="Name or path of a dataset; by default that of the run, else mnist."),
    ] = None,
    part: Annotated[
        str, typer.Option(help="Part of the dataset: test, train or validation.")
    ] = "test",
    at: Annotated[
        str | None,
        typer.Option(help='One number, as "z1[0,17]": what it was made of and what it feeds.'),
    ] = None,
    perturb: Annotated[
        str | None,
        typer.Option(
            help='One weight, such as "W1[401,17]": move it a little and compute the loss.'
        ),
    ] = None,
    columns: Annotated[
        bool,
        typer.Option("--columns", help="Show formulas with samples as columns, as in textbooks."),
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Trace one training step on one image and explain each value.

    The model itself is left as it is. Batch normalisation, scale and noise are fused into its
    weights, as for prediction, and the step is that of the dense layers that are left.
    """
    console = text_console(quiet=False, as_json=as_json)
    loaded = load(model)
    network = loaded.network
    chosen = load_image(loaded, model, image, data, part)
    answer = int(loaded.predict(chosen.pixels)[0])
    target, why = _choose_label(loaded, chosen, label, answer)
    pixels = loaded.members[0].preprocessing(chosen.pixels)
    step = trace(network, pixels, target, learning_rate, loss=loss)

    place = None if at is None else find_place(step, "--at", at)
    weight = None if perturb is None else find_place(step, "--perturb", perturb)
    with naming_option("--perturb"):
        perturbation = None if weight is None else step.perturb(*weight)
    if place is None and perturbation is None:
        _print_head(console, loaded, model, chosen, f"{loaded.classes[target]}, {why}")
        print_quantities(console, step, columns=columns)
        print_answers(console, step, loaded, target)
    if place is not None:
        print_number(console, step, *place, columns=columns)
    if perturbation is not None:
        print_perturbation(console, perturbation)
    if as_json:
        content = {"model": model, "image": chosen.description, "label": target, "label_is": why}
        content |= summary(step, columns=columns)
        content["at"] = None if place is None else to_dict(step, *place, columns=columns)
        content["perturbation"] = None if perturbation is None else perturbation.to_dict()
        print_json(content)
    return 0


def _choose_label(model: Model, chosen: Chosen, label: int | None, answer: int) -> tuple[int, str]:
    """Return the label and its source."""
    if label is not None:
        if not 0 <= label < model.n_classes:
            raise ConfigError(f"--label: needs 0 to {model.n_classes - 1}, got {label}")
        return label, "as --label says"
    if chosen.truth is not None:
        return chosen.truth, "as the data say"
    return answer, "the model's own answer; --label says another"


def _print_head(console: Console, model: Model, name: str, chosen: Chosen, label: str) -> None:
    what = repr(model).removeprefix("Model(").removesuffix(")")
    print_row(console, "Model", f"{name}: {what}")
    print_row(console, "Image", chosen.description)
    print_row(console, "Label", label)
