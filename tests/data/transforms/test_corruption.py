"""Corruption: each defect is introduced, and nothing else changes."""

import numpy as np
import pytest

from glassnet.data.dataset import Dataset, Split
from glassnet.data.transforms.corruption import CORRUPTIONS, corrupt
from glassnet.errors import ConfigError


def make() -> Dataset:
    rng = np.random.default_rng(0)

    def split(n: int) -> Split:
        return Split(rng.integers(256, size=(n, 3, 3), dtype=np.uint8), rng.integers(4, size=n))

    return Dataset(
        name="made", train=split(600), validation=split(80), test=split(101), n_classes=4
    )


def test_sorted_rows_keep_their_labels() -> None:
    dataset, corrupted = make(), corrupt(make(), "sorted", 0)
    assert (np.diff(corrupted.train.labels) >= 0).all()
    assert sorted(corrupted.train.hashes) == sorted(dataset.train.hashes)
    labels = dict(zip(dataset.train.hashes, dataset.train.labels, strict=True))
    assert all(
        labels[h] == y for h, y in zip(corrupted.train.hashes, corrupted.train.labels, strict=True)
    )


def test_shuffled_labels_keep_their_frequencies() -> None:
    dataset, corrupted = make(), corrupt(make(), "labels", 0)
    assert corrupted.validation is not None
    assert dataset.validation is not None
    for before, after in (
        (dataset.train, corrupted.train),
        (dataset.validation, corrupted.validation),
    ):
        assert (before.images == after.images).all()
        assert (np.bincount(before.labels) == np.bincount(after.labels)).all()
        assert (before.labels == after.labels).mean() < 0.5
    assert corrupted.test is not None
    assert dataset.test is not None
    assert (corrupted.test.labels == dataset.test.labels).all()


def test_few_images_are_kept_stratified_by_class() -> None:
    corrupted = corrupt(make(), "few", 0)
    assert len(corrupted.train) == 300
    assert np.ptp(np.bincount(corrupted.train.labels) / np.bincount(make().train.labels)) < 0.02
    assert len(corrupt(corrupted, "few", 0).train) == 300


def test_half_of_the_test_images_leak() -> None:
    corrupted = corrupt(make(), "leak", 0)
    assert corrupted.test is not None
    assert len(corrupted.test) == 101
    assert np.isin(corrupted.test.hashes, corrupted.train.hashes).sum() == 51
    dataset = make()
    assert dataset.test is not None
    labels = {
        image: label
        for part in (dataset.train, dataset.test)
        for image, label in zip(part.hashes, part.labels, strict=True)
    }
    assert [labels[image] for image in corrupted.test.hashes] == corrupted.test.labels.tolist()
    bare = Dataset(name="bare", train=make().train, validation=None, test=None, n_classes=4)
    assert corrupt(bare, "leak", 0) is bare


@pytest.mark.parametrize("how", CORRUPTIONS)
def test_the_same_seed_gives_the_same_corruption(how: str) -> None:
    first, two, other = (corrupt(make(), how, seed).image_hashes for seed in (3, 3, 4))
    assert all((first.hashes[part] == two.hashes[part]).all() for part in first.hashes)
    if how in ("few", "leak"):
        assert any((first.hashes[part] != other.hashes[part]).any() for part in first.hashes)


def test_an_unknown_corruption_raises_and_none_changes_nothing() -> None:
    dataset = make()
    assert corrupt(dataset, None, 0) is dataset
    with pytest.raises(
        ConfigError, match=r"corrupt: needs one of .*, got 'leek'\. Did you mean 'leak'\?"
    ):
        corrupt(dataset, "leek", 0)
