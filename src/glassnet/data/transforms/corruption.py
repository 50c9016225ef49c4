"""Spoiling: a dataset made wrong on purpose, to see what a training then does."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from glassnet.data.dataset import Dataset, Split, stratified_rows
from glassnet.errors import lookup

FEW = 300  # images that are left
Spoil = Callable[[Dataset, np.random.Generator], Dataset]


def sort_by_class(dataset: Dataset, rng: np.random.Generator) -> Dataset:  # noqa: ARG001 - one shape for all
    """Sort the training rows by class.

    Parameters
    ----------
    dataset : Dataset
        Any.
    rng : numpy.random.Generator
        Not used.

    Returns
    -------
    Dataset
        All images of class 0, then all of class 1, ...
    """
    return replace(
        dataset, train=dataset.train.take(np.argsort(dataset.train.labels, kind="stable"))
    )


def shuffle_labels(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Deal the labels of the training and validation images out anew, each to any image.

    Parameters
    ----------
    dataset : Dataset
        Any.
    rng : numpy.random.Generator
        Shuffles.

    Returns
    -------
    Dataset
        Each class as frequent as before.
    """
    train, held_out = dataset.train, dataset.validation
    return replace(
        dataset,
        train=Split(train.images, rng.permutation(train.labels)),
        validation=held_out and Split(held_out.images, rng.permutation(held_out.labels)),
    )


def keep_few(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Leave 300 training images, class by class.

    Parameters
    ----------
    dataset : Dataset
        Any; one with fewer stays as it is.
    rng : numpy.random.Generator
        Chooses.

    Returns
    -------
    Dataset
        With the other parts as they were.
    """
    train = dataset.train
    if len(train) <= FEW:
        return dataset
    return replace(dataset, train=train.take(stratified_rows(train.labels, FEW / len(train), rng)))


def leak(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Put training images in the place of half of the test images.

    Parameters
    ----------
    dataset : Dataset
        Any; one without a test part stays as it is.
    rng : numpy.random.Generator
        Chooses.

    Returns
    -------
    Dataset
        With a test part as large as before.
    """
    train, test = dataset.train, dataset.test
    if test is None:
        return dataset
    n = min(len(train), -(-len(test) // 2))
    rows = rng.permutation(len(train))[:n]
    kept = rng.permutation(len(test))[: len(test) - n]
    images = np.concatenate([test.images[kept], train.images[rows]])
    return replace(
        dataset,
        test=Split(images, np.concatenate([test.labels[kept], train.labels[rows]])),
    )


CORRUPTIONS: dict[str, Spoil] = {
    "few": keep_few,
    "labels": shuffle_labels,
    "leak": leak,
    "sorted": sort_by_class,
}


def corrupt(dataset: Dataset, how: str | None, seed: int) -> Dataset:
    """Spoil a dataset in a way that has a name.

    Parameters
    ----------
    dataset : Dataset
        Any.
    how : str or None
        A key of ``CORRUPTIONS``; None leaves it as it is.
    seed : int
        Of whatever is drawn.

    Returns
    -------
    Dataset
        The same for the same seed.

    Raises
    ------
    ConfigError
        If there is no such way.
    """
    if how is None:
        return dataset
    return lookup("corrupt", CORRUPTIONS, how)(dataset, np.random.default_rng([seed, 4]))
