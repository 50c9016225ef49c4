"""Mistakes: confusion matrix, pixel attributions and similar training images."""

from typing import Any

import numpy as np

from glassnet.errors import ConfigError
from glassnet.lab.catalog import Pictures
from glassnet.lab.encoding import pack_bytes, pack_floats
from glassnet.models.model import Model
from glassnet.nn.validation import to_unit
from glassnet.types import Array

MAX_CELL_IMAGES = 60  # per cell of the confusion matrix
N_NEAREST = 5
BLOCK_SIZE = 4_000  # training images compared at a time, to bound the memory


def confuse(model: Model, pictures: Pictures) -> dict[str, Any]:
    """Classify the test images and compute the confusion matrix.

    Returns
    -------
    dict
        ``matrix`` (rows: labels, columns: predictions), ``accuracy``, ``n`` and ``cells``: the
        images of each cell that is not empty, highest probability first.
    """
    test = pictures.part("test")
    probabilities = model.predict_proba(test.images)
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    n_classes = model.n_classes
    matrix = np.zeros((n_classes, n_classes), int)
    np.add.at(matrix, (test.labels, predicted), 1)
    cells = {}
    for row, column in zip(*np.nonzero(matrix), strict=True):
        members = np.flatnonzero((test.labels == row) & (predicted == column))
        order = members[np.argsort(-confidence[members], kind="stable")][:MAX_CELL_IMAGES]
        cells[f"{row},{column}"] = [
            {"index": int(i), "probability": float(confidence[i])} for i in order
        ]
    return {
        "data": pictures.name,
        "n": len(test),
        "accuracy": float((predicted == test.labels).mean()),
        "matrix": matrix.tolist(),
        "cells": cells,
    }


def explain_image(
    model: Model, image: Array, label: int | None, pictures: Pictures | None
) -> dict[str, Any]:
    """Return the pixel attributions of an image and the nearest training images.

    Parameters
    ----------
    model : Model
        A single network, not an ensemble.
    image : ndarray of uint8, (28, 28)
    label : int or None
        None for the prediction.
    pictures : Pictures or None
        Dataset to search for similar images.

    Returns
    -------
    dict
        The dictionary of `find_evidence`, with ``label`` and ``nearest`` from `find_nearest`.

    Raises
    ------
    ConfigError
        If the model is an ensemble.
    """
    if len(model.members) > 1:
        raise ConfigError("network: needs a single network, got an ensemble")
    if label is None:
        label = int(model.predict(image[None])[0])
    nearest = [] if pictures is None else find_nearest(image, pictures)
    return find_evidence(model, image, label) | {"label": label, "nearest": nearest}


def find_evidence(model: Model, image: Array, label: int) -> dict[str, Any]:
    """Attribute the difference between two logits to the pixels: gradient times input.

    The attribution of pixel x_j is x_j d(z_answer - z_other)/dx_j. Without hidden layers, the
    attributions and the difference in biases add up to the difference in logits; with
    ReLUs too, except for the contributions of the hidden biases.

    Parameters
    ----------
    model : Model
        A single network, not an ensemble.
    image : ndarray of uint8, (28, 28)
    label : int

    Returns
    -------
    dict
        ``answer`` (the prediction), ``other`` (the label if the prediction is wrong, else the
        second most probable class), ``probabilities``, ``difference`` of the two logits,
        ``evidence`` (attributions, float64, 28 x 28) and ``seen``, the preprocessed image.

    References
    ----------
    Ancona et al. 2018, "Towards better understanding of gradient-based attribution methods for
    deep neural networks", arXiv 1711.06104 (gradient times input).
    """
    member = model.members[0]
    network = member.network.for_inference()
    x = to_unit(member.preprocessing(image[None]).reshape(1, -1), network.dtype)
    probabilities = model.predict_proba(image[None])[0]
    answer = int(probabilities.argmax())
    order = np.argsort(-probabilities)
    other = label if label != answer else int(order[1])
    logits, backward = network.forward(x)
    slope = np.zeros_like(logits)
    slope[0, answer], slope[0, other] = 1, -1
    dx = backward(slope, network.empty_grads(), needs_dx=True)
    return {
        "answer": answer,
        "other": other,
        "probabilities": [float(p) for p in probabilities],
        "difference": float(logits[0, answer] - logits[0, other]),
        "evidence": pack_floats(x * dx),
        "seen": pack_bytes(np.rint(x * 255)),
    }


def find_nearest(image: Array, pictures: Pictures) -> list[dict[str, Any]]:
    """Find the training images closest to an image, by Euclidean distance in pixel space.

    Returns
    -------
    list of dict
        ``index``, ``label``, ``distance`` (root mean square, in grey values) and ``pixels``,
        nearest first.
    """
    train = pictures.part("train")
    x = image.reshape(-1).astype(np.float32)
    squared = np.empty(len(train), np.float32)
    for start in range(0, len(train), BLOCK_SIZE):
        block = train.images[start : start + BLOCK_SIZE].reshape(-1, x.size).astype(np.float32)
        block -= x
        squared[start : start + BLOCK_SIZE] = np.einsum("ij,ij->i", block, block)
    nearest = np.argsort(squared, kind="stable")[:N_NEAREST]
    return [
        {
            "index": int(i),
            "label": int(train.labels[i]),
            "distance": float(np.sqrt(squared[i] / x.size)),
            "pixels": pack_bytes(train.images[i]),
        }
        for i in nearest
    ]
