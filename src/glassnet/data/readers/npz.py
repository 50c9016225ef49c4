"""NumPy's ``.npz`` in Keras's layout (x_train, y_train, x_test, y_test), without pickle."""

import math
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from glassnet.data.dataset import MAX_CLASSES, Split
from glassnet.data.readers.gzip_io import MAX_BYTES, check_size, read_up_to
from glassnet.data.readers.zip_io import members, open_member, open_zip
from glassnet.errors import DataError
from glassnet.types import Array

NAMES = ("x_train", "y_train", "x_test", "y_test")
HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_npz(path: Path, *, max_bytes: int = MAX_BYTES) -> tuple[Split, Split]:
    """Read the training and test sets of an ``.npz`` file.

    Images are (n, height, width) uint8, labels (n,) integers from 0.

    Raises
    ------
    DataError
        If an array is missing, pickled, damaged, too large, or has the wrong shape or type.
    """
    with open_zip(path) as archive:
        missing = [name for name in NAMES if f"{name}.npy" not in archive.namelist()]
        if missing:
            raise DataError(
                f"{path}: needs the arrays {', '.join(NAMES)}, got {members(archive)} "
                f"and no {missing[0]}"
            )
        arrays = {name: _read(archive, path, name, max_bytes) for name in NAMES}
    parts = []
    for part in ("train", "test"):
        images, labels = arrays.pop(f"x_{part}"), arrays.pop(f"y_{part}")
        if len(images) != len(labels):
            raise DataError(
                f"{path}, arrays x_{part} and y_{part}: {len(images):,} images, "
                f"but {len(labels):,} labels"
            )
        parts.append(Split(images, labels))
    return parts[0], parts[1]


def _read(archive: zipfile.ZipFile, path: Path, name: str, max_bytes: int) -> Array:
    where = f"{path}, array {name}"
    is_images = name.startswith("x")
    with open_member(archive, path, f"{name}.npy", max_bytes=max_bytes) as member:
        shape, is_fortran, dtype = _read_header(member, where)
        if dtype.hasobject:
            raise DataError(
                f"{where}: needs plain numbers, got pickled objects, which may run code"
            )
        needed = "(n, height, width) of uint8" if is_images else "(n,) of whole numbers"
        is_type = dtype == np.uint8 if is_images else dtype.kind in "iu"
        if len(shape) != (3 if is_images else 1) or not is_type:
            raise DataError(f"{where}: needs {needed}, got {shape} of {dtype}")
        size = math.prod(shape) * dtype.itemsize
        check_size(size, max_bytes, where)
        if size == 0:
            raise DataError(f"{where}: is empty, its shape is {shape}")
        content = read_up_to(member, size)
        if len(content) < size or member.read(1):
            actual = f"only {len(content):,}" if len(content) < size else "more"
            raise DataError(f"{where}: needs {size:,} bytes for {shape} of {dtype}, got {actual}")
    array = np.frombuffer(content, dtype).reshape(shape, order="F" if is_fortran else "C")
    return np.ascontiguousarray(array) if is_images else _labels(array, where)


def _read_header(member: BinaryIO, where: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = npy.read_magic(member)
        shape, is_fortran, dtype = HEADERS[version](member)
    # A header is a Python literal: ast and NumPy raise various exceptions for a damaged one.
    except (ValueError, TypeError, SyntaxError, KeyError, MemoryError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"{where}: needs a .npy header of version 1.0 or 2.0, got a damaged one ({reason})"
        ) from error
    if any(isinstance(side, bool) or side < 0 for side in shape):
        raise DataError(f"{where}: its .npy header is damaged (shape {shape})")
    return shape, is_fortran, dtype


def _labels(labels: Array, where: str) -> Array:
    is_wrong = (labels < 0) | (labels >= MAX_CLASSES)
    if is_wrong.any():
        row = int(is_wrong.argmax())
        raise DataError(
            f"{where}, row {row}: needs a label from 0 to {MAX_CLASSES - 1}, got {labels[row]}"
        )
    return labels.astype(np.int64)
