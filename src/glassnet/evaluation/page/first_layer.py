"""The first layer: its weights as pictures, since there is one for each pixel."""

import numpy as np

from glassnet.evaluation.page.content import Weights
from glassnet.models.model import Model

N_UNITS = 48  # as pictures


def first_weights(model: Model) -> Weights | None:
    """Take the first layer's weights as pictures.

    Parameters
    ----------
    model : Model
        Of an ensemble, the first network.

    Returns
    -------
    Weights or None
        Those of the units with the longest weights, in the order of the layer; None where the
        images' height and width are not known.
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
    whose = "its only layer" if is_output else "its first layer"
    if len(units) < n_units:
        told = f"Shown are the {len(units)} units of {n_units:,} with the longest weights."
    else:
        told = f"Shown are all {n_units} units of {whose}."
    if len(model.members) > 1:
        told += f" They are the first network's, of {len(model.members)}."
    if str(member.preprocessing) != "plain":
        told += f" Each image is preprocessed first: {member.preprocessing}."
    pictures = W1.T[units].reshape(-1, *model.image_shape)
    return Weights(
        pictures=pictures,
        units=tuple(map(int, units)),
        n_units=n_units,
        told=told,
        of_classes=is_output,
    )
