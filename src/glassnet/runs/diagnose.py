"""Diagnosis of a training run, live or from its folder."""

import os
from collections.abc import Sequence
from pathlib import Path

from glassnet.data.dataset import Dataset
from glassnet.data.image_hash import hash_images
from glassnet.diagnosis.case import Case
from glassnet.diagnosis.causes import find_causes
from glassnet.diagnosis.finding import Finding
from glassnet.errors import ConfigError
from glassnet.models.files import MODEL, load
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.network import Network
from glassnet.nn.training import Training
from glassnet.runs.config import RunConfig
from glassnet.runs.data_hash import check_unchanged
from glassnet.runs.folder import CONFIG, HISTORY, MEMBER
from glassnet.runs.history import read_history


def diagnose(
    training: Training | Sequence[EpochRecord] | str | os.PathLike[str],
    network: Network | None = None,
    dataset: Dataset | None = None,
    *,
    learning_rate: float | None = None,
) -> tuple[Finding, ...]:
    """Diagnose a training run.

    Parameters
    ----------
    training : Training, sequence of EpochRecord, str or path
        The iterator returned by `glassnet.train`, exhausted or not; its records so far, followed
        by the ``record`` of a `NotFiniteError` if one was raised; or a run's folder.
    network : Network, optional
        Current network; only with records.
    dataset : Dataset, optional
        Data of the run, to detect leakage between its sets; not with a folder.
    learning_rate : float, optional
        Highest learning rate of the schedule, by default that of the records; only with records.

    Returns
    -------
    tuple of Finding
        Findings, with the root cause first; empty if no problem is found.

    Raises
    ------
    ConfigError
        If the folder holds no run, its data have changed, or its history is damaged.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.random((90, 4)), np.arange(90) % 3
    >>> X[:, :3] = 0.1 * X[:, :3] + 0.9 * (y[:, None] == np.arange(3))
    >>> net = gn.mlp([4, 8, 3], initializer="zeros", rng=0)
    >>> training = gn.train(net, (X, y), epochs=3, rng=0)
    >>> for record in training:
    ...     pass
    >>> [finding.cause for finding in gn.diagnose(training)]
    ['zero-initialisation', 'dead-relus']
    """
    if isinstance(training, str | os.PathLike):
        return find_causes(read_case(Path(training)))
    hashes = None if dataset is None else dataset.image_hashes.hashes
    if isinstance(training, Training):
        if hashes is None and training.validation is not None:
            parts = {"train": training.images, "validation": training.validation[0]}
            hashes = {part: hash_images(images) for part, images in parts.items()}
        network, records = training.network, training.records
    else:
        records = list(training)
    return find_causes(Case(records, network, hashes, learning_rate))


def read_case(folder: Path) -> Case:
    """Read a run's case from its folder; it has no network if the run is not finished.

    Raises
    ------
    ConfigError
        If the folder holds no run, its data have changed, or its history is damaged.
    """
    config = RunConfig.read(folder / CONFIG)
    if config.recipe.members:
        raise ConfigError(
            f"{folder}: is an ensemble; diagnose one of its networks, such as {folder / MEMBER}1"
        )
    records = read_history(folder / HISTORY)
    if not records:
        raise ConfigError(f"{folder}: has no {HISTORY} yet; diagnose it after its first epoch")
    dataset = config.load_dataset()
    check_unchanged(dataset, config.data_hash, folder)
    network = load(folder).network if (folder / MODEL).is_file() else None
    return Case(records, network, dataset.image_hashes.hashes, config.recipe.learning_rate)
