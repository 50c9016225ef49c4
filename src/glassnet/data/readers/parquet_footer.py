"""Footer of a Parquet file: the claimed size, checked before unpacking."""

import os
from pathlib import Path
from typing import Any

from glassnet.data.readers.gzip_io import check_size
from glassnet.data.readers.thrift import CompactReader, ThriftError
from glassnet.errors import DataError

MAGIC = b"PAR1"
MAX_FOOTER = 1 << 24
# Field numbers from parquet.thrift
ROW_GROUPS, N_ROWS = 4, 3  # of FileMetaData
COLUMNS, TOTAL_BYTES = 1, 2  # of RowGroup
META_DATA = 3  # of ColumnChunk
UNCOMPRESSED = 6  # of ColumnMetaData


def unpacked_size(path: Path, max_bytes: int) -> int:
    """Return the unpacked size in bytes that the footer claims for all columns.

    Raises
    ------
    DataError
        If the file is not Parquet, is damaged, or claims more than `max_bytes`.
    """
    try:
        content, footer_at = _footer(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        footer = CompactReader(content).struct()
        size = sum(_row_group(group) for group in footer[ROW_GROUPS])
        n_rows = _whole(footer[N_ROWS])
    except (ThriftError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path}, byte {footer_at}: the Parquet footer is damaged "
            f"({type(error).__name__}: {error})"
        ) from error
    check_size(max(size, n_rows), max_bytes, str(path))
    if n_rows < 1:
        raise DataError(f"{path}: holds no images, {n_rows} rows")
    return size


def _footer(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        n_bytes = file.seek(0, os.SEEK_END)
        file.seek(0)
        head = file.read(4)
        file.seek(max(0, n_bytes - 8))
        tail = file.read(8)
        if n_bytes < 12 or head != MAGIC or tail[4:] != MAGIC:
            actual = f"{head.hex()} ... {tail[4:].hex()}" if n_bytes else "an empty file"
            raise DataError(
                f"{path}, byte 0: needs Parquet, which begins and ends with {MAGIC.hex()}, "
                f"got {actual}"
            )
        length = int.from_bytes(tail[:4], "little")
        if not 0 < length <= min(n_bytes - 12, MAX_FOOTER):
            raise DataError(
                f"{path}, byte {n_bytes - 8}: the Parquet footer is damaged "
                f"(claims {length:,} of {n_bytes:,} bytes)"
            )
        file.seek(n_bytes - 8 - length)
        return file.read(length), n_bytes - 8 - length


def _row_group(group: dict[int, Any]) -> int:
    columns = sum(_whole(column[META_DATA][UNCOMPRESSED]) for column in group[COLUMNS])
    return max(_whole(group[TOTAL_BYTES]), columns)


def _whole(value: Any) -> int:
    """Return a non-negative integer unchanged; raise `ThriftError` for any other value."""
    if not isinstance(value, int) or value < 0:
        raise ThriftError(f"needs a size, got {value!r}")
    return value
