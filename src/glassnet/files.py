"""Writing files so that nothing is ever half-written."""

import os
import tempfile
from pathlib import Path

from glassnet.errors import GlassnetError


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: beside it first, then renamed onto it.

    Parameters
    ----------
    path : Path
        Where to; its folder must exist.
    content : bytes
        What.

    Raises
    ------
    GlassnetError
        If the system refuses; what was there before is untouched.
    """
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())  # mkstemp makes files that nobody else may read
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise GlassnetError(f"{path}: cannot be written: {error.strerror or error}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
