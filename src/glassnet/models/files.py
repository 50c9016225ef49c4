"""Model files: safetensors, which holds arrays and text and can run no code.

The description holds nothing that depends on time, place or machine: the same model makes the
same bytes.
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
    """Write a model to a file, whole or not at all.

    Parameters
    ----------
    model : Model or Network
        What to keep; batch normalisation is folded into the weights.
    path : str or path
        Where, by custom ending in ``.safetensors``.
    dtype : str, optional
        How to store the weights: ``"float32"``, ``"float16"`` (half the size) or ``"int8"`` (a
        quarter; a byte for each weight and a scale for each unit). They are read back as
        float32. By default, as they are.

    Raises
    ------
    ConfigError
        If there is no such dtype, or a weight is too large for it.
    GlassnetError
        If the file cannot be written.
    """
    if isinstance(model, Network):
        model = Model.of(model)
    write_tensors(Path(path), METADATA_KEY, *pack(model, dtype))


def load(path: str | os.PathLike[str]) -> Model:
    """Read a model back.

    Parameters
    ----------
    path : str or path
        A file that `save` wrote; or a run's folder, which holds one; or the name of a model that
        comes with glassnet, ``"mnist"`` or ``"mnist-small"``. Such a bare name means that model
        even where a file is called so: ``"./mnist"`` or ``Path("mnist")`` means the file.

    Returns
    -------
    Model
        Bit for bit what was saved, or what its weights were rounded to.

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
