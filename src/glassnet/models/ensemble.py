"""Ensembles: models whose probabilities are averaged."""

import math
from collections.abc import Sequence

from glassnet.errors import ConfigError
from glassnet.models.model import Model


def ensemble(models: Sequence[Model]) -> Model:
    """Combine models of one image shape and the same classes into one that averages their networks.

    Its temperature is the geometric mean of theirs, which is close to a fitted one if they were
    trained alike. It has no threshold, since those of the models were fitted to each alone.

    Raises
    ------
    ConfigError
        If there is no model, or they differ in image shape or classes.
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
    # Rounding must not leave the range.
    temperature = min(max(mean, min(temperatures)), max(temperatures))
    return Model(
        members=members,
        image_shape=first.image_shape,
        temperature=temperature,
        classes=first.classes,
    )
