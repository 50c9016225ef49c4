"""Mistakes: what a network confuses, which images, what spoke for it, and what they resemble."""

from typing import Any

import numpy as np

from glassnet.lab.catalog import Pictures
from glassnet.lab.encoding import pack_bytes, pack_floats
from glassnet.models.model import Model
from glassnet.nn.validation import to_unit
from glassnet.types import Array

N_SHOWN = 60  # images of a cell
N_NEAREST = 5
BLOCK = 4_000  # training images that are compared at a time


def confuse(model: Model, pictures: Pictures) -> dict[str, Any]:
    """Read the test images, and sort them by what they are and what they were taken for.

    Parameters
    ----------
    model : Model
        Reads them.
    pictures : Pictures
        With a test part.

    Returns
    -------
    dict
        ``matrix`` (rows: what it is), ``accuracy``, ``n`` and ``cells``: for each cell that has
        any, the numbers of its images, the surest first.
    """
    test = pictures.part("test")
    probabilities = model.predict_proba(test.images)
    predicted, sureness = probabilities.argmax(axis=1), probabilities.max(axis=1)
    n_classes = model.n_classes
    matrix = np.zeros((n_classes, n_classes), int)
    np.add.at(matrix, (test.labels, predicted), 1)
    cells = {}
    for row, column in zip(*np.nonzero(matrix), strict=True):
        here = np.flatnonzero((test.labels == row) & (predicted == column))
        order = here[np.argsort(-sureness[here], kind="stable")][:N_SHOWN]
        cells[f"{row},{column}"] = [
            {"index": int(i), "probability": float(sureness[i])} for i in order
        ]
    return {
        "data": pictures.name,
        "n": len(test),
        "accuracy": float((predicted == test.labels).mean()),
        "matrix": matrix.tolist(),
        "cells": cells,
    }


def find_evidence(model: Model, image: Array, label: int) -> dict[str, Any]:
    """Say what in an image spoke for the answer, and against another.

    For each pixel x_j its share of z_answer - z_other: x_j times the slope of that difference in
    x_j, from backpropagation. Without hidden layers these and the biases add up to the difference
    exactly; with ReLUs too, at the slope that holds there, but for what the biases bring.

    Parameters
    ----------
    model : Model
        Of one network.
    image : ndarray of uint8, (28, 28)
        The image.
    label : int
        What it shows.

    Returns
    -------
    dict
        ``answer``, ``other`` (the label where the answer is wrong, else the second likeliest),
        ``probabilities``, ``difference`` of the two logits and ``evidence``, float64 of 28 x 28.

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
    """Find the training images that are most like an image, by squared distance of the pixels.

    Parameters
    ----------
    image : ndarray of uint8, (28, 28)
        The image.
    pictures : Pictures
        With a training part.

    Returns
    -------
    list of dict
        ``index``, ``label``, ``distance`` (root mean square, in grey values) and ``pixels`` of
        each, the nearest first.
    """
    train = pictures.part("train")
    x = image.reshape(-1).astype(np.float32)
    squared = np.empty(len(train), np.float32)
    for start in range(0, len(train), BLOCK):
        block = train.images[start : start + BLOCK].reshape(-1, x.size).astype(np.float32)
        block -= x
        squared[start : start + BLOCK] = np.einsum("ij,ij->i", block, block)
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
