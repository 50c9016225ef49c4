"""Checkpoint: a file with the state of an unfinished run.

The arrays of the state are tensors; the rest is JSON metadata: the position, the states of the
random generators and the records so far. A run resumed from a checkpoint is bit-for-bit the
same as an uninterrupted one.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import ModelFileError
from glassnet.nn.training import Training
from glassnet.tensors import read_tensors, write_tensors
from glassnet.types import Arrays

FORMAT = 2
METADATA_KEY = "glassnet-checkpoint"


def write_checkpoint(path: Path, training: Training) -> None:
    """Write the state of a training run between two steps, atomically.

    Raises
    ------
    GlassnetError
        If the file cannot be written; an earlier checkpoint is then intact.
    """
    state = training.state_dict()
    arrays, values = _flatten(state), _without_arrays(state)
    description = {"format": FORMAT, "digest": _digest(values, arrays), "state": values}
    write_tensors(path, METADATA_KEY, description, arrays)


def read_checkpoint(path: Path, training: Training) -> None:
    """Restore a training run from a checkpoint.

    Parameters
    ----------
    path : Path
    training : Training
        Built from the same configuration; its parameters and state are overwritten.

    Raises
    ------
    ModelFileError
        If the file is damaged, in a newer format, or from another run; then nothing is overwritten.
    """
    own = _flatten(training.state_dict())
    description, arrays = read_tensors(path, METADATA_KEY, FORMAT)
    for name in own.keys() | arrays.keys():
        needed, found = (
            f"{group[name].dtype} {group[name].shape}" if name in group else "nothing"
            for group in (own, arrays)
        )
        if needed != found:
            raise ModelFileError(f"{path}: {name} needs {needed}, got {found}")
        if not np.isfinite(arrays[name]).all():
            raise ModelFileError(f"{path}: {name} holds NaN or infinite values")
    values = description.get("state")
    if not isinstance(values, dict) or description.get("digest") != _digest(values, arrays):
        raise ModelFileError(f"{path}: is damaged (its digest does not match its content)")
    training.load_state_dict(_with_arrays(values, arrays))


def _digest(values: dict[str, Any], arrays: Arrays) -> str:
    """Compute the SHA-256 of a checkpoint's content, to detect damage."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(name.encode() + arrays[name].tobytes())
    return digest.hexdigest()


def _flatten(state: dict[str, Any], prefix: str = "") -> Arrays:
    """Return the arrays in nested dictionaries by path, such as ``"network/params/W1"``."""
    arrays: Arrays = {}
    for name, value in state.items():
        if isinstance(value, dict):
            arrays |= _flatten(value, f"{prefix}{name}/")
        elif isinstance(value, np.ndarray):
            arrays[prefix + name] = value
    return arrays


def _without_arrays(state: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_arrays(value) if isinstance(value, dict) else value
        for name, value in state.items()
        if not isinstance(value, np.ndarray)
    }


def _with_arrays(values: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    """Insert each array into the nested dictionaries at its path."""
    for path, array in arrays.items():
        *groups, name = path.split("/")
        place: dict[str, Any] = values
        for group in groups:
            place = place[group]
        place[name] = array
    return values
