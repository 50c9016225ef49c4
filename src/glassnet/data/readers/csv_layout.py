"""What the first row of a CSV table says: its columns, and where the label is."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from glassnet.data.dataset import MAX_CLASSES
from glassnet.errors import ConfigError, DataError, did_you_mean, printable

HIGHEST_PIXEL = 255
HIGHEST_LABEL = MAX_CLASSES - 1
N_SHOWN = 30

Shape = tuple[int, int]
Labels = Literal["needed", "optional"]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns of a table.

    Parameters
    ----------
    where : str
        What errors call the table.
    names : sequence of str
        Of the columns; their numbers from 1 where there is no header.
    has_header : bool
        Whether the first row holds names.
    labels : tuple of int
        Columns that may hold the label; none where the table has no labels, and the first and
        the last where the numbers have to tell.
    shape : tuple of int
        Height and width of the images.
    """

    where: str
    names: Sequence[str]
    has_header: bool
    labels: tuple[int, ...]
    shape: Shape

    def highest(self, column: int) -> int:
        """Return the largest number that a column may hold.

        Parameters
        ----------
        column : int
            Which, from 0.

        Returns
        -------
        int
            That of a label, or of a pixel.
        """
        return HIGHEST_LABEL if column in self.labels else HIGHEST_PIXEL

    def bad_cell(self, row: int, column: int, cell: str, highest: int) -> DataError:
        """Say what is wrong with a cell.

        Parameters
        ----------
        row : int
            Counted from 0, the header not among them.
        column : int
            Counted from 0.
        cell : str
            What it holds.
        highest : int
            What it may hold.

        Returns
        -------
        DataError
            To raise.
        """
        shown = cell if len(cell) <= N_SHOWN else cell[: N_SHOWN - 3] + "..."
        return DataError(
            f"{self.where}, row {row + 1 + self.has_header}, column {self.names[column]}: "
            f"needs a whole number from 0 to {highest}, got {shown!r}"
        )


def read_layout(
    line: bytes, where: str, *, label: str | None, shape: Shape | None, labels: Labels
) -> Layout:
    """Tell the columns of a table by its first row.

    Parameters
    ----------
    line : bytes
        The first row.
    where : str
        What errors call the table.
    label : str or None
        ``first``, ``last`` or the name of the column of labels; None to find it.
    shape : tuple of int or None
        Height and width of the images; None for square ones.
    labels : {"needed", "optional"}
        Whether a table without labels will do.

    Returns
    -------
    Layout
        The columns.

    Raises
    ------
    DataError
        If it is no row of a table of images.
    ConfigError
        If `label` is no column.
    """
    first = _cells(line, where)
    n_columns = len(first)
    if n_columns < 2:
        raise DataError(f"{where}, row 1: needs a label and pixels, got {n_columns} column(s)")
    is_position = label in ("first", "last")
    wanted = "label" if label is None or is_position else label.strip().lower()
    named = [column for column, name in enumerate(first) if name.strip().lower() == wanted]
    # One odd cell does not make a header: the row of numbers that it stands in is then at fault.
    has_header = bool(named) or sum(map(_is_number, first)) * 2 < n_columns
    names = [printable(name.strip()) for name in first]
    if not has_header:
        names = [str(number) for number in range(1, n_columns + 1)]
    if is_position:
        columns: tuple[int, ...] = (0,) if label == "first" else (n_columns - 1,)
    elif len(named) == 1:
        columns = (named[0],)
    elif label is not None and not has_header:
        raise ConfigError(f"label: {where} has no header, so it needs first or last, got {label!r}")
    elif labels == "optional" and not named and _has_no_label(n_columns, shape):
        columns = ()
    elif not has_header:
        columns = (0, n_columns - 1)
    else:
        came = f"{', '.join(names[:3])}, ...{did_you_mean(wanted, names)}"
        raise DataError(
            f"{where}, row 1: needs one column {printable(wanted)!r}, got {len(named) or came}"
        )
    image = fit_shape(n_columns - bool(columns), shape, f"{where}, row 1")
    return Layout(where=where, names=names, has_header=has_header, labels=columns, shape=image)


def fit_shape(n_pixels: int, shape: Shape | None, where: str) -> Shape:
    """Tell height and width of an image by its number of pixels.

    Parameters
    ----------
    n_pixels : int
        How many.
    shape : tuple of int or None
        Height and width where somebody said them.
    where : str
        What errors call the place.

    Returns
    -------
    tuple of int
        Height and width.

    Raises
    ------
    DataError
        If they do not fit, or no square does.
    """
    if shape is not None:
        if shape[0] * shape[1] != n_pixels:
            raise DataError(
                f"{where}: needs {shape[0] * shape[1]} pixels for images of "
                f"{shape[0]} x {shape[1]}, got {n_pixels}"
            )
        return shape
    side = math.isqrt(n_pixels)
    if side * side != n_pixels:
        raise DataError(
            f"{where}: needs as many pixels as a square image has, got {n_pixels}; "
            "for another shape say --shape HEIGHT,WIDTH"
        )
    return side, side


def _has_no_label(n_columns: int, shape: Shape | None) -> bool:
    if shape is not None:
        return n_columns == shape[0] * shape[1]
    return math.isqrt(n_columns) ** 2 == n_columns


def _cells(line: bytes, where: str) -> list[str]:
    try:
        text = line.decode("utf-8").strip("\r\n")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise DataError(f"{where}, row 1: needs comma-separated text in UTF-8, got other bytes")
    if not text.strip():
        raise DataError(f"{where}: needs a table, got an empty " + ("row" if line else "file"))
    try:
        return next(csv.reader([text]))
    except (csv.Error, StopIteration) as error:
        raise DataError(f"{where}, row 1: cannot be read as a table ({error})") from error


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
