"""First layer: its weights as pictures, with one pixel per weight."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.evaluation.html_report.html_markup import Html, element, section
from glassnet.evaluation.html_report.pictures import embed_weights
from glassnet.models.model import Model
from glassnet.types import Array

N_UNITS = 48  # number of units shown for a hidden layer
MAX_LARGE_PICTURES = 12  # with more pictures, they are small


@dataclass(frozen=True, kw_only=True)
class FirstLayer:
    """Weights of units in the first layer.

    Parameters
    ----------
    pictures : ndarray of float, (k, height, width)
        The weight of each pixel for each unit.
    units : tuple of int
        Indices of the units in the layer.
    n_units : int
        Number of units in the whole layer.
    caption : str
        Sentence on which units are shown.
    is_output : bool
        Whether the units are the classes because the network has no hidden layer.
    """

    pictures: Array
    units: tuple[int, ...]
    n_units: int
    caption: str
    is_output: bool = False


def extract_first_layer(model: Model) -> FirstLayer | None:
    """Extract the weights of the units with the largest weight norms, in layer order.

    Returns
    -------
    FirstLayer or None
        Weights of an ensemble's first network; None if the height and width of the images are
        unknown.
    """
    if model.image_shape is None:
        return None
    member = model.members[0]
    network = member.network
    W1 = network.params["W1"]
    n_units = W1.shape[1]
    is_output = len(network.dense) == 1
    longest = np.argsort(-np.linalg.norm(W1, axis=0), kind="stable")
    units = np.sort(longest if is_output else longest[:N_UNITS])
    if len(units) < n_units:
        caption = f"Showing the {len(units)} of {n_units:,} units with the largest weight norms."
    else:
        layer = "the only layer" if is_output else "the first layer"
        caption = f"Showing all {n_units} units of {layer}."
    if len(model.members) > 1:
        caption += f" They belong to the first of {len(model.members)} networks."
    if str(member.preprocessing) != "plain":
        caption += f" Each image is preprocessed first: {member.preprocessing}."
    return FirstLayer(
        pictures=W1.T[units].reshape(-1, *model.image_shape),
        units=tuple(map(int, units)),
        n_units=n_units,
        caption=caption,
        is_output=is_output,
    )


def first_layer_section(layer: FirstLayer | None, classes: Sequence[str]) -> Html:
    """Write the section with a picture of each unit's weights."""
    title = "First-layer weights"
    if layer is None:
        text = "No pictures: the model file does not record the height and width of its images."
        return section("weights", title, element("p", text))
    limit = float(np.quantile(np.abs(layer.pictures), 0.995)) or 1.0
    legend = element(
        "p",
        element("span", f"-{limit:.2g}"),
        element("span", class_="scale"),
        element("span", f"+{limit:.2g}"),
        class_="weight-scale",
    )
    text = (
        "Each picture shows the weights of one unit, one for each pixel of the input. Ink on "
        "vermillion raises the pre-activation of the unit; ink on blue lowers it. All pictures "
        "share one scale. "
    )
    items = (
        element(
            "li",
            embed_weights(values, limit, ""),
            classes[unit] if layer.is_output else f"unit {unit + 1}",
        )
        for unit, values in zip(layer.units, layer.pictures, strict=True)
    )
    is_large = len(layer.units) <= MAX_LARGE_PICTURES
    return section(
        "weights",
        title,
        element("p", text, layer.caption),
        legend,
        element("ul", *items, class_="units large" if is_large else "units"),
    )
