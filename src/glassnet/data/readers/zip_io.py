"""Zip files, with the size of each member checked before unpacking."""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from glassnet.data.readers.gzip_io import MAX_BYTES, check_size
from glassnet.errors import DataError, printable

N_SHOWN_MEMBERS = 5


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip file; raise `DataError` if opening or reading shows that it is corrupt."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        RuntimeError,  # encrypted
        NotImplementedError,  # unsupported compression method
        UnicodeDecodeError,  # damaged member name
        OverflowError,  # offset beyond the file
    ) as error:
        raise DataError(f"{path}: the zip is damaged or cannot be unpacked ({error})") from error
    except DataError:
        raise
    except ValueError as error:  # negative offset
        raise DataError(f"{path}: the zip is damaged or cannot be unpacked ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


@contextmanager
def open_member(
    archive: zipfile.ZipFile, path: Path, name: str, *, max_bytes: int = MAX_BYTES
) -> Iterator[BinaryIO]:
    """Open a member of the zip file at `path` to read its unpacked bytes.

    Raises
    ------
    DataError
        If the member is missing, or larger than `max_bytes`.
    """
    if name not in archive.namelist():
        raise DataError(f"{path}: needs a member {name}, got {members(archive)}")
    check_size(archive.getinfo(name).file_size, max_bytes, f"{path}/{name}")
    with archive.open(name) as member:
        yield cast(BinaryIO, member)


def members(archive: zipfile.ZipFile) -> str:
    """Return the names of the first members, for an error message."""
    return printable(", ".join(archive.namelist()[:N_SHOWN_MEMBERS])) or "an empty zip"
