"""Files that may be packed with gzip; their first bytes tell, not their names."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from glassnet.errors import DataError

MAX_BYTES = 2_000_000_000  # nothing larger is unpacked


@contextmanager
def open_packed(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading, unpacking it on the way where it is packed.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    file
        Its unpacked bytes.

    Raises
    ------
    DataError
        If it cannot be read, or its packing is damaged or cut short.
    """
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if is_packed:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield cast(BinaryIO, unpacked)
            else:
                yield raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: gzip data is damaged or cut short ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


def read_limited(file: BinaryIO, where: str) -> bytes:
    """Read all, but not more than the limit.

    Parameters
    ----------
    file : file
        Open for reading.
    where : str
        What errors call it.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    DataError
        If there is more than ``MAX_BYTES``.
    """
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DataError(f"{where}: unpacks to more than the limit of {MAX_BYTES:,} bytes")
    return content
