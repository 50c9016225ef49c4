"""Dispatch: the same arrays from every format."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.data.sources.load import load_dataset, load_images, read_parts
from glassnet.errors import ConfigError
from tests.data import makers
from tests.data.makers import FORMATS, csv_bytes, images_and_labels, parquet_bytes, zip_bytes


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_arrays(
    tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    @settings(max_examples=4 if kind == "parquet" else 25, deadline=None)
    @given(
        n=st.integers(3, 20),
        height=st.integers(1, 9),
        width=st.integers(1, 9),
        seed=st.integers(0, 99),
    )
    def check(n: int, height: int, width: int, seed: int) -> None:
        images, labels = images_and_labels(n, height, width, seed)
        path = makers.write(tmp_path_factory.mktemp("set"), kind, images, labels)
        has_no_shape = kind in ("csv", "csv.gz", "zip") and height != width
        shape = (height, width) if has_no_shape else None
        held_out = None if kind == "npz" else 0.0
        read = load_dataset(path, validation=0, test=held_out, shape=shape)
        np.testing.assert_array_equal(read.train.images, images)
        np.testing.assert_array_equal(read.train.labels, labels)
        assert read.train.images.dtype == np.uint8
        assert read.train.labels.dtype == np.int64
        np.testing.assert_array_equal(load_images(path, shape=shape), images)

    check()


def test_an_npz_keeps_its_training_and_test_parts(tmp_path: Path) -> None:
    (x, y), (other, z) = images_and_labels(9, 4, 5), images_and_labels(6, 4, 5, seed=1)
    path = tmp_path / "keras.npz"
    path.write_bytes(makers.npz_bytes(x_train=x, y_train=y, x_test=other, y_test=z))
    read = read_parts(str(path))
    assert read.test is not None
    np.testing.assert_array_equal(read.train.images, x)
    np.testing.assert_array_equal(read.test.images, other)
    np.testing.assert_array_equal(read.test.labels, z)
    np.testing.assert_array_equal(load_images(path), other)


@pytest.mark.parametrize("inner", ["", "mnist"])
def test_parquet_files_are_assigned_to_parts_by_name(tmp_path: Path, inner: str) -> None:
    folder = tmp_path / "set" / inner
    folder.mkdir(parents=True)
    x, y = images_and_labels(9, 4, 5)
    other, z = images_and_labels(6, 4, 5, seed=1)
    (folder / "train-00000-of-00002.parquet").write_bytes(parquet_bytes(x[:4], y[:4]))
    (folder / "train-00001-of-00002.parquet").write_bytes(parquet_bytes(x[4:], y[4:]))
    (folder / "test-00000-of-00001.parquet").write_bytes(parquet_bytes(other, z))
    read = read_parts(str(tmp_path / "set"))
    assert read.test is not None
    np.testing.assert_array_equal(read.train.images, x)
    np.testing.assert_array_equal(read.train.labels, y)
    np.testing.assert_array_equal(read.test.images, other)


@pytest.mark.parametrize("compression", ["uncompressed", "gzip", "zstd", "lz4"])
def test_parquet_is_read_with_any_compression(tmp_path: Path, compression: str) -> None:
    images, labels = images_and_labels(7, 3, 3)
    path = tmp_path / "set.parquet"
    path.write_bytes(parquet_bytes(images, labels, compression=compression, is_struct=False))
    np.testing.assert_array_equal(read_parts(str(path)).train.images, images)


def test_load_images_reads_kaggles_unlabelled_images(tmp_path: Path) -> None:
    (x, y), (other, _) = images_and_labels(9, 4, 4), images_and_labels(6, 4, 4, seed=1)
    path = tmp_path / "digit-recognizer.zip"
    members = {"train.csv": csv_bytes(x, y), "test.csv": csv_bytes(other, None)}
    path.write_bytes(zip_bytes(members))
    np.testing.assert_array_equal(load_images(path), other)
    np.testing.assert_array_equal(load_dataset(path, validation=0, test=0).train.images, x)
    (tmp_path / "test.csv").write_bytes(members["test.csv"])
    np.testing.assert_array_equal(load_images(tmp_path / "test.csv"), other)
    path.write_bytes(zip_bytes({"train.csv": members["train.csv"]}))
    np.testing.assert_array_equal(load_images(path), x)


def test_images_of_parquet_without_labels_are_read(tmp_path: Path) -> None:
    images, _ = images_and_labels(7, 3, 3)
    path = tmp_path / "set.parquet"
    path.write_bytes(parquet_bytes(images, None))
    np.testing.assert_array_equal(load_images(path), images)


def test_the_label_column_of_parquet_can_be_given(tmp_path: Path) -> None:
    import polars as pl

    images, labels = images_and_labels(7, 3, 3)
    path = tmp_path / "set.parquet"
    path.write_bytes(parquet_bytes(images, labels))
    pl.read_parquet(path).rename({"label": "digit"}).write_parquet(path)
    assert read_parts(str(path), label="digit").train.labels.tolist() == labels.tolist()


@pytest.mark.parametrize("kind", ["idx", "npz"])
def test_a_label_column_is_rejected_for_arrays(tmp_path: Path, kind: str) -> None:
    path = makers.write(tmp_path, kind, *images_and_labels(9, 3, 3))
    with pytest.raises(ConfigError, match="label: needs a table"):
        load_dataset(path, label="first")


@pytest.mark.parametrize("kind", ["idx", "npz", "parquet"])
def test_a_shape_is_rejected_for_formats_that_define_it(tmp_path: Path, kind: str) -> None:
    path = makers.write(tmp_path, kind, *images_and_labels(9, 3, 3))
    with pytest.raises(ConfigError, match="shape: needs a CSV table"):
        load_dataset(path, shape=(3, 3))


def test_kaggles_zip_has_28000_images_without_labels(data_root: Path) -> None:
    assert load_images(data_root / "kaggle" / "digit-recognizer.zip").shape == (28_000, 28, 28)
    assert load_images("mnist").shape == (10_000, 28, 28)
