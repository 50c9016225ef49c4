"""Model files: safetensors, which hold arrays and text and cannot run code.

The description does not depend on time, place or machine: the same model gives the same bytes.
"""

import os
from pathlib import Path

from glassnet.errors import ModelFileError
from glassnet.models.description import FORMAT, pack, unpack
from glassnet.models.model import Model
from glassnet.models.shipped import NAMES, locate
from glassnet.nn.network import Network
from glassnet.tensors import read_tensors, write_tensors

METADATA_KEY = "glassnet"
MODEL = "model.safetensors"  # in a run's folder


def save(model: Model | Network, path: str | os.PathLike[str], dtype: str | None = None) -> None:
    """Write a model to a file; the write is atomic.

    Parameters
    ----------
    model : Model or Network
        Batch normalisation is fused into the weights.
    path : str or path
        By convention ending in ``.safetensors``.
    dtype : str, optional
        Of the stored weights: ``"float32"``, ``"float16"`` (half the size) or ``"int8"`` (a
        quarter; a byte for each weight and a scale for each unit). They are loaded as float32. By
        default, the dtype of the network.

    Raises
    ------
    ConfigError
        If the dtype is unknown, or its range is too small for a weight.
    GlassnetError
        If the file cannot be written.
    """
    if isinstance(model, Network):
        model = Model.of(model)
    write_tensors(Path(path), METADATA_KEY, *pack(model, dtype))


def load(path: str | os.PathLike[str]) -> Model:
    """Load a model.

    Parameters
    ----------
    path : str or path
        A file written by `save`; the folder of a run; or the name of a shipped model, ``"mnist"``
        or ``"mnist-small"``. A bare name means the shipped model even if such a file exists:
        ``"./mnist"`` or ``Path("mnist")`` means the file.

    Raises
    ------
    ModelFileError
        If there is no such file, or it is damaged, foreign, or of a newer format.
    """
    path = locate(path)
    if path.is_dir():
        if (path / "config.json").is_file() and not (path / MODEL).exists():
            raise ModelFileError(
                f"{path}: this run has no model yet; let it finish: glassnet train --resume {path}"
            )
        path = path / MODEL
    if not path.is_file():
        raise ModelFileError(
            f"{path}: needs a model file, a run's folder or {' or '.join(NAMES)}, got nothing there"
        )
    description, tensors = read_tensors(path, METADATA_KEY, FORMAT)
    try:
        return unpack(description, tensors)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error
