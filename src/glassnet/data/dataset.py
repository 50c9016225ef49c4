"""Datasets: labelled images split into training, validation and test sets."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from glassnet.data.image_hash import ImageHashes, hash_images
from glassnet.errors import ConfigError, DataError
from glassnet.types import Array

VALIDATION_FRACTION = 1 / 12  # 5,000 of MNIST's 60,000
MAX_CLASSES = 1_000


@dataclass(frozen=True, eq=False)
class Split:
    """The training, validation or test set of a dataset.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width)
        Grey values, 0 to 255.
    labels : ndarray of int64, (n,)
        Classes, numbered from 0.

    Examples
    --------
    >>> import numpy as np
    >>> import glassnet as gn
    >>> split = gn.Split(np.zeros((3, 28, 28), np.uint8), np.array([7, 2, 1]))
    >>> split
    Split(3 images of 28 x 28)
    >>> split.take(np.array([2, 0])).labels
    array([1, 7])
    """

    images: Array
    labels: Array

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __repr__(self) -> str:
        """Return a summary with the number and size of the images."""
        return f"Split({len(self):,} images of {_size(self)})"

    @cached_property
    def hashes(self) -> Array:
        """Content hash of each image, (n,) uint64, computed on first access."""
        return hash_images(self.images)

    def take(self, rows: Array) -> "Split":
        """Return a new split with copies of the given rows."""
        return Split(self.images[rows], self.labels[rows])


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Labelled images split into training, validation and test sets.

    Parameters
    ----------
    name : str
        Name or path from which the dataset was loaded.
    validation : Split or None
        Held out of the training images, for monitoring and model selection.
    test : Split or None
        For the final evaluation only.
    n_classes : int
        Classes are 0 to ``n_classes - 1``.

    Examples
    --------
    >>> import glassnet as gn
    >>> dataset = gn.load_dataset("sample")
    >>> for split in (dataset.train, dataset.validation, dataset.test):
    ...     print(split)
    Split(3,667 images of 28 x 28)
    Split(333 images of 28 x 28)
    Split(1,000 images of 28 x 28)
    """

    name: str
    train: Split
    validation: Split | None
    test: Split | None
    n_classes: int

    @cached_property
    def image_hashes(self) -> ImageHashes:
        """Name of the dataset and content hashes of the images in each set."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        hashes = {part: split.hashes for part, split in parts.items() if split is not None}
        return ImageHashes(self.name, hashes)


def divide(
    name: str,
    train: Split,
    test: Split | None,
    *,
    validation_fraction: float,
    test_fraction: float,
    seed: int,
) -> Dataset:
    """Hold out a validation set and, if the source has none, a test set, stratified by class.

    Parameters
    ----------
    train : Split
        All images of the source except those of its test set.
    test : Split or None
        Test set of the source, if it has one.
    validation_fraction, test_fraction : float
        Fraction of the images to hold out, in [0, 1). `test_fraction` is ignored if the source has
        a test set; `validation_fraction` refers to the images that remain for training.
    seed : int
        Seed for the draw, at least 0.

    Raises
    ------
    ConfigError
        If a fraction is out of range, or the seed is negative.
    DataError
        If a set is empty, or the number of classes is not between 2 and 1,000.
    """
    check_fraction("validation", validation_fraction)
    check_fraction("test", test_fraction)
    if seed < 0:
        raise ConfigError(f"seed: needs a whole number, at least 0, got {seed}")
    if not len(train) or (test is not None and not len(test)):
        raise DataError(f"{name}: holds no images to {'test on' if len(train) else 'train on'}")
    if test is not None and test.images.shape[1:] != train.images.shape[1:]:
        raise DataError(
            f"{name}: test images are {_size(test)}, training images {_size(train)}; "
            "they must have the same size"
        )
    present = len(np.unique(train.labels))
    n_classes = 1 + max(int(part.labels.max()) for part in (train, test) if part is not None)
    if present < 2 or n_classes > MAX_CLASSES:
        raise DataError(
            f"{name}: needs labels of 2 to {MAX_CLASSES} classes, from 0; "
            f"got {present} in use, the highest label being {n_classes - 1}"
        )
    n_samples = len(train)
    if test is None and test_fraction:
        train, test = _hold_out(train, test_fraction, np.random.default_rng([seed, 0]))
    validation = None
    if validation_fraction:
        train, validation = _hold_out(train, validation_fraction, np.random.default_rng([seed, 1]))
    for part, split in (("train", train), ("validation", validation), ("test", test)):
        if split is not None and not len(split):
            raise DataError(f"{name}: {n_samples} images are too few, with none left for {part}")
    return Dataset(name=name, train=train, validation=validation, test=test, n_classes=n_classes)


def check_fraction(part: str, fraction: float) -> None:
    """Raise `ConfigError` if the fraction for a set is not in [0, 1)."""
    if not 0 <= fraction < 1:
        raise ConfigError(f"{part}: needs a fraction of at least 0 and below 1, got {fraction:g}")


def _hold_out(split: Split, fraction: float, rng: np.random.Generator) -> tuple[Split, Split]:
    """Split a set in two, stratified by class and preserving the order of the rows."""
    is_held = np.zeros(len(split), bool)
    is_held[stratified_rows(split.labels, fraction, rng)] = True
    return split.take(~is_held), split.take(is_held)


def stratified_rows(labels: Array, fraction: float, rng: np.random.Generator) -> Array:
    """Draw the indices of a fraction of the rows, stratified by class.

    Their number, ``fraction * n`` rounded to the nearest integer, is apportioned by the
    largest-remainder method: each class contributes the floor of its share, and the classes with
    the largest remainders contribute one more.
    """
    classes, counts = np.unique(labels, return_counts=True)
    shares = counts * fraction
    takes = np.floor(shares).astype(int)
    missing = round(len(labels) * fraction) - takes.sum()
    takes[np.argsort(takes - shares, kind="stable")[:missing]] += 1
    drawn = [
        rng.permutation(np.flatnonzero(labels == c))[:k]
        for c, k in zip(classes, takes, strict=True)
    ]
    return np.concatenate([np.empty(0, int), *drawn])


def _size(split: Split) -> str:
    return " x ".join(str(side) for side in split.images.shape[1:])
