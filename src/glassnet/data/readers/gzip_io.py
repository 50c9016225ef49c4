"""Files that may be packed with gzip; their first bytes tell, not their names."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from glassnet.errors import ConfigError, DataError

MAX_BYTES = 2_000_000_000  # nothing larger is unpacked, unless somebody asks for it
CHUNK = 1 << 20


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


def read_up_to(file: BinaryIO, size: int) -> bytearray:
    """Read so many bytes, in pieces: what a header claims takes no memory until it is there.

    Parameters
    ----------
    file : file
        Open for reading.
    size : int
        How many.

    Returns
    -------
    bytearray
        Those bytes, or fewer where the file ends.
    """
    content = bytearray()
    while piece := file.read(min(CHUNK, size - len(content))):
        content += piece
    return content


def check_size(claimed: int, max_bytes: int, where: str) -> None:
    """Refuse what would unpack to more than the limit.

    Parameters
    ----------
    claimed : int
        Bytes that it claims to need, or that were unpacked so far.
    max_bytes : int
        The limit.
    where : str
        What errors call it.

    Raises
    ------
    DataError
        If it is more.
    """
    if claimed > max_bytes:
        raise DataError(
            f"{where}: unpacks to {claimed:,} bytes or more, above the limit of {max_bytes:,} "
            "(--max-bytes raises it)"
        )


def check_limit(max_bytes: int) -> None:
    """Refuse what is no limit.

    Parameters
    ----------
    max_bytes : int
        Bytes, at least 1.

    Raises
    ------
    ConfigError
        If it is less.
    """
    if max_bytes < 1:
        raise ConfigError(f"max_bytes: needs a whole number above 0, got {max_bytes}")
