"""Model files: safetensors, which holds arrays and text and can run no code.

The arrays are the parameters under their names. One metadata key, ``glassnet``, holds JSON with
sorted keys, and nothing in it depends on time, place or machine: the same model makes the same
bytes.
"""

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import ConfigError, ModelFileError, canonical
from glassnet.files import write_atomically
from glassnet.models.model import Model
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.layers import Arrays, Dense
from glassnet.nn.network import Network

FORMAT = 1
METADATA_KEY = "glassnet"


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
    from safetensors.numpy import save as to_bytes

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
        for layer in model.network.layers
    ]
    description = {"format": FORMAT, "image_shape": model.image_shape, "layers": layers}
    metadata = {METADATA_KEY: json.dumps(description, sort_keys=True)}
    tensors = {name: np.ascontiguousarray(W) for name, W in model.network.params.items()}
    write_atomically(Path(path), to_bytes(tensors, metadata))


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
        if (path / "config.json").is_file() and not (path / "model.safetensors").exists():
            raise ModelFileError(
                f"{path}: this run has no model yet; let it finish: glassnet train --resume {path}"
            )
        path = path / "model.safetensors"
    tensors, description = _read(path)
    version = description.get("format")
    if not isinstance(version, int) or version < 1:
        raise ModelFileError(f"{path}: needs a format from 1 to {FORMAT}, got format {version!r}")
    if version > FORMAT:
        raise ModelFileError(
            f"{path}: has format {version}, this glassnet knows up to {FORMAT}; "
            "a newer glassnet can read it"
        )
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


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ModelFileError(f"{path}: needs a model file or a run's folder, got nothing there")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError) as error:
        # The last two: floats of 8 or 16 bits in a format that NumPy does not have.
        raise ModelFileError(f"{path}: is no safetensors file, or is damaged ({error})") from error
    try:
        description = json.loads(metadata[METADATA_KEY])
    except (KeyError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{path}: was not written by glassnet (no description)") from error
    if not isinstance(description, dict):
        raise ModelFileError(f"{path}: its description is no JSON object")
    return tensors, description


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
    if image_shape is not None and image_shape[0] * image_shape[1] != layers[0].n_in:
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
