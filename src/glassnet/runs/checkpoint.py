"""Checkpoints: while a training is under way, the one file that holds all of it.

The arrays are the parameters and the optimiser's state; one JSON text holds the position, the
generator and the records so far. Going on from a checkpoint leads to the same bits as never
having stopped.
"""

import hashlib
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import ModelFileError
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.monitoring.epoch_stats import EpochStats
from glassnet.nn.optimizers import SCRATCH
from glassnet.nn.training import Training
from glassnet.tensors import read_tensors, write_tensors
from glassnet.types import Array

FORMAT = 1
METADATA_KEY = "glassnet-checkpoint"
CONTENT = ("step", "shuffling", "noise", "distortion", "position", "course", "records")
POSITION = ("epoch", "batch", "total_loss", "n_correct", "seconds")


def write_checkpoint(path: Path, training: Training, records: list[EpochRecord]) -> None:
    """Write down where a training stands, whole or not at all.

    Parameters
    ----------
    path : Path
        The file; an earlier one is replaced.
    training : Training
        Between two steps.
    records : list of EpochRecord
        Of the epochs completed.

    Raises
    ------
    GlassnetError
        If the file cannot be written; the earlier one is then still whole.
    """
    state = training.state
    content = {
        "step": state.optimizer["step"],
        "shuffling": state.shuffling or training.rng.bit_generator.state,
        "noise": training.noise.bit_generator.state,
        "distortion": training.distortion.bit_generator.state,
        "position": {name: getattr(state, name) for name in POSITION},
        "course": asdict(state.course),
        "records": [asdict(record) for record in records],
    }
    arrays = _arrays(training)
    description = {"format": FORMAT, "digest": _digest(content, arrays), **content}
    write_tensors(path, METADATA_KEY, description, arrays)


def read_checkpoint(path: Path, training: Training) -> list[EpochRecord]:
    """Put a training where a checkpoint says.

    Parameters
    ----------
    path : Path
        The file.
    training : Training
        Made from the same configuration; its parameters and state are overwritten.

    Returns
    -------
    list of EpochRecord
        Of the epochs completed.

    Raises
    ------
    ModelFileError
        If the file is damaged, of a newer format, or of another training; nothing is overwritten
        then.
    """
    own = _arrays(training)
    description, arrays = read_tensors(path, METADATA_KEY, FORMAT)
    for name in own.keys() | arrays.keys():
        needs, came = (
            f"{group[name].dtype} {group[name].shape}" if name in group else "nothing"
            for group in (own, arrays)
        )
        if needs != came:
            raise ModelFileError(f"{path}: {name} needs {needs}, got {came}")
        if not np.isfinite(arrays[name]).all():
            raise ModelFileError(f"{path}: {name} holds infinite or NaN numbers")
    content = {name: description.get(name) for name in CONTENT}
    if description.get("digest") != _digest(content, arrays):
        raise ModelFileError(f"{path}: is damaged (its digest does not fit what it holds)")
    for name, array in own.items():
        array[...] = arrays[name]
    training.state.optimizer["step"] = description["step"]
    training.state.shuffling = description["shuffling"]
    training.noise.bit_generator.state = description["noise"]
    training.distortion.bit_generator.state = description["distortion"]
    for name in POSITION:
        setattr(training.state, name, description["position"][name])
    training.state.course = EpochStats(**description["course"])
    return [_record(row) for row in description["records"]]


def _digest(content: dict[str, Any], arrays: dict[str, Array]) -> str:
    """Hash all that a checkpoint holds, so that no damage to it goes unnoticed."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(name.encode() + arrays[name].tobytes())
    return digest.hexdigest()


def _arrays(training: Training) -> dict[str, Array]:
    """List what a checkpoint holds, as views: networks, and the optimiser's memory."""
    networks = {"": training.network, "average/": training.state.average}
    arrays = {
        f"{prefix}{group}/{name}": array
        for prefix, network in networks.items()
        if network is not None
        for group in ("params", "buffers")
        for name, array in getattr(network, group).items()
    }
    for part, group in training.state.optimizer.items():
        if isinstance(group, dict) and part not in SCRATCH:
            arrays |= {f"{part}/{name}": array for name, array in group.items()}
    return arrays


def _record(row: dict[str, Any]) -> EpochRecord:
    values: dict[str, Any] = {}
    for field in fields(EpochRecord):
        value = row[field.name]
        values[field.name] = tuple(value) if isinstance(value, list) else value
    return EpochRecord(**values)
