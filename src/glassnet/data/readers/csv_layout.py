"""Layout of a CSV table: its columns, inferred from the first row."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from glassnet.data.dataset import MAX_CLASSES
from glassnet.errors import ConfigError, DataError, did_you_mean, printable

MAX_PIXEL = 255
MAX_LABEL = MAX_CLASSES - 1
MAX_SHOWN_CHARACTERS = 30

Shape = tuple[int, int]
Labels = Literal["needed", "optional"]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns of a table.

    Parameters
    ----------
    where : str
        Name of the table in error messages.
    names : sequence of str
        Names of the columns; numbers from 1 if there is no header.
    labels : tuple of int
        Columns that may hold the label: empty if there are no labels; the first and the last if
        only the values can decide.
    shape : tuple of int
        Height and width of the images.
    """

    where: str
    names: Sequence[str]
    has_header: bool
    labels: tuple[int, ...]
    shape: Shape

    def highest(self, column: int) -> int:
        """Return the largest valid number in a column of labels or pixels."""
        return MAX_LABEL if column in self.labels else MAX_PIXEL

    def bad_cell(self, row: int, column: int, cell: str, highest: int) -> DataError:
        """Return the error for a cell that does not hold an integer from 0 to `highest`.

        Rows and columns are numbered from 0; the header does not count as a row.
        """
        shown = (
            cell if len(cell) <= MAX_SHOWN_CHARACTERS else cell[: MAX_SHOWN_CHARACTERS - 3] + "..."
        )
        return DataError(
            f"{self.where}, row {row + 1 + self.has_header}, column {self.names[column]}: "
            f"needs a whole number from 0 to {highest}, got {shown!r}"
        )


def read_layout(
    line: bytes, where: str, *, label: str | None, shape: Shape | None, labels: Labels
) -> Layout:
    """Infer the columns of a table from its first row.

    The parameters are those of `glassnet.data.readers.csv_table.parse_csv`.

    Raises
    ------
    DataError
        If the row cannot belong to a table of images.
    ConfigError
        If `label` is the name of a column, but the table has no header.
    """
    first = _cells(line, where)
    n_columns = len(first)
    if n_columns < 2:
        raise DataError(f"{where}, row 1: needs a label and pixels, got {n_columns} column(s)")
    is_position = label in ("first", "last")
    wanted = "label" if label is None or is_position else label.strip().lower()
    named = [column for column, name in enumerate(first) if name.strip().lower() == wanted]
    # A row of numbers with a few other cells is a row with invalid cells, not a header.
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
        actual = f"{', '.join(names[:3])}, ...{did_you_mean(wanted, names)}"
        raise DataError(
            f"{where}, row 1: needs one column {printable(wanted)!r}, got {len(named) or actual}"
        )
    image = fit_shape(n_columns - bool(columns), shape, f"{where}, row 1")
    return Layout(where=where, names=names, has_header=has_header, labels=columns, shape=image)


def fit_shape(n_pixels: int, shape: Shape | None, where: str) -> Shape:
    """Return the height and width for `n_pixels` pixels: the given shape, or a square.

    Raises
    ------
    DataError
        If the shape does not match, or `n_pixels` is not a square number.
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
            f"{where}: needs a square number of pixels, got {n_pixels}; "
            "for other shapes use --shape HEIGHT,WIDTH"
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
