"""npz files: valid layouts, and errors for invalid ones."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.data.readers.npz import read_npz
from glassnet.errors import DataError
from tests.data.makers import npz_bytes, zip_bytes

X = np.zeros((6, 2, 3), np.uint8)
Y = np.array([0, 1, 2, 0, 1, 2])
GOOD: dict[str, Any] = {"x_train": X, "y_train": Y, "x_test": X[:2], "y_test": Y[:2]}


def error_message(tmp_path: Path, content: bytes, *, max_bytes: int = 1_000_000) -> str:
    path = tmp_path / "set.npz"
    path.write_bytes(content)
    with pytest.raises(DataError) as raised:
        read_npz(path, max_bytes=max_bytes)
    message = str(raised.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(str(path))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"x_train": X.astype(object)}, "array x_train: needs plain numbers, got pickled objects"),
        ({"y_test": Y[:2].astype(object)}, "array y_test: needs plain numbers, got pickled"),
        ({"x_train": X.astype(np.float32)}, "needs (n, height, width) of uint8, got (6, 2, 3)"),
        ({"x_train": X.reshape(6, 6)}, "got (6, 6) of uint8"),
        ({"x_test": X[:2, :, :, None]}, "array x_test: needs (n, height, width) of uint8"),
        ({"x_train": X[:0], "y_train": Y[:0]}, "is empty"),
        ({"y_train": np.eye(6)}, "array y_train: needs (n,) of whole numbers, got (6, 6)"),
        ({"y_train": Y.astype(float)}, "of float64"),
        ({"y_train": Y - 1}, "array y_train, row 0: needs a label from 0 to 999, got -1"),
        ({"y_train": Y + 998}, "row 2: needs a label from 0 to 999, got 1000"),
        ({"y_train": np.array([0, 1, 2**63, 0, 1, 2], np.uint64)}, "row 2"),
        ({"y_train": Y[:5]}, "6 images, but 5 labels"),
    ],
)
def test_invalid_arrays_raise(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    assert expected in error_message(tmp_path, npz_bytes(**GOOD | changes))


def test_missing_array_names_raise(tmp_path: Path) -> None:
    message = error_message(tmp_path, npz_bytes(images=X, labels=Y))
    assert (
        "needs the arrays x_train, y_train, x_test, y_test, got images.npy, labels.npy" in message
    )
    message = error_message(tmp_path, npz_bytes(x_train=X, y_train=Y))
    assert message.endswith("and no x_test")
    assert "an empty zip" in error_message(tmp_path, zip_bytes({}))


@pytest.mark.parametrize("dtype", ["u1", "<i4", ">i4", "<u8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_labels_of_any_integer_dtype_and_memory_order_are_read(
    tmp_path: Path, dtype: str, order: Any
) -> None:
    images = np.arange(36, dtype=np.uint8).reshape(6, 2, 3)
    path = tmp_path / "set.npz"
    stored = {"x_train": images.copy(order), "y_train": Y.astype(dtype)}
    path.write_bytes(npz_bytes(**GOOD | stored))
    train, _ = read_npz(path)
    assert np.array_equal(train.images, images)
    assert train.labels.tolist() == Y.tolist()
    assert train.labels.dtype == np.int64


def members() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(npz_bytes(**GOOD))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"(6, 2, 3)", b"(6, 2, 4)", "needs 48 bytes for (6, 2, 4) of uint8, got only 36"),
        (b"(6, 2, 3)", b"(6, 2, 2)", "got more"),
        (b"(6, 2, 3), ", b"(9**9,2,3),", "damaged"),
        (b"(6, 2, 3), ", b"(-6, 2, 3),", "damaged"),
        (b"(6, 2, 3), }" + b" " * 12, b"(600000000000, 2, 3)}   ", "limit of 1,000,000"),
        (b"'|u1'", b"'|O8'", "pickled"),
        (b"\x93NUMPY\x01", b"\x93NUMPY\x07", "damaged"),
        (b"\x93NUMPY", b"\x93NUMPZ", "damaged"),
    ],
)
def test_false_headers_raise(tmp_path: Path, old: bytes, new: bytes, expected: str) -> None:
    changed = members()
    assert old in changed["x_train.npy"]
    changed["x_train.npy"] = changed["x_train.npy"].replace(old, new)
    assert expected in error_message(tmp_path, zip_bytes(changed))


def test_the_size_limit_is_checked_before_unpacking(tmp_path: Path) -> None:
    content = npz_bytes(**GOOD | {"x_train": np.zeros((6, 500, 500), np.uint8)})
    message = error_message(tmp_path, content)
    assert message.startswith("/x_train.npy: unpacks to 1,500,128 bytes or more, above the limit")


@pytest.mark.parametrize("n_bytes", [0, 10, 100, 400, -30])
def test_a_truncated_npz_raises(tmp_path: Path, n_bytes: int) -> None:
    error_message(tmp_path, npz_bytes(**GOOD)[:n_bytes])
