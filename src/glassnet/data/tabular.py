"""CSV tables of images: one image a row, a column of labels, a column for each pixel.

Kaggle's Digit Recognizer has a header (``label,pixel0,...``); other tables have none and keep the
label in the first or the last column. polars reads them; where it gives up, the table is read
again, slowly, to name the cell that is wrong.
"""

import csv
import io
import math
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from glassnet.data.dataset import MAX_CLASSES, Split
from glassnet.data.packed import open_packed, read_limited
from glassnet.errors import DataError, did_you_mean

Array = NDArray[Any]

KAGGLE_MEMBER = "train.csv"
_HIGHEST_PIXEL = 255


def read_csv(path: Path) -> Split:
    """Read a CSV file, packed with gzip or not.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Split
        Square images where the number of pixels is a square, else one row of pixels each.

    Raises
    ------
    DataError
        With row and column, if a cell is not what it should be.
    """
    with open_packed(path) as file:
        content = read_limited(file, str(path))
    return parse_csv(content, str(path))


def read_kaggle_zip(path: Path) -> Split:
    """Read ``train.csv`` out of Kaggle's ``digit-recognizer.zip``, as downloaded.

    Parameters
    ----------
    path : Path
        The zip file.

    Returns
    -------
    Split
        The labelled images.

    Raises
    ------
    DataError
        If it is no zip, is damaged, or has no ``train.csv``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if KAGGLE_MEMBER not in archive.namelist():
                raise DataError(
                    f"{path}: needs a member {KAGGLE_MEMBER}, got "
                    f"{', '.join(archive.namelist()[:5]) or 'an empty zip'}"
                )
            with archive.open(KAGGLE_MEMBER) as member:
                content = read_limited(cast(BinaryIO, member), f"{path}/{KAGGLE_MEMBER}")
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise DataError(f"{path}: the zip is damaged or cannot be unpacked ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    return parse_csv(content, f"{path}/{KAGGLE_MEMBER}")


def parse_csv(content: bytes, where: str) -> Split:
    """Turn the bytes of a table into images and labels.

    Parameters
    ----------
    content : bytes
        The table.
    where : str
        What errors call it.

    Returns
    -------
    Split
        Images and labels.

    Raises
    ------
    DataError
        With row and column, if a cell is not what it should be.
    """
    first = _first_row(content, where)
    # One odd cell does not make a header: the row of numbers that it stands in is then at fault.
    has_header = sum(cell.strip().isdigit() for cell in first) * 2 < len(first)
    names = [name.strip() for name in first] if has_header else _column_names(len(first))
    if len(names) < 2:
        raise DataError(f"{where}, row 1: needs a label and pixels, got {len(names)} column(s)")
    table = _numbers(content, names, has_header, where)
    if not len(table):
        raise DataError(f"{where}: holds no images" + (", only a header" if has_header else ""))
    column = _label_column(names, has_header, table, where)
    labels = table[:, column].astype(np.int64)
    if labels.max() >= MAX_CLASSES:
        row = int(labels.argmax()) + 1 + has_header
        raise DataError(
            f"{where}, row {row}, column {names[column]}: needs a label from 0 to "
            f"{MAX_CLASSES - 1}, got {labels.max()}"
        )
    pixels = np.delete(table, column, axis=1)
    if pixels.max() > _HIGHEST_PIXEL:
        row, pixel = np.argwhere(pixels > _HIGHEST_PIXEL)[0]
        raise _bad_cell(
            where,
            int(row) + 1 + has_header,
            [name for name in names if name != names[column]][pixel],
            str(pixels[row, pixel]),
        )
    side = math.isqrt(pixels.shape[1])
    shape = (side, side) if side * side == pixels.shape[1] else (1, pixels.shape[1])
    return Split(pixels.astype(np.uint8).reshape(-1, *shape), labels)


def _first_row(content: bytes, where: str) -> list[str]:
    line = content[: content.find(b"\n") if b"\n" in content else len(content)]
    try:
        text = line.decode("utf-8-sig").strip("\r")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise DataError(f"{where}, row 1: needs comma-separated text in UTF-8, got other bytes")
    if not text.strip():
        raise DataError(f"{where}: needs a table, got an empty " + ("row" if content else "file"))
    return next(csv.reader([text]))


def _column_names(n_columns: int) -> list[str]:
    return [str(number) for number in range(1, n_columns + 1)]


def _numbers(content: bytes, names: list[str], has_header: bool, where: str) -> Array:
    """Parse every cell as a whole number, (n_rows, n_columns) uint16."""
    import polars as pl

    try:
        frame = pl.read_csv(
            io.BytesIO(content),
            has_header=False,
            skip_rows=int(has_header),
            schema=dict.fromkeys(_column_names(len(names)), pl.UInt16),
        )
    except pl.exceptions.NoDataError:
        return np.empty((0, len(names)), np.uint16)
    except (pl.exceptions.PolarsError, OverflowError) as error:
        raise _first_fault(content, names, has_header, where) or DataError(
            f"{where}: cannot be read as a table ({str(error).splitlines()[0]})"
        ) from error
    if any(frame.null_count().row(0)):
        fault = _first_fault(content, names, has_header, where)
        if fault is not None:
            raise fault
    return frame.to_numpy(order="c")


def _first_fault(
    content: bytes, names: list[str], has_header: bool, where: str
) -> DataError | None:
    """Read the table cell by cell; return what is wrong with the first wrong one."""
    lines = csv.reader(io.StringIO(content.decode("utf-8", errors="replace"), newline=""))
    try:
        for row, cells in enumerate(lines, start=1):
            if has_header and row == 1:
                continue
            if len(cells) != len(names):
                return DataError(
                    f"{where}, row {row}: needs {len(names)} columns, got {len(cells)}"
                )
            for name, cell in zip(names, cells, strict=True):
                if not (cell.isascii() and cell.isdigit() and int(cell) <= _HIGHEST_PIXEL):
                    if name == "label" and cell.isdigit() and int(cell) < MAX_CLASSES:
                        continue
                    return _bad_cell(where, row, name, cell)
    except csv.Error as error:
        return DataError(f"{where}, row {lines.line_num}: cannot be read as a table ({error})")
    return None


def _bad_cell(where: str, row: int, column: str, cell: str) -> DataError:
    shown = cell if len(cell) <= 30 else cell[:27] + "..."
    return DataError(
        f"{where}, row {row}, column {column}: needs a whole number from 0 to 255, got {shown!r}"
    )


def _label_column(names: list[str], has_header: bool, table: Array, where: str) -> int:
    """Find the labels: the column of that name, or the first, unless only the last fits."""
    if has_header:
        lowered = [name.lower() for name in names]
        if "label" in lowered:
            return lowered.index("label")
        raise DataError(
            f"{where}, row 1: needs a column 'label', got {', '.join(names[:3])}, ..."
            f"{did_you_mean('label', names)}"
        )
    # A corner pixel is blank in every image, so a column with one value is no label.
    first, last = table[:, 0], table[:, -1]
    is_last = np.all(first == first[0]) and not np.all(last == last[0])
    return len(names) - 1 if is_last else 0
