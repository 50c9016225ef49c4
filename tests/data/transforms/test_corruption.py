"""Data made wrong on purpose: wrong in the way that was asked for, and in no other."""

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
    dataset, spoilt = make(), corrupt(make(), "sorted", 0)
    assert (np.diff(spoilt.train.labels) >= 0).all()
    assert sorted(spoilt.train.hashes) == sorted(dataset.train.hashes)
    labels = dict(zip(dataset.train.hashes, dataset.train.labels, strict=True))
    assert all(
        labels[h] == y for h, y in zip(spoilt.train.hashes, spoilt.train.labels, strict=True)
    )


def test_shuffled_labels_are_as_frequent_and_elsewhere() -> None:
    dataset, spoilt = make(), corrupt(make(), "labels", 0)
    assert spoilt.validation is not None
    assert dataset.validation is not None
    for before, after in ((dataset.train, spoilt.train), (dataset.validation, spoilt.validation)):
        assert (before.images == after.images).all()
        assert (np.bincount(before.labels) == np.bincount(after.labels)).all()
        assert (before.labels == after.labels).mean() < 0.5
    assert spoilt.test is not None
    assert dataset.test is not None
    assert (spoilt.test.labels == dataset.test.labels).all()


def test_few_images_are_left_class_by_class() -> None:
    spoilt = corrupt(make(), "few", 0)
    assert len(spoilt.train) == 300
    assert np.ptp(np.bincount(spoilt.train.labels) / np.bincount(make().train.labels)) < 0.02
    assert len(corrupt(spoilt, "few", 0).train) == 300


def test_half_of_the_test_images_leak() -> None:
    spoilt = corrupt(make(), "leak", 0)
    assert spoilt.test is not None
    assert len(spoilt.test) == 101
    assert np.isin(spoilt.test.hashes, spoilt.train.hashes).sum() == 51
    dataset = make()
    assert dataset.test is not None
    labels = {
        image: label
        for part in (dataset.train, dataset.test)
        for image, label in zip(part.hashes, part.labels, strict=True)
    }
    assert [labels[image] for image in spoilt.test.hashes] == spoilt.test.labels.tolist()
    bare = Dataset(name="bare", train=make().train, validation=None, test=None, n_classes=4)
    assert corrupt(bare, "leak", 0) is bare


@pytest.mark.parametrize("how", CORRUPTIONS)
def test_the_same_seed_spoils_alike(how: str) -> None:
    first, two, other = (corrupt(make(), how, seed).image_hashes for seed in (3, 3, 4))
    assert all((first.hashes[part] == two.hashes[part]).all() for part in first.hashes)
    if how in ("few", "leak"):
        assert any((first.hashes[part] != other.hashes[part]).any() for part in first.hashes)


def test_an_unknown_way_is_an_error_and_none_is_none() -> None:
    dataset = make()
    assert corrupt(dataset, None, 0) is dataset
    with pytest.raises(
        ConfigError, match=r"corrupt: needs one of .*, got 'leek'\. Did you mean 'leak'\?"
    ):
        corrupt(dataset, "leek", 0)
