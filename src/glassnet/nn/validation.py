"""Validation of images and labels, and conversion of pixels to floats in [0, 1].

Images are integers from 0 to 255 or floats from 0 to 1, of shape (n, height, width) or
(n, features). They are validated once, and converted batch by batch when they are used, so that no
float copy of a uint8 dataset is stored.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from glassnet.errors import DataError, ShapeError
from glassnet.types import Array

BLOCK_SIZE = 128  # images: 0.4 MB for MNIST in float32, which fits in the cache


class Labelled(Protocol):
    """Images with their labels, such as a `Split`."""

    @property
    def images(self) -> Array:
        """Images as integers from 0 to 255, or floats in [0, 1]."""

    @property
    def labels(self) -> Array:
        """Labels, (n,) int or (n, n_classes)."""


Examples = Labelled | tuple[ArrayLike, ArrayLike]


def check_images(images: ArrayLike, n_in: int) -> Array:
    """Validate images and flatten each into a row.

    Parameters
    ----------
    images : array-like, (n, height, width) or (n, features)
        Integers from 0 to 255, or floats in [0, 1].
    n_in : int
        Number of inputs of the network.

    Returns
    -------
    ndarray, (n, n_in)
        The same values in the same dtype; a view where possible.

    Raises
    ------
    ShapeError
        If there are no images, or their size is not `n_in`.
    DataError
        If the dtype or the range differs from those above.
    """
    images = np.asarray(images)
    if images.ndim not in (2, 3):
        raise ShapeError(
            f"images: need shape (n, {n_in}) or (n, height, width), got {images.shape}"
            + (" (a single image? add an axis in front: image[None])" if images.ndim == 1 else "")
        )
    if images.ndim == 2 and images.shape[1] != n_in and images.size == n_in:
        raise ShapeError(
            f"images: need a batch, got one image of shape {images.shape}; pass image[None]"
        )
    rows = images.reshape(len(images), -1) if images.size else images
    if not images.size or rows.shape[1] != n_in:
        raise ShapeError(
            f"images: the network takes {n_in} values per image, got shape {images.shape}"
        )
    if rows.dtype == np.uint8:
        return rows  # every uint8 value is valid
    if rows.dtype.kind not in "iuf":
        raise DataError(
            f"images: need whole numbers 0 to 255 or floats in [0, 1], got {rows.dtype}"
        )
    lowest, highest = _extremes(rows)
    if rows.dtype.kind != "f" and not 0 <= lowest <= highest <= 255:
        raise DataError(f"images: need whole numbers 0 to 255, got {lowest} to {highest}")
    if rows.dtype.kind == "f" and not 0 <= lowest <= highest <= 1:  # also rejects NaN
        hint = "; divide by 255 or pass whole numbers" if 1 < highest <= 255 else ""
        raise DataError(f"images: need floats in [0, 1], got {lowest:g} to {highest:g}{hint}")
    return rows


def _extremes(rows: Array) -> tuple[Any, Any]:
    """Return the smallest and the largest value, or NaN if any value is NaN."""
    if len(rows) > BLOCK_SIZE:  # block by block, so that min and max read memory only once
        starts = range(0, len(rows), BLOCK_SIZE)
        rows = np.array([_extremes(rows[start : start + BLOCK_SIZE]) for start in starts])
    return rows.min(), rows.max()


def check_labels(labels: ArrayLike, n_samples: int, n_classes: int) -> Array:
    """Validate labels: classes, (n_samples,) int, or distributions, (n_samples, n_classes).

    Raises
    ------
    ShapeError
        If there is not one label per image, or a row does not have `n_classes` elements.
    DataError
        If a label is not a class of the network.
    """
    labels = np.asarray(labels)
    if labels.ndim not in (1, 2) or len(labels) != n_samples:
        raise ShapeError(f"labels: need one for each of {n_samples} images, got {labels.shape}")
    if labels.ndim == 2:
        if labels.shape[1] != n_classes:
            raise ShapeError(f"labels: need rows of {n_classes} classes, got {labels.shape}")
        if not (labels.min() >= 0 and np.allclose(labels.sum(axis=1), 1, atol=1e-5)):
            raise DataError("labels: each row must be a distribution: at least 0, sum 1")
    elif labels.dtype.kind not in "iu":
        raise DataError(f"labels: need whole numbers, got {labels.dtype}")
    elif not 0 <= labels.min() <= labels.max() < n_classes:
        raise DataError(
            f"labels: the network has classes 0 to {n_classes - 1}, "
            f"got {labels.min()} to {labels.max()}"
        )
    # A single integer type, since NumPy cannot use every one as an index.
    return labels.astype(np.intp, copy=False) if labels.ndim == 1 else labels


def check_examples(examples: Examples, n_in: int, n_classes: int) -> tuple[Array, Array]:
    """Validate a Split or a pair (X, y) with `check_images` and `check_labels`."""
    images, labels = examples if isinstance(examples, tuple) else (examples.images, examples.labels)
    rows = check_images(images, n_in)
    return rows, check_labels(labels, len(rows), n_classes)


def to_unit(rows: Array, dtype: DTypeLike) -> Array:
    """Convert validated images, (n, n_in), to floats in [0, 1]: integers are divided by 255."""
    if rows.dtype.kind in "iu":
        return np.divide(rows, 255, dtype=dtype)
    return rows.astype(dtype, copy=False)
