"""Writing files so that nothing is ever half-written."""

import os
from contextlib import suppress
from pathlib import Path

from glassnet.errors import GlassnetError


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file atomically: to a temporary file in its folder, then renamed onto it.

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
    if not path.name:
        raise GlassnetError(f"{path}: cannot be written: needs the name of a file")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:  # Ctrl-C too leaves nothing behind
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = error.strerror or error
            raise GlassnetError(f"{path}: cannot be written: {reason}") from error
        raise
