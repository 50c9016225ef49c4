"""Corruption: deliberate defects in a dataset, to study their effect on training."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from glassnet.data.dataset import Dataset, Split, stratified_rows
from glassnet.errors import lookup

N_KEPT = 300  # training images
Corruption = Callable[[Dataset, np.random.Generator], Dataset]


def sort_by_class(dataset: Dataset, rng: np.random.Generator) -> Dataset:  # noqa: ARG001 - a Corruption
    """Sort the training images by class."""
    return replace(
        dataset, train=dataset.train.take(np.argsort(dataset.train.labels, kind="stable"))
    )


def shuffle_labels(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Randomly permute the labels of the training and validation images."""
    train, held_out = dataset.train, dataset.validation
    return replace(
        dataset,
        train=Split(train.images, rng.permutation(train.labels)),
        validation=held_out and Split(held_out.images, rng.permutation(held_out.labels)),
    )


def keep_few(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Keep 300 training images, stratified by class."""
    train = dataset.train
    if len(train) <= N_KEPT:
        return dataset
    return replace(
        dataset, train=train.take(stratified_rows(train.labels, N_KEPT / len(train), rng))
    )


def leak(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Replace half of the test images with training images."""
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


CORRUPTIONS: dict[str, Corruption] = {
    "few": keep_few,
    "labels": shuffle_labels,
    "leak": leak,
    "sorted": sort_by_class,
}


def corrupt(dataset: Dataset, how: str | None, seed: int) -> Dataset:
    """Apply a corruption by its key in ``CORRUPTIONS``; for None, return the dataset unchanged."""
    if how is None:
        return dataset
    return lookup("corrupt", CORRUPTIONS, how)(dataset, np.random.default_rng([seed, 4]))
