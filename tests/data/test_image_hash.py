"""Content hashes of images: they depend on the pixels, and on nothing else."""

import gzip
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet.data.dataset import Split
from glassnet.data.image_hash import BLOCK, hash_images
from glassnet.types import Array
from tests.data.conftest import WritePair


def counted(n_pixels: int, start: int = 0) -> Array:
    return (np.arange(start, start + n_pixels) % 256).astype(np.uint8)


# Computed with Python integers and the reference implementation of SplitMix64, whose first outputs
# for seed 0 are e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f.
@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (np.zeros((3, 3), np.uint8), 0xF325EA05E23D91BF),
        (counted(9).reshape(3, 3), 0xCC97B2BD5F828A0B),
        (np.zeros((28, 28), np.uint8), 0x840330095165268F),
        (counted(784).reshape(28, 28), 0xCE9427175AD7C24C),
        (np.full((28, 28), 255, np.uint8), 0x8A4E96FDF6961C9E),
    ],
)
def test_known_answers(image: Array, expected: int) -> None:
    """Hashes are stored in files, so they must not change, whatever the machine's byte order."""
    hashes = hash_images(image[None])
    assert hashes.dtype == np.uint64
    assert hashes.tolist() == [expected]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 7))
def test_the_hash_does_not_depend_on_dtype_and_memory_layout(
    seed: int, height: int, width: int
) -> None:
    images = np.random.default_rng(seed).integers(0, 256, (5, height, width), np.uint8)
    images.flags.writeable = False
    expected = hash_images(images).tolist()
    for same in (
        images.reshape(5, -1),
        images.astype(np.int64),
        images.astype(">u2"),
        images / 255,
        images / np.float32(255),
        np.asfortranarray(images),
        np.repeat(images, 2, axis=2)[:, :, ::2],
    ):
        assert hash_images(same).tolist() == expected


def test_the_hash_does_not_depend_on_the_position() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2 * BLOCK + 3, 2, 3), np.uint8)
    hashes = hash_images(images)
    order = np.random.default_rng(1).permutation(len(images))
    assert np.array_equal(hash_images(images[order]), hashes[order])
    for row in (0, BLOCK - 1, BLOCK, 2 * BLOCK, 2 * BLOCK + 2):
        assert hash_images(images[row : row + 1])[0] == hashes[row]
    assert hash_images(images[:0]).shape == (0,)


def test_single_pixels_change_the_hash() -> None:
    """4,705 images that differ pairwise in one or two pixels."""
    hashes = {int(hash_images(np.zeros((1, 28, 28), np.uint8))[0])}
    for value in (1, 2, 16, 128, 254, 255):
        images = np.eye(784, dtype=np.uint8) * np.uint8(value)
        hashes |= set(hash_images(images).tolist())
    assert len(hashes) == 784 * 6 + 1


@pytest.mark.parametrize(("first", "second"), [(3, 7), (402, 403)])
def test_pairs_of_pixel_values_have_different_hashes(first: int, second: int) -> None:
    """Including the highest bytes of words, which lose most bits in a product modulo 2^64."""
    images = np.zeros((65_536, 784), np.uint8)
    images[:, first] = np.arange(65_536) // 256
    images[:, second] = np.arange(65_536) % 256
    assert len(np.unique(hash_images(images))) == 65_536


def test_blank_images_of_different_sizes_have_different_hashes() -> None:
    sizes = range(1, 40)
    assert len({int(hash_images(np.zeros((1, size), np.uint8))[0]) for size in sizes}) == 39


def test_both_halves_of_a_hash_are_uniform() -> None:
    images = np.random.default_rng(0).integers(0, 256, (20_000, 5, 5), np.uint8)
    hashes = hash_images(images)
    for half in (hashes >> np.uint64(32), hashes & np.uint64(0xFFFFFFFF)):
        assert len(np.unique(half)) > 19_990
        for bit in range(32):
            assert abs((half >> np.uint64(bit) & np.uint64(1)).mean() - 0.5) < 0.02


def test_memory_is_independent_of_the_number_of_images() -> None:
    images = np.zeros((20_000, 28, 28), np.uint8)
    tracemalloc.start()
    hash_images(images)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000  # of 15,680,000 bytes of images


