"""Safetensors files of named arrays with a JSON description; loading them cannot execute code.

The description is stored as JSON with sorted keys under a single metadata key, because the
safetensors library writes several keys in random order. So the same content gives the same bytes.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import ModelFileError
from glassnet.files import write_atomically
from glassnet.types import Array


def write_tensors(
    path: Path, key: str, description: dict[str, Any], arrays: Mapping[str, Array]
) -> None:
    """Write arrays and their description atomically.

    Parameters
    ----------
    key : str
        Metadata key of the description.
    description : dict
        JSON-compatible, with the key ``format``: the format version, an int from 1.

    Raises
    ------
    GlassnetError
        If the file cannot be written.
    """
    from safetensors.numpy import save

    tensors = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_atomically(path, save(tensors, {key: json.dumps(description, sort_keys=True)}))


def read_tensors(path: Path, key: str, newest: int) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read arrays and their description.

    Parameters
    ----------
    key : str
        Metadata key of the description.
    newest : int
        Newest supported format version.

    Returns
    -------
    description : dict
        Its ``format`` is between 1 and `newest`.
    arrays : dict of str to ndarray
        Arrays by name.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged, not from glassnet, or in a newer format.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError) as error:
        # TypeError and AttributeError: dtypes that NumPy lacks, such as bfloat16.
        raise ModelFileError(
            f"{path}: needs a safetensors file; this one has another format or is damaged ({error})"
        ) from error
    try:
        description = json.loads(metadata[key])
    except (KeyError, ValueError, RecursionError) as error:
        raise ModelFileError(
            f"{path}: needs a file written by glassnet; this one is another or is damaged "
            f"(no description {key!r})"
        ) from error
    version = description.get("format") if isinstance(description, dict) else None
    if type(version) is not int or version < 1:
        raise ModelFileError(f"{path}: needs a format from 1 to {newest}, got format {version!r}")
    if version > newest:
        raise ModelFileError(
            f"{path}: needs a format from 1 to {newest}, got format {version}; "
            "a newer glassnet can read it"
        )
    return description, arrays
