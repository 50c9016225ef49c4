"""Dispatch: selection of the reader for a file or folder."""

from collections.abc import Callable
from pathlib import Path

from glassnet.data.dataset import Split
from glassnet.data.readers import csv_table, idx, npz, parquet
from glassnet.data.readers.parts import Parts
from glassnet.data.readers.read_options import ReadOptions
from glassnet.data.sources.locate import KAGGLE_ZIP
from glassnet.errors import DataError

KAGGLE_TEST_FRACTION = 1 / 6  # 7,000 of 42,000
KAGGLE_UNLABELLED = "test.csv"


def choose_reader(path: Path) -> tuple[str, Callable[[Path, ReadOptions], Parts]]:
    """Choose the reader for a file or folder.

    Returns
    -------
    kind : str
        ``"table"`` for CSV, ``"parquet"``, or ``"arrays"`` for formats that define the shape and
        the labels.
    read : callable
        The reader: path and options -> `Parts`.

    Raises
    ------
    DataError
        If no reader supports the file.
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
        f".parquet or {KAGGLE_ZIP}, got {path.suffix or 'a file without a suffix'}"
    )


def _idx_folder(path: Path, options: ReadOptions) -> Parts:
    return Parts(path, *idx.read_folder(path, max_bytes=options.max_bytes))


def _idx_pair(path: Path, options: ReadOptions) -> Parts:
    return Parts(path, idx.read_pair(path, max_bytes=options.max_bytes), None)


def _npz(path: Path, options: ReadOptions) -> Parts:
    return Parts(path, *npz.read_npz(path, max_bytes=options.max_bytes))


def _csv(path: Path, options: ReadOptions) -> Parts:
    train = csv_table.read_csv(
        path,
        label=options.label,
        shape=options.shape,
        labels=options.labels,
        max_bytes=options.max_bytes,
    )
    return Parts(path, train, None)


def _kaggle(path: Path, options: ReadOptions) -> Parts:
    member = csv_table.KAGGLE_MEMBER
    if options.labels == "optional" and csv_table.has_member(path, KAGGLE_UNLABELLED):
        member = KAGGLE_UNLABELLED
    train = csv_table.read_kaggle_zip(
        path,
        member,
        label=options.label,
        shape=options.shape,
        labels=options.labels,
        max_bytes=options.max_bytes,
    )
    return Parts(path, train, None, KAGGLE_TEST_FRACTION)


def _parquet(path: Path, options: ReadOptions) -> Parts:
    return Parts(path, _read_parquet([path], options), None)


def _parquet_folder(path: Path, options: ReadOptions) -> Parts:
    files = parquet.find_parquet(path)
    if "train" not in files:
        return Parts(path, _read_parquet(files["test"], options), None)
    train = _read_parquet(files["train"], options)
    return Parts(path, train, _read_parquet(files["test"], options) if "test" in files else None)


def _read_parquet(paths: list[Path], options: ReadOptions) -> Split:
    return parquet.read_parquet(
        paths, label=options.label, labels=options.labels, max_bytes=options.max_bytes
    )
