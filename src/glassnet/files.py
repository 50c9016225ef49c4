"""Atomic file writes."""

import os
from contextlib import suppress
from pathlib import Path

from glassnet.errors import GlassnetError


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file atomically: write a temporary file in the same folder, then rename it.

    Parameters
    ----------
    path : Path
        Destination; its folder must exist.

    Raises
    ------
    GlassnetError
        If the file cannot be written; an existing file is left unchanged.
    """
    if not path.name:
        raise GlassnetError(f"{path}: cannot be written: needs the name of a file")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:  # KeyboardInterrupt too must remove the temporary file
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = error.strerror or error
            raise GlassnetError(f"{path}: cannot be written: {reason}") from error
        raise
