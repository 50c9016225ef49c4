"""Model files in the safetensors format: arrays and a JSON description, no executable code.

The description holds no time, path or machine: the same model gives the same bytes.
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
    """Write a model to a file atomically.

    Parameters
    ----------
    model : Model or Network
        Layers such as batch normalisation are fused into the dense layers.
    path : str or path
        Destination, by convention with the suffix ``.safetensors``.
    dtype : str, optional
        Dtype of the stored weights: ``"float32"``, ``"float16"`` (half the size) or ``"int8"`` (a
        quarter: one byte per weight and one scale per unit); they are loaded as float32. The
        default keeps the network's dtype.

    Raises
    ------
    ConfigError
        If the dtype is unknown, or a weight is out of its range.
    GlassnetError
        If the file cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> import glassnet as gn
    >>> network = gn.mlp([784, 32, 10], rng=np.random.default_rng(0))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "digits.safetensors"
    ...     for dtype in ("float32", "int8"):
    ...         gn.save(network, path, dtype)
    ...         print(f"{dtype}: {path.stat().st_size / 1e6:.2f} MB")
    float32: 0.10 MB
    int8: 0.03 MB
    """
    if isinstance(model, Network):
        model = Model.of(model)
    write_tensors(Path(path), METADATA_KEY, *pack(model, dtype))


def load(path: str | os.PathLike[str]) -> Model:
    """Load a model from a file or a run's folder, or a shipped model by name.

    Parameters
    ----------
    path : str or path
        A file written by `save`; the folder of a run; or the name of a shipped model, ``"mnist"``
        or ``"mnist-small"``. The names take precedence over files: pass ``"./mnist"`` or
        ``Path("mnist")`` to load a file of that name.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged, not glassnet's, or of a newer format.

    Examples
    --------
    >>> import glassnet as gn
    >>> model = gn.load("mnist-small")
    >>> model.network
    Network(784 -> 400 gelu -> 400 gelu -> 10 softmax, 478,410 parameters, float32)
    >>> model.predict(gn.load_dataset("sample").test.images[::250])
    array([0, 2, 5, 7])
    """
    path = locate(path)
    if path.is_dir():
        if (path / "config.json").is_file() and not (path / MODEL).exists():
            raise ModelFileError(
                f"{path}: this run has no model yet; finish it with: glassnet train --resume {path}"
            )
        path = path / MODEL
    if not path.is_file():
        raise ModelFileError(
            f"{path}: needs a model file, the folder of a run, {' or '.join(NAMES)}; found none"
        )
    description, tensors = read_tensors(path, METADATA_KEY, FORMAT)
    try:
        return unpack(description, tensors)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error
