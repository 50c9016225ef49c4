"""What is no set of images in an npz file."""

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


def refused(tmp_path: Path, content: bytes, *, max_bytes: int = 1_000_000) -> str:
    path = tmp_path / "set.npz"
    path.write_bytes(content)
    with pytest.raises(DataError) as raised:
        read_npz(path, max_bytes=max_bytes)
    message = str(raised.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(str(path))


@pytest.mark.parametrize(
    ("changes", "says"),
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
def test_other_arrays_are_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    assert says in refused(tmp_path, npz_bytes(**GOOD | changes))


def test_other_names_are_refused(tmp_path: Path) -> None:
    says = refused(tmp_path, npz_bytes(images=X, labels=Y))
    assert "needs the arrays x_train, y_train, x_test, y_test, got images.npy, labels.npy" in says
    says = refused(tmp_path, npz_bytes(x_train=X, y_train=Y))
    assert says.endswith("and no x_test")
    assert "an empty zip" in refused(tmp_path, zip_bytes({}))


@pytest.mark.parametrize("dtype", ["u1", "<i4", ">i4", "<u8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_any_whole_numbers_in_any_order_are_read(tmp_path: Path, dtype: str, order: Any) -> None:
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
    ("old", "new", "says"),
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
def test_headers_that_lie_are_refused(tmp_path: Path, old: bytes, new: bytes, says: str) -> None:
    changed = members()
    assert old in changed["x_train.npy"]
    changed["x_train.npy"] = changed["x_train.npy"].replace(old, new)
    assert says in refused(tmp_path, zip_bytes(changed))


def test_what_would_unpack_to_too_much_is_refused_before(tmp_path: Path) -> None:
    content = npz_bytes(**GOOD | {"x_train": np.zeros((6, 500, 500), np.uint8)})
    says = refused(tmp_path, content)
    assert says.startswith("/x_train.npy: unpacks to 1,500,128 bytes or more, above the limit")


@pytest.mark.parametrize("n_bytes", [0, 10, 100, 400, -30])
def test_a_file_cut_short_is_refused(tmp_path: Path, n_bytes: int) -> None:
    refused(tmp_path, npz_bytes(**GOOD)[:n_bytes])
