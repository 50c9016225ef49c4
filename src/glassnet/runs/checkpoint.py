"""Checkpoints: while a training is under way, the one file that holds all of it.

The arrays are the parameters and the optimiser's state; one JSON text holds the position, the
generator and the records so far. Going on from a checkpoint leads to the same bits as never
having stopped.
"""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import ModelFileError
from glassnet.files import write_atomically
from glassnet.nn.loop import Training
from glassnet.nn.optimizers import SCRATCH
from glassnet.nn.record import EpochRecord

Array = NDArray[Any]

FORMAT = 1
METADATA_KEY = "glassnet-checkpoint"
POSITION = ("epoch", "batch", "total_loss", "n_right", "seconds")


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
    from safetensors.numpy import save

    state = training.state
    shuffling = state.shuffling or training.rng.bit_generator.state
    content = {
        "format": FORMAT,
        "step": state.optimizer["step"],
        "shuffling": shuffling,
        "position": {name: getattr(state, name) for name in POSITION},
        "records": [asdict(record) for record in records],
    }
    arrays = {name: np.ascontiguousarray(array) for name, array in _arrays(training).items()}
    write_atomically(path, save(arrays, {METADATA_KEY: json.dumps(content, sort_keys=True)}))


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
    from safetensors import SafetensorError, safe_open

    own = _arrays(training)
    try:
        with safe_open(path, framework="numpy") as file:
            content = json.loads((file.metadata() or {})[METADATA_KEY])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if content["format"] != FORMAT:
            raise ModelFileError(f"{path}: has format {content['format']}, needs {FORMAT}")
        position = {name: content["position"][name] for name in POSITION}
        records = [_record(row) for row in content["records"]]
        step, shuffling = int(content["step"]), content["shuffling"]
        np.random.default_rng(0).bit_generator.state = shuffling
    except (
        SafetensorError,
        OSError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    ) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"{path}: is no checkpoint, or is damaged ({error})") from error
    for name in own.keys() | arrays.keys():
        needs, came = (
            f"{group[name].dtype} {group[name].shape}" if name in group else "nothing"
            for group in (own, arrays)
        )
        if needs != came:
            raise ModelFileError(f"{path}: {name} needs {needs}, got {came}")
        if not np.isfinite(arrays[name]).all():
            raise ModelFileError(f"{path}: {name} holds infinite or NaN numbers")
    for name, array in own.items():
        array[...] = arrays[name]
    training.state.optimizer["step"] = step
    training.state.shuffling = shuffling
    for name, value in position.items():
        setattr(training.state, name, value)
    return records


def _arrays(training: Training) -> dict[str, Array]:
    """List what a checkpoint holds, as views: parameters, and the optimiser's memory."""
    arrays = {f"params/{name}": theta for name, theta in training.network.params.items()}
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
