"""CSV tables of images: one image a row, a column of labels, a column for each pixel.

Kaggle's Digit Recognizer has a header (``label,pixel0,...``); other tables have none and keep the
label in the first or the last column. polars reads them; where it gives up, the table is read
again, slowly, to name the cell that is wrong.
"""

import csv
import io
import lzma
import math
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from glassnet.data.dataset import MAX_CLASSES, Split
from glassnet.data.packed import open_packed, read_limited
from glassnet.errors import DataError, did_you_mean, printable

Array = NDArray[Any]

KAGGLE_MEMBER = "train.csv"
HIGHEST_PIXEL = 255
HIGHEST_LABEL = MAX_CLASSES - 1
WHOLE_NUMBER = re.compile(r" *\+?[0-9]+ *")  # as polars takes them


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
                    f"{printable(', '.join(archive.namelist()[:5])) or 'an empty zip'}"
                )
            with archive.open(KAGGLE_MEMBER) as member:
                content = read_limited(cast(BinaryIO, member), f"{path}/{KAGGLE_MEMBER}")
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        RuntimeError,  # encrypted
        NotImplementedError,  # a method that Python cannot unpack
        UnicodeDecodeError,  # a member's name
    ) as error:
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
    layout = _read_layout(content, where)
    if content.endswith((b"\n\n", b"\n\r\n")):  # blank lines at the end are no rows
        content = content.rstrip(b"\r\n") + b"\n"
    table = _numbers(content, layout)
    if not len(table):
        only = ", only a header" if layout.has_header else ""
        raise DataError(f"{where}: holds no images{only}")
    column = _label_column(table) if layout.label is None else layout.label
    for other in range(len(layout.names)):
        highest = HIGHEST_LABEL if other == column else HIGHEST_PIXEL
        if table[:, other].max() > highest:
            row = int((table[:, other] > highest).argmax())
            raise layout.bad_cell(row, other, str(table[row, other]), highest)
    pixels = np.delete(table, column, axis=1).astype(np.uint8)
    side = math.isqrt(pixels.shape[1])
    shape = (side, side) if side * side == pixels.shape[1] else (1, pixels.shape[1])
    return Split(pixels.reshape(-1, *shape), table[:, column].astype(np.int64))


@dataclass(frozen=True)
class _Layout:
    """What the first row says of a table; ``label`` is None where the numbers have to tell."""

    where: str
    names: list[str]
    has_header: bool
    label: int | None

    def highest(self, column: int) -> int:
        """Return the largest number that a column may hold."""
        labels = (0, len(self.names) - 1) if self.label is None else (self.label,)
        return HIGHEST_LABEL if column in labels else HIGHEST_PIXEL

    def bad_cell(self, row: int, column: int, cell: str, highest: int) -> DataError:
        """Say what is wrong with a cell; rows of numbers count from 0 here."""
        shown = cell if len(cell) <= 30 else cell[:27] + "..."
        return DataError(
            f"{self.where}, row {row + 1 + self.has_header}, column {self.names[column]}: "
            f"needs a whole number from 0 to {highest}, got {shown!r}"
        )


def _read_layout(content: bytes, where: str) -> _Layout:
    line = content[: content.find(b"\n") if b"\n" in content else len(content)]
    try:
        text = line.decode("utf-8-sig").strip("\r")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise DataError(f"{where}, row 1: needs comma-separated text in UTF-8, got other bytes")
    if not text.strip():
        raise DataError(f"{where}: needs a table, got an empty " + ("row" if content else "file"))
    try:
        first = next(csv.reader([text]))
    except csv.Error as error:
        raise DataError(f"{where}, row 1: cannot be read as a table ({error})") from error
    n_columns = len(first)
    if n_columns < 2:
        raise DataError(f"{where}, row 1: needs a label and pixels, got {n_columns} column(s)")
    labels = [column for column, name in enumerate(first) if name.strip().lower() == "label"]
    # One odd cell does not make a header: the row of numbers that it stands in is then at fault.
    if not labels and sum(map(_is_number, first)) * 2 >= n_columns:
        return _Layout(where, _column_names(n_columns), has_header=False, label=None)
    names = [printable(name.strip()) for name in first]
    if len(labels) != 1:
        came = f"{', '.join(names[:3])}, ...{did_you_mean('label', names)}"
        raise DataError(f"{where}, row 1: needs one column 'label', got {len(labels) or came}")
    return _Layout(where, names, has_header=True, label=labels[0])


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _column_names(n_columns: int) -> list[str]:
    return [str(number) for number in range(1, n_columns + 1)]


def _numbers(content: bytes, layout: _Layout) -> Array:
    """Parse every cell as a whole number, (n_rows, n_columns) uint16."""
    import polars as pl

    n_columns = len(layout.names)
    try:
        frame = pl.read_csv(
            io.BytesIO(content),
            has_header=False,
            skip_rows=int(layout.has_header),
            schema=dict.fromkeys(_column_names(n_columns), pl.UInt16),
        )
    except pl.exceptions.NoDataError:
        return np.empty((0, n_columns), np.uint16)
    except (pl.exceptions.PolarsError, OverflowError) as error:
        raise _first_fault(content, layout) or DataError(
            f"{layout.where}: cannot be read as a table ({str(error).splitlines()[0]})"
        ) from error
    if any(frame.null_count().row(0)):
        raise _first_fault(content, layout) or DataError(f"{layout.where}: has empty cells")
    return frame.to_numpy(order="c")


def _first_fault(content: bytes, layout: _Layout) -> DataError | None:
    """Read the table cell by cell; return what is wrong with the first wrong one."""
    text = content.decode("utf-8", errors="replace")
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        for row, cells in enumerate(lines, start=-int(layout.has_header)):
            if row < 0:
                continue
            if len(cells) != len(layout.names):
                return DataError(
                    f"{layout.where}, row {row + 1 + layout.has_header}: needs "
                    f"{len(layout.names)} columns, got {len(cells)}"
                )
            for column, cell in enumerate(cells):
                highest = layout.highest(column)
                digits = cell.strip(" ").removeprefix("+").lstrip("0") or "0"
                if not (
                    WHOLE_NUMBER.fullmatch(cell) and len(digits) < 6 and int(digits) <= highest
                ):
                    return layout.bad_cell(row, column, cell, highest)
    except csv.Error as error:
        return DataError(f"{layout.where}, row {lines.line_num}: is no table ({error})")
    return None


def _label_column(table: Array) -> int:
    """Find the labels of a table without names: the first column, unless only the last fits."""
    # A corner pixel is blank in every image, so a column with one value is no label.
    first, last = table[:, 0], table[:, -1]
    is_last = np.all(first == first[0]) and not np.all(last == last[0])
    return table.shape[1] - 1 if is_last else 0
