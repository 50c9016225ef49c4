"""IDX files, written here byte by byte."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from glassnet.data.readers import idx
from glassnet.errors import DataError

IdxBytes = Callable[..., bytes]
WritePair = Callable[..., Path]

HUGE = 0xFFFFFFFF
TWO_IMAGES = bytes.fromhex("00000803 00000002 00000002 00000003") + bytes(range(12))


def error_message(path: Path, n_dimensions: int = 3) -> str:
    with pytest.raises(DataError) as raised:
        idx.read_idx(path, n_dimensions)
    message = str(raised.value)
    assert len(message.splitlines()) == 1
    assert str(path) in message
    return message


@pytest.mark.parametrize("name", ["plain", "images.gz", "images.png"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_gzip_is_detected_by_content_not_by_name(
    tmp_path: Path, name: str, is_packed: bool
) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(TWO_IMAGES) if is_packed else TWO_IMAGES)
    images = idx.read_idx(path, 3)
    assert images.dtype == np.uint8
    assert images.tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]


def test_labels_have_one_dimension(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_bytes(bytes.fromhex("00000801 00000004") + bytes([9, 0, 255, 1]))
    assert idx.read_idx(path, 1).tolist() == [9, 0, 255, 1]


@pytest.mark.parametrize("size", [(1, 1), (1, 783), (28, 28), (32, 20), (300, 1)])
def test_images_may_have_any_size(
    tmp_path: Path, idx_bytes: IdxBytes, size: tuple[int, int]
) -> None:
    height, width = size
    values = np.random.default_rng(0).integers(0, 256, 3 * height * width, np.uint8).tobytes()
    path = tmp_path / "images"
    path.write_bytes(idx_bytes((3, height, width), values))
    images = idx.read_idx(path, 3)
    assert images.shape == (3, height, width)
    assert images.tobytes() == values


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty file"),
        (b"\x00\x00\x08", "byte 0"),
        (bytes.fromhex("00000801 00000002") + b"\x00\x01", "00000801"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "89504e47"),
        (b"<html>\n<body>\n", "3c68746d"),
        (bytes.fromhex("00000903 00000001 00000001 00000001 00"), "00000903"),
        (bytes.fromhex("00000b03 00000001 00000001 00000001 0000"), "00000b03"),
        (bytes.fromhex("00000d03 00000001 00000001 00000001 00000000"), "00000d03"),
        (bytes.fromhex("01000803 00000001 00000001 00000001 00"), "01000803"),
        (bytes.fromhex("00000803 00000002 00000002 0000"), "header"),
        (TWO_IMAGES[:-1], "needs 12 values (2 x 2 x 3), got only 11"),
        (TWO_IMAGES[:16], "got only 0"),
        (TWO_IMAGES + b"\x00", "got more"),
        (bytes.fromhex("00000803 ffffffff ffffffff ffffffff"), "limit"),
        (bytes.fromhex("00000803 ffffffff 0000001c 0000001c"), "limit"),
        (bytes.fromhex("00000803 00010000 00010000 00010000"), "limit"),
        (bytes.fromhex("00000803 77359401 00000001 00000001"), "2,000,000,001"),
    ],
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_files_other_than_idx_images_raise(
    tmp_path: Path, content: bytes, expected: str, is_packed: bool
) -> None:
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(content) if is_packed else content)
    assert expected in error_message(path)


def test_little_endian_sizes_raise(tmp_path: Path) -> None:
    path = tmp_path / "images"
    path.write_bytes(bytes.fromhex("00000803 02000000 02000000 03000000") + bytes(12))
    error_message(path)


def test_sizes_that_overflow_next_to_a_zero_raise(tmp_path: Path, idx_bytes: IdxBytes) -> None:
    path = tmp_path / "images"
    path.write_bytes(idx_bytes((HUGE, HUGE, 0), b""))
    error_message(path)


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_truncated_file_raises(tmp_path: Path, is_packed: bool) -> None:
    content = gzip.compress(TWO_IMAGES, mtime=0) if is_packed else TWO_IMAGES
    path = tmp_path / "images"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        error_message(path)


def test_a_gzip_checksum_mismatch_raises(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(TWO_IMAGES))
    packed[-8] ^= 0xFF  # RFC 1952: the last eight bytes are CRC-32 and length
    path = tmp_path / "images"
    path.write_bytes(packed)
    assert "gzip" in error_message(path)


def test_a_missing_file_and_a_folder_raise(tmp_path: Path) -> None:
    error_message(tmp_path / "nothing")
    error_message(tmp_path)


def test_a_pair_is_read_together(tmp_path: Path, write_pair: WritePair) -> None:
    split = idx.read_pair(write_pair(tmp_path, "train", [3, 1, 250], 2, 2))
    assert split.images.tolist() == [[[0, 1], [2, 3]], [[4, 5], [6, 7]], [[8, 9], [10, 11]]]
    assert split.labels.tolist() == [3, 1, 250]
    assert split.labels.dtype == np.int64


@pytest.mark.parametrize(
    ("images_name", "labels_name"),
    [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("emnist-letters-train-images-idx3-ubyte", "emnist-letters-train-labels-idx1-ubyte"),
        pytest.param("TRAIN-IMAGES-IDX3-UBYTE", "TRAIN-LABELS-IDX1-UBYTE"),
        pytest.param("my-images-images-idx3-ubyte", "my-images-labels-idx1-ubyte"),
    ],
)
def test_labels_are_found_next_to_their_images(
    tmp_path: Path, idx_bytes: IdxBytes, images_name: str, labels_name: str
) -> None:
    for name, content in (
        (images_name, TWO_IMAGES),
        (labels_name, idx_bytes((2,), bytes([7, 5]))),
    ):
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    assert idx.read_pair(tmp_path / images_name).labels.tolist() == [7, 5]


def pair_error(images_path: Path) -> str:
    with pytest.raises(DataError) as raised:
        idx.read_pair(images_path)
    message = str(raised.value)
    assert len(message.splitlines()) == 1
    assert str(images_path) in message
    return message


def test_the_error_names_the_missing_labels_file(tmp_path: Path, write_pair: WritePair) -> None:
    images_path = write_pair(tmp_path, "t10k", [0, 1], 2, 2)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    assert "t10k-labels-idx1-ubyte" in pair_error(images_path)


def test_different_counts_of_images_and_labels_raise(
    tmp_path: Path, write_pair: WritePair, idx_bytes: IdxBytes
) -> None:
    images_path = write_pair(tmp_path, "train", [0, 1, 2], 2, 2)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx_bytes((2,), bytes(2)))
    message = pair_error(images_path)
    assert "3 images" in message
    assert "2 labels" in message


@pytest.mark.parametrize("shape", [(0, 28, 28), (2, 0, 28), (2, 28, 0)])
def test_a_pair_without_pixels_raises(
    tmp_path: Path, idx_bytes: IdxBytes, shape: tuple[int, ...]
) -> None:
    images_path = tmp_path / "train-images-idx3-ubyte"
    images_path.write_bytes(idx_bytes(shape, b""))
    labels = idx_bytes((shape[0],), bytes(shape[0]))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(labels)
    assert "no images" in pair_error(images_path)


def test_damaged_labels_are_named(tmp_path: Path, write_pair: WritePair) -> None:
    images_path = write_pair(tmp_path, "train", [0, 1], 2, 2)
    labels_path = tmp_path / "train-labels-idx1-ubyte"
    labels_path.write_bytes(labels_path.read_bytes()[:-1])
    with pytest.raises(DataError, match="train-labels-idx1-ubyte"):
        idx.read_pair(images_path)


def test_a_folder_with_one_pair_has_no_test_part(tmp_path: Path, write_pair: WritePair) -> None:
    write_pair(tmp_path, "anything", [4, 5], 2, 2)
    train, test = idx.read_folder(tmp_path)
    assert train.labels.tolist() == [4, 5]
    assert test is None


@pytest.mark.parametrize("part", ["t10k", "test"])
def test_a_folder_with_two_pairs_has_a_test_part(
    tmp_path: Path, write_pair: WritePair, part: str
) -> None:
    write_pair(tmp_path, "train", [4, 5, 6], 2, 2)
    write_pair(tmp_path, part, [7, 8], 2, 2)
    train, test = idx.read_folder(tmp_path)
    assert train.labels.tolist() == [4, 5, 6]
    assert test is not None
    assert test.labels.tolist() == [7, 8]


@pytest.mark.parametrize("parts", [("train", "other"), ("t10k", "test"), ("a", "b"), ()])
def test_a_folder_with_other_pairs_raises_with_their_names(
    tmp_path: Path, write_pair: WritePair, parts: tuple[str, ...]
) -> None:
    for part in parts:
        write_pair(tmp_path, part, [0, 1], 2, 2)
    with pytest.raises(DataError) as raised:
        idx.read_folder(tmp_path)
    message = str(raised.value)
    assert message.startswith(str(tmp_path))
    assert message.endswith("got " + (", ".join(sorted(parts)) or "none"))


def test_pairs_are_found_by_name(tmp_path: Path) -> None:
    for name in (
        "train-images-idx3-ubyte",
        "train-images-idx3-ubyte.gz",
        "t10k_images_idx3_ubyte",
        "KMNIST-images.idx3-ubyte.GZ",
        "train-labels-idx1-ubyte",
        "images-idx3-ubyte",
        "train-images-idx3-ubyte.zip",
        "README.md",
    ):
        (tmp_path / name).touch()
    assert sorted(idx.find_pairs(tmp_path)) == ["kmnist", "t10k", "train"]