def test_a_split_caches_its_hashes() -> None:
    split = Split(np.arange(24, dtype=np.uint8).reshape(4, 2, 3), np.arange(4))
    assert split.hashes.tolist() == hash_images(split.images).tolist()
    assert split.hashes is split.hashes
    assert split.take(np.array([2, 0])).hashes.tolist() == split.hashes[[2, 0]].tolist()


def test_hashes_do_not_depend_on_labels() -> None:
    images = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)
    assert np.array_equal(Split(images, np.arange(4)).hashes, Split(images, np.zeros(4)).hashes)


def test_a_dataset_has_its_source_and_training_hashes(
    tmp_path: Path, write_pair: WritePair
) -> None:
    write_pair(tmp_path, "train", [0, 1] * 10, 2, 3)
    dataset = gn.load_dataset(tmp_path, validation=0, test=0)
    parts = gn.load_dataset(tmp_path, validation=0.25, test=0.2, seed=1)
    assert dataset.image_hashes.source == str(tmp_path)
    assert list(dataset.image_hashes.hashes) == ["train"]
    assert list(parts.image_hashes.hashes) == ["train", "validation", "test"]
    together = np.concatenate(list(parts.image_hashes.hashes.values()))
    assert sorted(together.tolist()) == sorted(dataset.train.hashes.tolist())
    assert parts.test is not None
    unseen = set(dataset.train.hashes.tolist()) - set(parts.image_hashes.training.tolist())
    assert unseen == set(parts.test.hashes.tolist())
    assert parts.image_hashes.training.tolist() == sorted(parts.image_hashes.training.tolist())


def test_every_format_gives_the_same_hashes(tmp_path: Path, write_pair: WritePair) -> None:
    labels = [2, 0, 1, 1, 2, 0]
    idx = write_pair(tmp_path / "idx", "train", labels, 3, 3)
    images = gn.load_dataset(idx, validation=0, test=0).train.images.reshape(6, 9)
    rows = [
        f"{label}," + ",".join(map(str, row)) for label, row in zip(labels, images, strict=True)
    ]
    header = "label," + ",".join(f"pixel{k}" for k in range(9))
    table = "\r\n".join([header, *rows, ""]).encode()
    (tmp_path / "header.csv").write_bytes(table)
    (tmp_path / "bare.csv").write_text("\n".join(rows))
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(table))
    with zipfile.ZipFile(tmp_path / "kaggle.zip", "w") as archive:
        archive.writestr("train.csv", table)
    expected = hash_images(images).tolist()
    for name in ("idx", "header.csv", "bare.csv", "packed.csv.gz", "kaggle.zip"):
        dataset = gn.load_dataset(tmp_path / name, validation=0, test=0)
        assert dataset.train.hashes.tolist() == expected


def test_all_mnist_images_are_different(data_root: Path) -> None:
    """The 70,000 images have different bytes, and so different hashes."""
    mnist = gn.load_dataset("mnist", validation=0)
    assert mnist.test is not None
    images = np.concatenate([mnist.train.images, mnist.test.images])
    assert len({image.tobytes() for image in images}) == 70_000
    assert len(np.unique(hash_images(images))) == 70_000


def test_kaggles_rows_are_mnists_images(data_root: Path) -> None:
    mnist = gn.load_dataset("mnist", validation=0)
    kaggle = gn.load_dataset(data_root / "kaggle" / "digit-recognizer.zip", validation=0, test=0)
    assert mnist.test is not None
    hashes = np.concatenate([mnist.train.hashes, mnist.test.hashes])
    rows = np.load(data_root / "kaggle" / "train_row_to_mnist.npy")
    assert np.array_equal(kaggle.train.hashes, hashes[rows])
    assert int(np.isin(mnist.test.hashes, kaggle.image_hashes.training).sum()) == 6_015


def test_all_of_sample_is_in_mnists_training_images(data_root: Path) -> None:
    sample = gn.load_dataset("sample", validation=0, test=0).train
    mnist = gn.load_dataset("mnist", validation=0)
    assert int(np.isin(sample.hashes, mnist.image_hashes.training).sum()) == len(sample) == 5_000
