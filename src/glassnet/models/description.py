"""Description: conversion between a model and JSON-compatible data with named arrays.

The arrays of a single network are named like its parameters, ``W1``, ``b1``, ...; in an ensemble
they are prefixed with the member's number, as in ``2/W1``.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.data.transforms.preprocessing import Preprocessing
from glassnet.errors import ConfigError, ModelFileError, ShapeError, canonical, printable
from glassnet.models.compression import STORED_DTYPES, compress, expand, scale_of
from glassnet.models.member import Member
from glassnet.models.model import Model
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.layer import BoundLayer, Layer
from glassnet.nn.network import Network
from glassnet.types import Arrays

FORMAT = 2
FLOAT_DTYPES = ("float16", "float32", "float64")


def pack(model: Model, stored: str | None) -> tuple[dict[str, Any], Arrays]:
    """Convert a model to a description and arrays; `stored` is the ``dtype`` of `save`.

    Returns
    -------
    description : dict
        JSON-compatible.
    tensors : dict of str to ndarray
        Arrays by the names of `_needed`.

    Raises
    ------
    ConfigError
        If the model has a layer, activation or value that a file cannot hold.
    """
    members: list[dict[str, Any]] = []
    tensors: Arrays = {}
    for prefix, member in zip(_prefixes(len(model.members)), model.members, strict=True):
        network, dtype = member.network, member.network.dtype.name
        if stored is None and dtype not in FLOAT_DTYPES:
            raise ConfigError(f"model: needs floats of at most 64 bits, got {dtype}")
        kept = network.params if stored is None else compress(network.params, stored)
        tensors |= {prefix + name: array for name, array in kept.items()}
        layers = [_describe_layer(place, layer) for place, layer in enumerate(network.layers, 1)]
        members.append(
            {
                "preprocess": str(member.preprocessing),
                "layers": layers,
                "dtype": dtype if stored is None else "float32",
                "stored": stored or dtype,
            }
        )
    description = {
        "format": FORMAT,
        "image_shape": model.image_shape,
        "temperature": float(model.temperature),
        "threshold": None if model.threshold is None else float(model.threshold),
        "classes": model.classes,
        "members": members,
    }
    return description, tensors


def unpack(description: dict[str, Any], tensors: Arrays) -> Model:
    """Build a model from a description in any format version up to `FORMAT`.

    Raises
    ------
    ModelFileError
        If the description or the tensors are invalid, or do not match.
    """
    try:
        if description["format"] == 1:
            description = _upgrade(description, tensors)
        described = [
            (
                Preprocessing.parse(member["preprocess"]),
                [_layer(layer) for layer in member["layers"]],
                canonical("dtype", FLOAT_DTYPES, member["dtype"]),
                canonical("dtype", {*FLOAT_DTYPES, *STORED_DTYPES}, member["stored"]),
            )
            for member in description["members"]
        ]
        shape = description["image_shape"]
        image_shape = None if shape is None else (int(shape[0]), int(shape[1]))
        temperature, threshold = float(description["temperature"]), description["threshold"]
        threshold = None if threshold is None else float(threshold)
        classes = tuple(description["classes"])
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        reason = str(error) if isinstance(error, ConfigError) else f"{type(error).__name__} {error}"
        raise ModelFileError(f"the description is invalid ({reason})") from error
    if not described:
        raise ModelFileError("needs at least one member, got none")
    needed: dict[str, tuple[tuple[int, ...], str]] = {}
    prefixes = _prefixes(len(described))
    for prefix, (_, layers, _, stored) in zip(prefixes, described, strict=True):
        if not layers:
            raise ModelFileError("needs at least one layer, got none")
        needed |= _needed(prefix, layers, stored)
    _check_tensors(needed, tensors)
    members = []
    for prefix, (preprocessing, layers, dtype, stored) in zip(prefixes, described, strict=True):
        _check_layers(layers)
        names = _needed("", layers, stored)
        params = expand({name: tensors[prefix + name] for name in names}, dtype)
        for name, theta in params.items():
            if not np.isfinite(theta).all():
                raise ModelFileError(f"{prefix}{name} holds NaN or infinite values")
        bound_layers = [
            BoundLayer(layer, number, {"W": params[f"W{number}"], "b": params[f"b{number}"]}, {})
            for number, layer in enumerate(layers, start=1)
        ]
        members.append(Member(Network(bound_layers), preprocessing))
    try:
        return Model(
            members=tuple(members),
            image_shape=image_shape,
            temperature=temperature,
            threshold=threshold,
            classes=classes,
        )
    except (ConfigError, ShapeError) as error:
        raise ModelFileError(str(error)) from error


def _prefixes(n: int) -> list[str]:
    return [""] if n == 1 else [f"{number}/" for number in range(1, n + 1)]


def _upgrade(old: dict[str, Any], tensors: Arrays) -> dict[str, Any]:
    """Convert a description in format 1, which holds a single network in a single dtype."""
    layers = old["layers"]
    dtype = tensors["W1"].dtype.name if "W1" in tensors else ""
    dtype = dtype if dtype in FLOAT_DTYPES else "float32"
    member = {"preprocess": "plain", "layers": layers, "dtype": dtype, "stored": dtype}
    return {
        "image_shape": old["image_shape"],
        "temperature": 1.0,
        "threshold": None,
        "classes": (),
        "members": [member],
    }


def _describe_layer(place: int, layer: Layer) -> dict[str, Any]:
    if not isinstance(layer, Dense):
        raise ConfigError(
            f"save: layer {place}, {layer}, is not a dense layer and cannot be fused into one; "
            "a model file holds dense layers only"
        )
    if callable(layer.activation):
        raise ConfigError(
            f"save: layer {place}, {layer}, has a function as its activation; a model file holds "
            f"only named activations: {', '.join(sorted(ACTIVATIONS))}"
        )
    return {
        "n_in": layer.n_in,
        "n_out": layer.n_out,
        "activation": layer.activation,
        "initializer": layer.initializer,
    }


def _layer(layer: dict[str, Any]) -> Dense:
    return Dense(
        int(layer["n_in"]),
        int(layer["n_out"]),
        canonical("activation", ACTIVATIONS, layer["activation"]),
        initializer=canonical("initializer", INITIALIZERS, layer["initializer"]),
    )


def _needed(
    prefix: str, layers: Sequence[Dense], stored: str
) -> dict[str, tuple[tuple[int, ...], str]]:
    """Map the names of a network's arrays to their shapes and dtypes, in layer order."""
    other = "float32" if stored == "int8" else stored
    needed: dict[str, tuple[tuple[int, ...], str]] = {}
    for number, layer in enumerate(layers, start=1):
        needed[f"{prefix}W{number}"] = (layer.n_in, layer.n_out), stored
        if stored == "int8":
            needed[prefix + scale_of(f"W{number}")] = (layer.n_out,), other
        needed[f"{prefix}b{number}"] = (layer.n_out,), other
    return needed


def _check_layers(layers: Sequence[Dense]) -> None:
    for number, (before, after) in enumerate(pairwise(layers), start=1):
        if before.n_out != after.n_in:
            raise ModelFileError(
                f"layer {number} has {before.n_out} outputs, but layer {number + 1} has "
                f"{after.n_in} inputs"
            )
    if layers[-1].activation != "identity":
        raise ModelFileError(
            f"the last layer needs the activation identity, got {layers[-1].activation}"
        )


def _check_tensors(needed: dict[str, tuple[tuple[int, ...], str]], tensors: Arrays) -> None:
    if tensors.keys() != needed.keys():
        raise ModelFileError(f"needs {', '.join(needed)}, got {printable(', '.join(tensors))}")
    for name, (shape, dtype) in needed.items():
        if tensors[name].shape != shape:
            raise ModelFileError(f"{name} needs shape {shape}, got {tensors[name].shape}")
        if tensors[name].dtype != dtype:
            raise ModelFileError(f"{name} needs {dtype}, got {tensors[name].dtype}")
