"""Fingerprint: one hash for all that a run learns from, chooses by and is tested on."""

import hashlib

from glassnet.data.dataset import Dataset


def fingerprint(dataset: Dataset) -> str:
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
