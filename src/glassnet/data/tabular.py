"""CSV tables of images: one image a row, a column of labels, a column for each pixel.

Kaggle's Digit Recognizer has a header (``label,pixel0,...``); other tables have none and keep the
label in the first or the last column. polars reads them, block by block; where it gives up, the
block is read again, slowly, to name the cell that is wrong.
"""

import csv
import io
import re
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from glassnet.data.dataset import Split
from glassnet.data.packed import MAX_BYTES, open_packed
from glassnet.data.table_layout import Labels, Layout, Shape, read_layout
from glassnet.data.text_blocks import text_blocks
from glassnet.data.zipped import open_member, open_zip
from glassnet.errors import DataError

Array = NDArray[Any]

KAGGLE_MEMBER = "train.csv"
WHOLE_NUMBER = re.compile(r" *\+?[0-9]+ *")  # as polars takes them


def read_csv(
    path: Path,
    *,
    label: str | None = None,
    shape: Shape | None = None,
    labels: Labels = "needed",
    max_bytes: int = MAX_BYTES,
) -> Split:
    """Read a CSV file, packed with gzip or not.

    Parameters
    ----------
    path : Path
        The file.
    label : str, optional
        The column of labels: ``first``, ``last`` or its name.
    shape : tuple of int, optional
        Height and width of images that are not square.
    labels : {"needed", "optional"}
        Whether a table without labels will do; its labels are then all 0.
    max_bytes : int
        The limit to what is unpacked.

    Returns
    -------
    Split
        The images and their labels.

    Raises
    ------
    DataError
        With row and column, if a cell is not what it should be.
    """
    with open_packed(path) as file:
        return parse_csv(
            file, str(path), label=label, shape=shape, labels=labels, max_bytes=max_bytes
        )


def read_kaggle_zip(
    path: Path,
    member: str = KAGGLE_MEMBER,
    *,
    label: str | None = None,
    shape: Shape | None = None,
    labels: Labels = "needed",
    max_bytes: int = MAX_BYTES,
) -> Split:
    """Read a table out of Kaggle's ``digit-recognizer.zip``, as downloaded.

    Parameters
    ----------
    path : Path
        The zip file.
    member : str
        ``train.csv`` or ``test.csv``.
    label : str, optional
        The column of labels: ``first``, ``last`` or its name.
    shape : tuple of int, optional
        Height and width of images that are not square.
    labels : {"needed", "optional"}
        Whether a table without labels will do.
    max_bytes : int
        The limit to what the table may claim to unpack to.

    Returns
    -------
    Split
        The images and their labels.

    Raises
    ------
    DataError
        If it is no zip, is damaged, or has no such member.
    """
    with (
        open_zip(path) as archive,
        open_member(archive, path, member, max_bytes=max_bytes) as file,
    ):
        where = f"{path}/{member}"
        return parse_csv(file, where, label=label, shape=shape, labels=labels, max_bytes=max_bytes)


def parse_csv(
    file: BinaryIO,
    where: str,
    *,
    label: str | None = None,
    shape: Shape | None = None,
    labels: Labels = "needed",
    max_bytes: int = MAX_BYTES,
) -> Split:
    """Turn a table into images and labels.

    Parameters
    ----------
    file : file
        The table.
    where : str
        What errors call it.
    label : str, optional
        The column of labels: ``first``, ``last`` or its name.
    shape : tuple of int, optional
        Height and width of images that are not square.
    labels : {"needed", "optional"}
        Whether a table without labels will do.
    max_bytes : int
        The limit to how much is read.

    Returns
    -------
    Split
        Images and labels.

    Raises
    ------
    DataError
        With row and column, if a cell is not what it should be.
    """
    layout: Layout | None = None
    pieces: list[Array] = []  # uint8, and beside each the columns that may be labels, uint16
    edges: list[Array] = []
    n_rows = 0
    for block in text_blocks(file, max_bytes, where):
        if layout is None:
            line, _, following = block.partition(b"\n")
            layout = read_layout(line, where, label=label, shape=shape, labels=labels)
            block = following if layout.has_header else block
        numbers = _numbers(block, layout, n_rows)
        _check_cells(numbers, layout, n_rows, layout.labels)
        n_rows += len(numbers)
        edges.append(numbers[:, layout.labels])
        pieces.append(numbers.astype(np.uint8))
    if layout is None or not n_rows:
        only = ", only a header" if layout is not None and layout.has_header else ""
        raise DataError(f"{where}: holds no images{only}")
    edge = np.concatenate(edges)
    column, place = _label_column(edge, layout)
    others = [other for other in layout.labels if other != column]
    for other in others:  # what is no label after all has to be a pixel
        wrong = np.flatnonzero(edge[:, layout.labels.index(other)] > 255)
        if len(wrong):
            cell = str(edge[wrong[0], layout.labels.index(other)])
            raise layout.bad_cell(int(wrong[0]), other, cell, 255)
    images = _without(pieces, column, (n_rows, *layout.shape))
    return Split(
        images, np.zeros(n_rows, np.int64) if place is None else edge[:, place].astype(int)
    )


