"""The images that a run has seen: hashes of those that it learnt from, and was chosen by.

They are kept beside the model in ``seen.safetensors``: two sorted arrays of uint64, ``train`` and
``validation``.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.provenance import Provenance
from glassnet.errors import ModelFileError
from glassnet.files import write_atomically

Array = NDArray[Any]

FORMAT = 1
METADATA_KEY = "glassnet"
SEEN = "seen.safetensors"
PARTS = ("train", "validation")


def write_seen(folder: Path, provenance: Provenance) -> None:
    """Write down which images a run learns from and chooses by.

    Parameters
    ----------
    folder : Path
        The run's.
    provenance : Provenance
        Of its dataset.

    Raises
    ------
    GlassnetError
        If the file cannot be written.
    """
    from safetensors.numpy import save as to_bytes

    none = np.empty(0, np.uint64)
    tensors = {part: np.sort(provenance.hashes.get(part, none)) for part in PARTS}
    metadata = {METADATA_KEY: json.dumps({"format": FORMAT, "holds": "seen"}, sort_keys=True)}
    write_atomically(folder / SEEN, to_bytes(tensors, metadata))


def read_seen(model: Path) -> Array | None:
    """Read which images a model has seen.

    Parameters
    ----------
    model : Path
        A run's folder, or a model file, which may lie in one.

    Returns
    -------
    ndarray of uint64 or None
        Hashes of both parts, sorted; None where nobody wrote them down.

    Raises
    ------
    ModelFileError
        If the file is damaged, foreign, or of a newer format.
    """
    from safetensors import SafetensorError, safe_open

    path = (model if model.is_dir() else model.parent) / SEEN
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        version = json.loads(metadata[METADATA_KEY])["format"]
    except (
        SafetensorError,
        OSError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,  # floats of 8 bits, which NumPy does not have
        RecursionError,
    ) as error:
        raise ModelFileError(f"{path}: is damaged, or not glassnet's ({error})") from error
    if version != FORMAT:
        raise ModelFileError(f"{path}: needs format {FORMAT}, got format {version!r}")
    if sorted(tensors) != sorted(PARTS) or any(
        hashes.dtype != np.uint64 or hashes.ndim != 1 for hashes in tensors.values()
    ):
        raise ModelFileError(f"{path}: needs lists of uint64 called train and validation")
    return np.unique(np.concatenate([tensors[part] for part in PARTS]))
