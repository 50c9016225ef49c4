"""Files of named arrays and one JSON description: safetensors, which can run no code.

One metadata key holds the description with sorted keys, since the safetensors writer orders
several keys at random: the same content makes the same bytes.
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
    """Write arrays and their description, whole or not at all.

    Parameters
    ----------
    path : Path
        Where to.
    key : str
        Of the description among the metadata.
    description : dict
        What JSON can hold, with its ``format``, a whole number from 1.
    arrays : mapping of str to ndarray
        By name.

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
    path : Path
        The file.
    key : str
        Of the description among the metadata.
    newest : int
        The highest format that this glassnet knows.

    Returns
    -------
    description : dict
        Of a format that is known.
    arrays : dict of str to ndarray
        By name.

    Raises
    ------
    ModelFileError
        If there is no such file, or it is damaged, foreign, or of a newer format.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError) as error:
        # The last two: floats of 8 or 16 bits in a format that NumPy does not have.
        raise ModelFileError(
            f"{path}: needs a safetensors file; this is another or is damaged ({error})"
        ) from error
    try:
        description = json.loads(metadata[key])
    except (KeyError, ValueError, RecursionError) as error:
        raise ModelFileError(
            f"{path}: needs a file of glassnet; this is another or is damaged "
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