def _check_cells(numbers: Array, layout: Layout, n_before: int, labels: tuple[int, ...]) -> None:
    """Refuse the first row with a number that is too high; UInt16 lets up to 65,535 through."""
    limits = np.full(numbers.shape[1], 255, np.uint16)
    limits[list(labels)] = layout.highest(labels[0]) if labels else 255
    if np.all(numbers.max(axis=0, initial=0) <= limits):
        return
    row, column = map(int, np.argwhere(numbers > limits)[0])
    highest = int(limits[column])
    raise layout.bad_cell(n_before + row, column, str(numbers[row, column]), highest)


def _without(pieces: list[Array], column: int | None, shape: tuple[int, int, int]) -> Array:
    """Lay the blocks into one array, a column left out; each block is let go on the way."""
    images = np.empty((shape[0], shape[1] * shape[2]), np.uint8)
    start = 0
    while pieces:
        piece = pieces.pop(0)
        rows = images[start : start + len(piece)]
        if column is None:
            rows[:] = piece
        else:
            rows[:, :column] = piece[:, :column]
            rows[:, column:] = piece[:, column + 1 :]
        start += len(piece)
    return images.reshape(shape)


def _label_column(edge: Array, layout: Layout) -> tuple[int | None, int | None]:
    """Return the column of labels and its place among the candidates.

    Where the numbers have to tell, it is the first column, unless only the last fits: a corner
    pixel is blank in every image, so a column with one value is no label.
    """
    if not layout.labels:
        return None, None
    first, last = edge[:, 0], edge[:, -1]
    is_last = np.all(first == first[0]) and not np.all(last == last[0])
    place = len(layout.labels) - 1 if is_last else 0
    return layout.labels[place], place


def _numbers(block: bytes, layout: Layout, n_before: int) -> Array:
    """Parse every cell as a whole number, (n_rows, n_columns) uint16."""
    import polars as pl

    n_columns = len(layout.names)
    names = [str(number) for number in range(n_columns)]
    if block.count(b'"') % 2:
        raise _first_fault(block, layout, n_before) or DataError(
            f"{layout.where}, after row {n_before + layout.has_header}: has an unclosed quote"
        )
    try:
        frame = pl.read_csv(
            io.BytesIO(block), has_header=False, schema=dict.fromkeys(names, pl.UInt16)
        )
    except pl.exceptions.NoDataError:
        return np.empty((0, n_columns), np.uint16)
    except (pl.exceptions.PolarsError, OverflowError) as error:
        raise _first_fault(block, layout, n_before) or DataError(
            f"{layout.where}: cannot be read as a table ({str(error).splitlines()[0]})"
        ) from error
    if any(frame.null_count().row(0)):
        raise _first_fault(block, layout, n_before) or DataError(f"{layout.where}: has empty cells")
    return frame.to_numpy(order="c")


def _first_fault(block: bytes, layout: Layout, n_before: int) -> DataError | None:
    """Read a block cell by cell; return what is wrong with the first wrong one."""
    text = block.decode("utf-8", errors="replace")
    lines = csv.reader(io.StringIO(text, newline=""))
    row = n_before
    try:
        for row, cells in enumerate(lines, start=n_before):
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
        return DataError(
            f"{layout.where}, row {n_before + lines.line_num + layout.has_header}: "
            f"is no table ({error})"
        )
    return None


def has_member(path: Path, name: str) -> bool:
    """Tell whether a zip holds a table.

    Parameters
    ----------
    path : Path
        The zip file.
    name : str
        Of the table.

    Returns
    -------
    bool
        True if it does.

    Raises
    ------
    DataError
        If it is no zip, or damaged.
    """
    with open_zip(path) as archive:
        return name in archive.namelist()
