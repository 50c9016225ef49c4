"""Datasets: labelled images in three parts, for training, validation and test."""

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
    """One part of a dataset.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width)
        Grey values, 0 to 255.
    labels : ndarray of int64, (n,)
        Classes, from 0.
    """

    images: Array
    labels: Array

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __repr__(self) -> str:
        """Return the size, not the pixels."""
        return f"Split({len(self):,} images of {_size(self)})"

    @cached_property
    def hashes(self) -> Array:
        """Return a hash of each image, (n,) uint64, computed on first access."""
        return hash_images(self.images)

    def take(self, rows: Array) -> "Split":
        """Return copies of some rows."""
        return Split(self.images[rows], self.labels[rows])


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Labelled images in three parts.

    Parameters
    ----------
    name : str
        As the user gave it.
    validation : Split or None
        Held out of the training images, to monitor and choose models.
    test : Split or None
        For the final evaluation.
    n_classes : int
        Classes are 0 to ``n_classes - 1``.
    """

    name: str
    train: Split
    validation: Split | None
    test: Split | None
    n_classes: int

    @cached_property
    def image_hashes(self) -> ImageHashes:
        """Return the source, and the hash of every image in every part."""
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
    """Hold out the parts that a source does not bring, stratified by class.

    Parameters
    ----------
    name : str
        Of the dataset.
    train : Split
        All images for training.
    test : Split or None
        The source's own test part.
    validation_fraction : float
        Share of the training images to hold out.
    test_fraction : float
        Share of the images to hold out if there is no test part.
    seed : int
        Decides which images.

    Raises
    ------
    ConfigError
        If a fraction is out of range, or the seed is negative.
    DataError
        If a part is empty, or there are not 2 to 1,000 classes.
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
            "they need one size"
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
            raise DataError(f"{name}: {n_samples} images are too few, none is left for {part}")
    return Dataset(name=name, train=train, validation=validation, test=test, n_classes=n_classes)


def check_fraction(part: str, fraction: float) -> None:
    """Raise `ConfigError` unless the fraction of a part is from 0 to below 1."""
    if not 0 <= fraction < 1:
        raise ConfigError(f"{part}: needs a fraction from 0 to below 1, got {fraction:g}")


def _hold_out(split: Split, fraction: float, rng: np.random.Generator) -> tuple[Split, Split]:
    """Split rows in two, stratified by class; both keep the order of the rows."""
    is_held = np.zeros(len(split), bool)
    is_held[stratified_rows(split.labels, fraction, rng)] = True
    return split.take(~is_held), split.take(is_held)


def stratified_rows(labels: Array, fraction: float, rng: np.random.Generator) -> Array:
    """Draw a fraction of the rows, stratified by class.

    The total is the nearest whole number to ``fraction * n``: every class gives the floor of its
    share, and the classes with the largest remainders give one more.
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
