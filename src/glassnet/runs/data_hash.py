"""Hash of a dataset, to detect changes in a run's data."""

import hashlib
from pathlib import Path

from glassnet.data.dataset import Dataset
from glassnet.errors import ConfigError


def hash_dataset(dataset: Dataset) -> str:
    """Return the SHA-256 of all images and labels in a dataset as a hexadecimal string."""
    digest = hashlib.sha256()
    for part in (dataset.train, dataset.validation, dataset.test):
        if part is not None:
            digest.update(part.hashes.tobytes())  # does not copy the pixels
            digest.update(part.labels.tobytes())
    return digest.hexdigest()


def check_unchanged(dataset: Dataset, data_hash: str | None, folder: Path) -> None:
    """Raise ConfigError if the dataset of a run has changed since the run started.

    `data_hash` is the recorded `hash_dataset`, or None if there is no record.
    """
    if data_hash not in (None, hash_dataset(dataset)):
        raise ConfigError(
            f"{dataset.name}: has changed since {folder} was started; a resumed run needs the same "
            "images"
        )
