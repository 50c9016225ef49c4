"""Which reader reads a file or folder: IDX, CSV, Kaggle's zip, npz, Parquet."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from glassnet.data.dataset import Split
from glassnet.data.readers import csv_table, idx, npz, parquet
from glassnet.data.readers.csv_layout import Labels, Shape
from glassnet.data.sources.locate import KAGGLE_ZIP
from glassnet.errors import DataError

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
class How:
    """What a user may say of how to read.

    Parameters
    ----------
    label : str or None
        The column of labels of a table.
    shape : tuple of int or None
        Height and width of the images of a CSV table.
    max_bytes : int
        The limit to what a file may unpack to.
    labels : {"needed", "optional"}
        Whether a table without labels will do.
    """

    label: str | None
    shape: Shape | None
    max_bytes: int
    labels: Labels = "needed"


def choose_reader(path: Path) -> tuple[str, Callable[[Path, How], Parts]]:
    """Choose by its name how a file or folder is read.

    Parameters
    ----------
    path : Path
        What to read.

    Returns
    -------
    kind : str
        ``table`` for CSV, ``parquet``, or ``arrays`` for what says all about itself.
    read : callable
        What reads it.

    Raises
    ------
    DataError
        If nothing does.
    """
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


def _idx_folder(path: Path, how: How) -> Parts:
    return Parts(path, *idx.read_folder(path, max_bytes=how.max_bytes))


def _idx_pair(path: Path, how: How) -> Parts:
    return Parts(path, idx.read_pair(path, max_bytes=how.max_bytes), None)


def _npz(path: Path, how: How) -> Parts:
    return Parts(path, *npz.read_npz(path, max_bytes=how.max_bytes))


def _csv(path: Path, how: How) -> Parts:
    train = csv_table.read_csv(
        path, label=how.label, shape=how.shape, labels=how.labels, max_bytes=how.max_bytes
    )
    return Parts(path, train, None)


def _kaggle(path: Path, how: How) -> Parts:
    member = csv_table.KAGGLE_MEMBER
    if how.labels == "optional" and csv_table.has_member(path, KAGGLE_UNLABELLED):
        member = KAGGLE_UNLABELLED
    train = csv_table.read_kaggle_zip(
        path,
        member,
        label=how.label,
        shape=how.shape,
        labels=how.labels,
        max_bytes=how.max_bytes,
    )
    return Parts(path, train, None, KAGGLE_TEST_FRACTION)


def _parquet(path: Path, how: How) -> Parts:
    return Parts(path, _read_parquet([path], how), None)


def _parquet_folder(path: Path, how: How) -> Parts:
    files = parquet.find_parquet(path)
    if "train" not in files:
        return Parts(path, _read_parquet(files["test"], how), None)
    train = _read_parquet(files["train"], how)
    return Parts(path, train, _read_parquet(files["test"], how) if "test" in files else None)


def _read_parquet(paths: list[Path], how: How) -> Split:
    return parquet.read_parquet(paths, label=how.label, labels=how.labels, max_bytes=how.max_bytes)
