"""Members of a zip file; their sizes are checked before they are unpacked."""

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
    """Open a zip file; any damage, found now or while reading, raises `DataError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        RuntimeError,  # encrypted
        NotImplementedError,  # a method that Python cannot unpack
        UnicodeDecodeError,  # a member's name
        OverflowError,  # an offset behind all files
    ) as error:
        raise DataError(f"{path}: the zip is damaged or cannot be unpacked ({error})") from error
    except DataError:
        raise
    except ValueError as error:  # an offset before the file
        raise DataError(f"{path}: the zip is damaged or cannot be unpacked ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


@contextmanager
def open_member(
    archive: zipfile.ZipFile, path: Path, name: str, *, max_bytes: int = MAX_BYTES
) -> Iterator[BinaryIO]:
    """Open a member of a zip file at `path` for reading its unpacked bytes.

    Raises
    ------
    DataError
        If it is missing, or larger than `max_bytes`.
    """
    if name not in archive.namelist():
        raise DataError(f"{path}: needs a member {name}, got {members(archive)}")
    check_size(archive.getinfo(name).file_size, max_bytes, f"{path}/{name}")
    with archive.open(name) as member:
        yield cast(BinaryIO, member)


def members(archive: zipfile.ZipFile) -> str:
    """Return the names of the first members, for a message."""
    return printable(", ".join(archive.namelist()[:N_SHOWN_MEMBERS])) or "an empty zip"
