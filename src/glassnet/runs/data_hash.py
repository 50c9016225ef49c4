"""Fingerprint: one hash for all that a run learns from, chooses by and is tested on."""

import hashlib
from pathlib import Path

from glassnet.data.dataset import Dataset
from glassnet.errors import ConfigError


def hash_dataset(dataset: Dataset) -> str:
    """Hash all images and labels of a dataset, part by part.

    Parameters
    ----------
    dataset : Dataset
        Any.

    Returns
    -------
    str
        SHA-256 in hexadecimal digits.
    """
    digest = hashlib.sha256()
    for part in (dataset.train, dataset.validation, dataset.test):
        if part is not None:
            digest.update(part.hashes.tobytes())  # of each image; the pixels are not copied
            digest.update(part.labels.tobytes())
    return digest.hexdigest()


def check_unchanged(dataset: Dataset, data_hash: str | None, folder: Path) -> None:
    """Refuse data that have changed since a run was begun.

    Parameters
    ----------
    dataset : Dataset
        As it is now.
    data_hash : str or None
        Its hash_dataset as it was; None where nobody wrote it down.
    folder : Path
        The run's.

    Raises
    ------
    ConfigError
        If the two differ.
    """
    if data_hash not in (None, hash_dataset(dataset)):
        raise ConfigError(
            f"{dataset.name}: has changed since {folder} was begun; a resumed run needs the same "
            "images"
        )
