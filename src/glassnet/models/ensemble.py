"""Ensembles: models whose probabilities are averaged."""

import math
from collections.abc import Sequence

from glassnet.errors import ConfigError
from glassnet.models.model import Model


def ensemble(models: Sequence[Model]) -> Model:
    """Combine models into an ensemble that averages the probabilities of their networks.

    Its temperature is the geometric mean of the models' temperatures, which is close to a fitted
    one if they were trained with the same recipe. The ensemble has no threshold, since each model's
    threshold was chosen for that model alone.

    Parameters
    ----------
    models : sequence of Model
        At least one; all with the same image shape and classes. An ensemble among them contributes
        each of its networks.

    Raises
    ------
    ConfigError
        If there is no model, or they differ in image shape or classes.

    Examples
    --------
    >>> import glassnet as gn
    >>> model = gn.ensemble([gn.load("mnist"), gn.load("mnist-small")])
    >>> model
    Model(2 networks, 2,873,620 parameters; preprocessing 2 x deskew; images of 28 x 28; \
temperature 0.48118)
    """
    if not models:
        raise ConfigError("ensemble: needs at least one model, got none")
    first = models[0]
    for number, model in enumerate(models[1:], start=2):
        for name, expected, value in (
            ("image shape", first.image_shape, model.image_shape),
            ("classes", first.classes, model.classes),
        ):
            if value != expected:
                raise ConfigError(
                    f"ensemble: model {number} needs the {name} of the first, {expected}, "
                    f"got {value}"
                )
    members = tuple(member for model in models for member in model.members)
    temperatures = [model.temperature for model in models]
    mean = math.prod(temperatures) ** (1 / len(temperatures))
    # Rounding could move the mean out of this range.
    temperature = min(max(mean, min(temperatures)), max(temperatures))
    return Model(
        members=members,
        image_shape=first.image_shape,
        temperature=temperature,
        classes=first.classes,
    )
