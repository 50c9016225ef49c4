"""IDX, the format in which MNIST was published: a short header followed by raw bytes.

The header has two zero bytes, a type code, the number of dimensions, and each dimension as four
big-endian bytes. glassnet reads unsigned bytes (type 8), the type of MNIST-like datasets.
"""

import math
import re
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

from glassnet.data.dataset import Split
from glassnet.data.readers.gzip_io import MAX_BYTES, check_size, open_packed, read_up_to
from glassnet.errors import DataError
from glassnet.types import Array

UNSIGNED_BYTE = 8
IMAGES_NAME = re.compile(
    r"(?P<part>.+)(?P<a>[-_.])images(?P<b>[-_.])idx3(?P<c>[-_.])ubyte(?P<gz>\.gz)?", re.IGNORECASE
)


def read_idx(path: Path, n_dimensions: int, *, max_bytes: int = MAX_BYTES) -> Array:
    """Read an IDX file, gzipped or not.

    Parameters
    ----------
    n_dimensions : int
        3 for images, 1 for labels.
    max_bytes : int
        Limit on the size that the header claims.

    Raises
    ------
    DataError
        If the header is invalid, or the file is shorter or longer than the header claims.
    """
    with open_packed(path) as file:
        return _read(file, path, n_dimensions, max_bytes)


def _read(file: BinaryIO, path: Path, n_dimensions: int, max_bytes: int) -> Array:
    magic = file.read(4)
    needed = bytes([0, 0, UNSIGNED_BYTE, n_dimensions])
    if magic != needed:
        raise DataError(
            f"{path}, byte 0: needs the IDX magic {needed.hex()} "
            f"({n_dimensions} dimensions of unsigned bytes), got {magic.hex() or 'an empty file'}"
        )
    header = file.read(4 * n_dimensions)
    if len(header) < 4 * n_dimensions:
        raise DataError(f"{path}, byte 4: the header is truncated")
    shape = struct.unpack(f">{n_dimensions}I", header)
    size = math.prod(shape)
    check_size(size, max_bytes, f"{path}, byte 4: {' x '.join(map(str, shape))} values")
    if size == 0:
        nothing = "no images" if n_dimensions == 3 else "no labels"
        raise DataError(f"{path}, byte 4: holds {nothing}, {' x '.join(map(str, shape))}")
    content = read_up_to(file, size)
    if len(content) < size or file.read(1):
        actual = f"only {len(content):,}" if len(content) < size else "more"
        raise DataError(
            f"{path}, byte {4 + 4 * n_dimensions}: needs {size:,} values "
            f"({' x '.join(map(str, shape))}), got {actual}"
        )
    return np.frombuffer(content, np.uint8).reshape(shape)


def read_pair(images_path: Path, *, max_bytes: int = MAX_BYTES) -> Split:
    """Read an image file and its label file from the same folder.

    Raises
    ------
    DataError
        If one is missing or damaged, or their counts differ.
    """
    match = IMAGES_NAME.fullmatch(images_path.name)
    if match is None:
        raise DataError(f"{images_path}: needs a name such as train-images-idx3-ubyte.gz")
    labels_name = "{part}{a}labels{b}idx1{c}ubyte".format(**match.groupdict())
    siblings = {path.name.lower(): path for path in images_path.parent.iterdir()}
    endings = (match["gz"] or "", "", ".gz")  # that of the images first
    found = (siblings.get((labels_name + ending).lower()) for ending in endings)
    labels_path = next((path for path in found if path is not None), None)
    if labels_path is None:
        raise DataError(f"{images_path}: needs {labels_name}[.gz] in the same folder, got none")
    images = read_idx(images_path, 3, max_bytes=max_bytes)
    labels = read_idx(labels_path, 1, max_bytes=max_bytes)
    if len(images) != len(labels):
        raise DataError(
            f"{images_path}: holds {len(images):,} images, but {labels_path.name} "
            f"{len(labels):,} labels"
        )
    return Split(images, labels.astype(np.int64))


def find_pairs(folder: Path) -> dict[str, Path]:
    """Map names of sets, such as ``train`` or ``t10k``, to the image files in a folder.

    If a file also has a gzipped copy, only one of them is listed.
    """
    pairs = {}
    for path in sorted(folder.iterdir()):
        if match := IMAGES_NAME.fullmatch(path.name):
            pairs[match["part"].lower()] = path
    return pairs


def read_folder(folder: Path, *, max_bytes: int = MAX_BYTES) -> tuple[Split, Split | None]:
    """Read a folder with one pair of IDX files, or with the pairs ``train`` and ``t10k``/``test``.

    Returns
    -------
    train : Split
        The only pair, or the training pair.
    test : Split or None
        None for a single pair.

    Raises
    ------
    DataError
        If there are no pairs, their names differ from these, or a file is damaged.
    """
    pairs = find_pairs(folder)
    if not pairs:
        raise DataError(
            f"{folder}: needs IDX files (such as train-images-idx3-ubyte.gz), train-*.parquet, "
            "digit-recognizer.zip or train.csv, got none"
        )
    if len(pairs) == 1:
        return read_pair(*pairs.values(), max_bytes=max_bytes), None
    test_part = next((part for part in ("t10k", "test") if part in pairs), None)
    if "train" not in pairs or test_part is None:
        raise DataError(
            f"{folder}: needs one pair of IDX files, or the pairs train and t10k (or test); "
            f"got {', '.join(pairs)}"
        )
    train = read_pair(pairs["train"], max_bytes=max_bytes)
    return train, read_pair(pairs[test_part], max_bytes=max_bytes)
