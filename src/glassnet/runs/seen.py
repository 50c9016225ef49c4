"""The images that a run has seen: hashes of those that it learnt from, and was chosen by.

They are kept beside the model in ``seen.safetensors``: two sorted arrays of uint64, ``train`` and
``validation``.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.provenance import Provenance
from glassnet.errors import ModelFileError
from glassnet.models.shipped import locate
from glassnet.tensors import read_tensors, write_tensors

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
    none = np.empty(0, np.uint64)
    arrays = {part: np.sort(provenance.hashes.get(part, none)) for part in PARTS}
    write_tensors(folder / SEEN, METADATA_KEY, {"format": FORMAT, "holds": "seen"}, arrays)


def combine_seen(models: Sequence[str | os.PathLike[str]], folder: Path) -> Array | None:
    """Write down that a committee has seen what any of its members has.

    Parameters
    ----------
    models : sequence of str or path
        As for `read_seen`.
    folder : Path
        The committee's.

    Returns
    -------
    ndarray of uint64 or None
        Hashes, sorted; None, and nothing written, where the record of one is missing.

    Raises
    ------
    GlassnetError
        If a record is damaged, or the file cannot be written.
    """
    records = [read_seen(model) for model in models]
    known = [hashes for hashes in records if hashes is not None]
    if len(known) < len(records):
        return None
    seen = np.unique(np.concatenate(known))
    write_seen(folder, Provenance("a committee's", {"train": seen}))
    return seen


def read_seen(model: str | os.PathLike[str]) -> Array | None:
    """Read which images a model has seen.

    Parameters
    ----------
    model : str or path
        A run's folder; a model file, which may lie in one; or the name of a shipped model.

    Returns
    -------
    ndarray of uint64 or None
        Hashes of both parts, sorted; None where nobody wrote them down.

    Raises
    ------
    ModelFileError
        If the file is damaged, foreign, or of a newer format, or there is no such shipped model.
    """
    place = locate(model)
    path = (place if place.is_dir() else place.parent) / SEEN
    if not path.exists():
        return None
    _, arrays = read_tensors(path, METADATA_KEY, FORMAT)
    if sorted(arrays) != sorted(PARTS) or any(
        hashes.dtype != np.uint64 or hashes.ndim != 1 for hashes in arrays.values()
    ):
        raise ModelFileError(f"{path}: needs lists of uint64 called train and validation")
    return np.unique(np.concatenate([arrays[part] for part in PARTS]))
