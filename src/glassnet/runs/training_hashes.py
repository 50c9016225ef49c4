"""Training hashes: content hashes of a run's training and validation images.

The file ``training_hashes.safetensors`` in the run's folder has two sorted arrays of uint64,
``train`` and ``validation``.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glassnet.data.image_hash import ImageHashes
from glassnet.errors import ModelFileError
from glassnet.models.shipped import locate
from glassnet.tensors import read_tensors, write_tensors
from glassnet.types import Array

FORMAT = 1
METADATA_KEY = "glassnet"
TRAINING_HASHES = "training_hashes.safetensors"
PARTS = ("train", "validation")


def write_training_hashes(folder: Path, image_hashes: ImageHashes) -> None:
    """Write the hashes of a run's training and validation images into its folder.

    Raises
    ------
    GlassnetError
        If the file cannot be written.
    """
    none = np.empty(0, np.uint64)
    arrays = {part: np.sort(image_hashes.hashes.get(part, none)) for part in PARTS}
    write_tensors(
        folder / TRAINING_HASHES, METADATA_KEY, {"format": FORMAT, "holds": "seen"}, arrays
    )


def merge_training_hashes(models: Sequence[str | os.PathLike[str]], folder: Path) -> Array | None:
    """Write the union of the members' hashes into an ensemble's folder.

    Returns
    -------
    ndarray of uint64 or None
        Sorted hashes; None, with no file written, if a member has no record.

    Raises
    ------
    GlassnetError
        If a record is damaged, or the file cannot be written.
    """
    records = [read_training_hashes(model) for model in models]
    known = [hashes for hashes in records if hashes is not None]
    if len(known) < len(records):
        return None
    training_hashes = np.unique(np.concatenate(known))
    write_training_hashes(folder, ImageHashes("an ensemble's", {"train": training_hashes}))
    return training_hashes


def read_training_hashes(model: str | os.PathLike[str]) -> Array | None:
    """Read the hashes of a model's training and validation images.

    Parameters
    ----------
    model : str or path
        A run's folder, a model file inside or outside one, or the name of a shipped model.

    Returns
    -------
    ndarray of uint64 or None
        Sorted hashes of both sets; None if there is no record.

    Raises
    ------
    ModelFileError
        If the file is damaged, has other content or a newer format, or if there is no such
        shipped model.
    """
    place = locate(model)
    path = (place if place.is_dir() else place.parent) / TRAINING_HASHES
    if not path.exists():
        return None
    _, arrays = read_tensors(path, METADATA_KEY, FORMAT)
    if sorted(arrays) != sorted(PARTS) or any(
        hashes.dtype != np.uint64 or hashes.ndim != 1 for hashes in arrays.values()
    ):
        raise ModelFileError(f"{path}: needs 1-D arrays of uint64 called train and validation")
    return np.unique(np.concatenate([arrays[part] for part in PARTS]))
