"""Model files: safetensors, which holds arrays and text and can run no code.

The arrays are the parameters under their names. The description holds nothing that depends on
time, place or machine: the same model makes the same bytes.
"""

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import ConfigError, ModelFileError, canonical
from glassnet.models.model import Model
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.layers import Arrays, Dense
from glassnet.nn.network import Network
from glassnet.tensors import read_tensors, write_tensors

FORMAT = 1
METADATA_KEY = "glassnet"
MODEL = "model.safetensors"  # in a run's folder


def save(model: Model | Network, path: str | os.PathLike[str]) -> None:
    """Write a model to a file, whole or not at all.

    Parameters
    ----------
    model : Model or Network
        What to keep.
    path : str or path
        Where, by custom ending in ``.safetensors``.

    Raises
    ------
    GlassnetError
        If the file cannot be written.
    """
    if isinstance(model, Network):
        model = Model(model)
    if model.network.dtype.itemsize > 8:
        raise ConfigError(f"model: needs floats of at most 64 bits, got {model.network.dtype}")
    layers = [
        {
            "n_in": layer.n_in,
            "n_out": layer.n_out,
            "activation": layer.activation,
            "initializer": layer.initializer,
        }
        for layer in model.network.dense
    ]
    description = {"format": FORMAT, "image_shape": model.image_shape, "layers": layers}
    write_tensors(Path(path), METADATA_KEY, description, model.network.params)


def load(path: str | os.PathLike[str]) -> Model:
    """Read a model back.

    Parameters
    ----------
    path : str or path
        A file that `save` wrote, or a run's folder, which holds one.

    Returns
    -------
    Model
        Bit for bit what was saved.

    Raises
    ------
    ModelFileError
        If there is no such file, or it is damaged, foreign, or of a newer format.
    """
    path = Path(path)
    if path.is_dir():
        if (path / "config.json").is_file() and not (path / MODEL).exists():
            raise ModelFileError(
                f"{path}: this run has no model yet; let it finish: glassnet train --resume {path}"
            )
        path = path / MODEL
    if not path.is_file():
        raise ModelFileError(f"{path}: needs a model file or a run's folder, got nothing there")
    description, tensors = read_tensors(path, METADATA_KEY, FORMAT)
    try:
        layers = [
            Dense(
                int(layer["n_in"]),
                int(layer["n_out"]),
                canonical("activation", ACTIVATIONS, layer["activation"]),
                canonical("initializer", INITIALIZERS, layer["initializer"]),
            )
            for layer in description["layers"]
        ]
        shape = description["image_shape"]
        image_shape = None if shape is None else (int(shape[0]), int(shape[1]))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        reason = str(error) if isinstance(error, ConfigError) else f"{type(error).__name__} {error}"
        raise ModelFileError(f"{path}: its description cannot be understood ({reason})") from error
    params = _check_tensors(path, layers, tensors)
    _check_layers(path, layers, image_shape)
    return Model(Network(layers, params), image_shape)


def _check_layers(path: Path, layers: list[Dense], image_shape: tuple[int, int] | None) -> None:
    for number, (before, after) in enumerate(pairwise(layers), start=1):
        if before.n_out != after.n_in:
            raise ModelFileError(
                f"{path}: layer {number} gives {before.n_out} numbers, layer {number + 1} "
                f"takes {after.n_in}"
            )
    if layers[-1].activation != "identity":
        raise ModelFileError(
            f"{path}: the last layer needs the activation identity, got {layers[-1].activation}"
        )
    if image_shape is not None and (
        min(image_shape) < 1 or image_shape[0] * image_shape[1] != layers[0].n_in
    ):
        raise ModelFileError(
            f"{path}: images of {image_shape[0]} x {image_shape[1]} do not fit "
            f"{layers[0].n_in} inputs"
        )


def _check_tensors(path: Path, layers: list[Dense], tensors: dict[str, Any]) -> Arrays:
    """Return the parameters in the order of the layers, if all is as it should be."""
    if not layers:
        raise ModelFileError(f"{path}: needs at least one layer, got none")
    needed: dict[str, tuple[int, ...]] = {}
    for number, layer in enumerate(layers, start=1):
        needed |= {f"W{number}": (layer.n_in, layer.n_out), f"b{number}": (layer.n_out,)}
    if tensors.keys() != needed.keys():
        raise ModelFileError(f"{path}: needs {', '.join(needed)}, got {', '.join(tensors)}")
    for name, shape in needed.items():
        theta = tensors[name]
        if theta.shape != shape:
            raise ModelFileError(f"{path}: {name} needs shape {shape}, got {theta.shape}")
        if theta.dtype.kind != "f" or theta.dtype != tensors["W1"].dtype:
            raise ModelFileError(f"{path}: {name} needs floats of one dtype, got {theta.dtype}")
        if not np.isfinite(theta).all():
            raise ModelFileError(f"{path}: {name} holds infinite or NaN numbers")
    return {name: tensors[name] for name in needed}
