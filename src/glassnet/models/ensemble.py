"""Ensembles: several models that answer together."""

import math
from collections.abc import Sequence

from glassnet.errors import ConfigError
from glassnet.models.model import Model


def ensemble(models: Sequence[Model]) -> Model:
    """Make one model of several, whose answer is the mean of what all their networks say.

    Its temperature is the geometric mean of theirs: close, where they were trained alike, to one
    fitted to the ensemble. A threshold was fitted to each model alone, and is not taken over.

    Parameters
    ----------
    models : sequence of Model
        Of one image shape and the same classes.

    Returns
    -------
    Model
        With all their members, in that order.

    Raises
    ------
    ConfigError
        If there is none, or they do not go together.
    """
    if not models:
        raise ConfigError("ensemble: needs at least one model, got none")
    first = models[0]
    for number, model in enumerate(models[1:], start=2):
        for what, one, other in (
            ("image shape", first.image_shape, model.image_shape),
            ("classes", first.classes, model.classes),
        ):
            if one != other:
                raise ConfigError(
                    f"ensemble: model {number} needs the {what} of the first, {one}, got {other}"
                )
    members = tuple(member for model in models for member in model.members)
    each = [model.temperature for model in models]
    temperature = math.prod(each) ** (1 / len(each))
    temperature = min(max(temperature, min(each)), max(each))  # rounding leads no further
    return Model(
        members=members,
        image_shape=first.image_shape,
        temperature=temperature,
        classes=first.classes,
    )
