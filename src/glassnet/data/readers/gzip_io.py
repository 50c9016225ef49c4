"""Files that may be gzipped, detected by their first bytes."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from glassnet.errors import ConfigError, DataError

MAX_BYTES = 2_000_000_000  # default limit on the unpacked size
CHUNK = 1 << 20


@contextmanager
def open_packed(path: Path) -> Iterator[BinaryIO]:
    """Open a file, gzipped or not, to read its unpacked bytes.

    Raises
    ------
    DataError
        If it cannot be read, or its gzip data is damaged or truncated.
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
        raise DataError(f"{path}: gzip data is damaged or truncated ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


def read_up_to(file: BinaryIO, size: int) -> bytearray:
    """Read up to `size` bytes in chunks, so that a false size in a header cannot exhaust memory."""
    content = bytearray()
    while piece := file.read(min(CHUNK, size - len(content))):
        content += piece
    return content


def check_size(claimed: int, max_bytes: int, where: str) -> None:
    """Raise `DataError` if a size in bytes, whether claimed or reached, exceeds the limit."""
    if claimed > max_bytes:
        raise DataError(
            f"{where}: unpacks to {claimed:,} bytes or more, above the limit of {max_bytes:,} "
            "(--max-bytes raises it)"
        )


def check_limit(max_bytes: int) -> None:
    """Raise `ConfigError` if the limit is below 1."""
    if max_bytes < 1:
        raise ConfigError(f"max_bytes: needs a whole number above 0, got {max_bytes}")
