"""CSV tables of images: one image per row, with a label column and one column per pixel.

Kaggle's Digit Recognizer has a header (``label,pixel0,...``); other tables have none and store the
label in the first or the last column. polars parses them block by block; if it fails, the block is
parsed again, slowly, to find the invalid cell.
"""

from pathlib import Path
from typing import BinaryIO

import numpy as np

from glassnet.data.dataset import Split
from glassnet.data.readers.csv_blocks import text_blocks
from glassnet.data.readers.csv_cells import parse_cells
from glassnet.data.readers.csv_layout import MAX_PIXEL, Labels, Layout, Shape, read_layout
from glassnet.data.readers.gzip_io import MAX_BYTES, open_packed
from glassnet.data.readers.zip_io import open_member, open_zip
from glassnet.errors import DataError
from glassnet.types import Array

KAGGLE_MEMBER = "train.csv"


def read_csv(
    path: Path,
    *,
    label: str | None = None,
    shape: Shape | None = None,
    labels: Labels = "needed",
    max_bytes: int = MAX_BYTES,
) -> Split:
    """Read a CSV file, gzipped or not; options and errors are those of `parse_csv`."""
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
    """Read a table from Kaggle's ``digit-recognizer.zip``, with the options of `parse_csv`.

    Raises
    ------
    DataError
        If the file is not a zip, is damaged or lacks the member, and as in `parse_csv`.
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
    """Parse a table of images and labels.

    Parameters
    ----------
    where : str
        Name in error messages.
    label : str, optional
        Label column: ``first``, ``last`` or its name.
    shape : tuple of int, optional
        Height and width, if the images are not square.
    labels : {"needed", "optional"}
        Whether a table without labels is accepted; its labels are then all 0.
    max_bytes : int
        Limit on the unpacked size.

    Raises
    ------
    DataError
        If the text is not a table of images; the message gives the position of an invalid cell.
    """
    layout: Layout | None = None
    pieces: list[Array] = []  # uint8, candidate label columns included
    edges: list[Array] = []  # uint16, candidate label columns only
    n_rows = 0
    for block in text_blocks(file, max_bytes, where):
        if layout is None:
            line, _, following = block.partition(b"\n")
            layout = read_layout(line, where, label=label, shape=shape, labels=labels)
            block = following if layout.has_header else block
        numbers = parse_cells(block, layout, n_rows)
        n_rows += len(numbers)
        edges.append(numbers[:, layout.labels])
        pieces.append(numbers.astype(np.uint8))
    if layout is None or not n_rows:
        only = ", only a header" if layout is not None and layout.has_header else ""
        raise DataError(f"{where}: holds no images{only}")
    edge = np.concatenate(edges)
    column, place = _label_column(edge, layout)
    for number, other in enumerate(layout.labels):  # the other candidate must be a pixel
        if other != column and edge[:, number].max() > MAX_PIXEL:
            row = int((edge[:, number] > MAX_PIXEL).argmax())
            raise layout.bad_cell(row, other, str(edge[row, number]), MAX_PIXEL)
    images = _without(pieces, column, (n_rows, *layout.shape))
    return Split(
        images, np.zeros(n_rows, np.int64) if place is None else edge[:, place].astype(int)
    )


def _without(pieces: list[Array], column: int | None, shape: tuple[int, int, int]) -> Array:
    """Concatenate the blocks without one column, freeing each block after copying it."""
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
    """Return the label column and its index among the candidates.

    With two candidates it is the first, unless only the first is constant: a corner pixel is blank
    in every image, so a constant column holds pixels.
    """
    if not layout.labels:
        return None, None
    first, last = edge[:, 0], edge[:, -1]
    is_last = np.all(first == first[0]) and not np.all(last == last[0])
    place = len(layout.labels) - 1 if is_last else 0
    return layout.labels[place], place


def has_member(path: Path, name: str) -> bool:
    """Return whether a zip file has a member; raise `DataError` if the file is invalid."""
    with open_zip(path) as archive:
        return name in archive.namelist()
