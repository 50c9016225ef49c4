"""Division of a dataset into parts, stratified by class."""

from collections import Counter
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.data.dataset import Dataset, Split, divide, stratified_rows
from glassnet.errors import ConfigError, DataError
from glassnet.types import Array

MNIST_TRAIN = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)


def numbered(labels: Array) -> Split:
    """Return images of 1 x 3 pixels that encode their row number."""
    rows = np.arange(len(labels))
    images = np.stack([rows // 65_536, rows // 256 % 256, rows % 256], axis=1)
    return Split(images.astype(np.uint8)[:, None, :], np.asarray(labels, np.int64))


def rows_of(split: Split) -> list[int]:
    pixels = split.images[:, 0, :].astype(int)
    return [int(row) for row in pixels[:, 0] * 65_536 + pixels[:, 1] * 256 + pixels[:, 2]]


def parts_of(dataset: Dataset) -> list[Split]:
    parts = (dataset.train, dataset.validation, dataset.test)
    return [part for part in parts if part is not None]


def shuffled(counts: tuple[int, ...], seed: int = 0) -> Array:
    labels = np.repeat(np.arange(len(counts)), counts)
    return np.random.default_rng(seed).permutation(labels)


def check_division(split: Split, dataset: Dataset) -> None:
    """Check that each row is in exactly one part, with its label and in order."""
    held = [rows_of(part) for part in parts_of(dataset)]
    assert sorted(chain.from_iterable(held)) == list(range(len(split)))
    for part, rows in zip(parts_of(dataset), held, strict=True):
        assert rows == sorted(rows)
        assert part.labels.tolist() == split.labels[rows].tolist()


def check_share(split: Split, held: Split, fraction: float) -> None:
    assert abs(len(held) - len(split) * fraction) <= 0.5
    there, taken = Counter(split.labels.tolist()), Counter(held.labels.tolist())
    for label, count in there.items():
        assert abs(taken[label] - count * fraction) < 1 + 1e-9


@settings(max_examples=80, deadline=None)
@given(
    counts=st.lists(st.integers(5, 60), min_size=2, max_size=12).map(tuple),
    test=st.floats(0.1, 0.5),
    validation=st.floats(0.1, 0.5),
    seed=st.integers(0, 2**32),
)
def test_each_class_is_held_out_in_proportion(
    counts: tuple[int, ...], test: float, validation: float, seed: int
) -> None:
    split = numbered(shuffled(counts, seed))
    dataset = divide(
        "name", split, None, validation_fraction=validation, test_fraction=test, seed=seed
    )
    check_division(split, dataset)
    assert dataset.test is not None
    assert dataset.validation is not None
    check_share(split, dataset.test, test)
    remaining = split.take(np.setdiff1d(np.arange(len(split)), rows_of(dataset.test)))
    check_share(remaining, dataset.validation, validation)


@settings(max_examples=80, deadline=None)
@given(
    counts=st.lists(st.integers(1, 40), min_size=1, max_size=12).map(tuple),
    fraction=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_the_number_of_drawn_rows_is_the_nearest_integer(
    counts: tuple[int, ...], fraction: float, seed: int
) -> None:
    labels = shuffled(counts, seed)
    rows = stratified_rows(labels, fraction, np.random.default_rng(seed))
    assert len(set(rows.tolist())) == len(rows)
    split = numbered(labels)
    check_share(split, split.take(rows), fraction)


def test_a_fifth_of_5000_is_1000() -> None:
    split = numbered(shuffled((500,) * 10))
    dataset = divide("name", split, None, validation_fraction=0, test_fraction=1 / 5, seed=0)
    assert dataset.test is not None
    assert Counter(dataset.test.labels.tolist()) == dict.fromkeys(range(10), 100)
    assert Counter(dataset.train.labels.tolist()) == dict.fromkeys(range(10), 400)


def test_a_twelfth_of_60000_is_5000() -> None:
    split = numbered(shuffled(MNIST_TRAIN))
    dataset = divide("name", split, split, validation_fraction=1 / 12, test_fraction=0, seed=0)
    assert dataset.validation is not None
    assert len(dataset.validation) == 5_000
    assert len(dataset.train) == 55_000
    # 5923/12 = 493.6, 6742/12 = 561.8, 5958/12 = 496.5, 6131/12 = 510.9, 5842/12 = 486.8,
    # 5421/12 = 451.75, 5918/12 = 493.2, 6265/12 = 522.1, 5851/12 = 487.6, 5949/12 = 495.75:
    # the floors make 4994, so the six largest remainders give one more; the sixth is a tie of
    # classes 0 and 8, each 7/12.
    counts = np.bincount(dataset.validation.labels).tolist()
    assert counts[1:8] == [562, 496, 511, 487, 452, 493, 522]
    assert counts[9] == 496
    assert (counts[0], counts[8]) in ((494, 487), (493, 488))


def test_the_division_is_determined_by_the_seed() -> None:
    split = numbered(shuffled((50, 60, 70)))
    divisions = [
        [
            tuple(rows_of(part))
            for part in parts_of(
                divide("x", split, None, validation_fraction=0.2, test_fraction=0.2, seed=seed)
            )
        ]
        for seed in (7, 7, 8)
    ]
    assert divisions[0] == divisions[1]
    for first, other in zip(divisions[0], divisions[2], strict=True):
        assert first != other


def test_the_seed_decides_the_validation_part_of_a_set_with_a_test_part() -> None:
    split = numbered(shuffled((50, 60, 70)))
    first, other = (
        divide("x", split, split, validation_fraction=0.2, test_fraction=0, seed=seed).validation
        for seed in (7, 8)
    )
    assert first is not None
    assert other is not None
    assert rows_of(first) != rows_of(other)


def test_held_out_rows_are_random() -> None:
    split = numbered(np.repeat([0, 1], 100))
    ever_held: Counter[int] = Counter()
    for seed in range(60):
        dataset = divide("x", split, None, validation_fraction=0, test_fraction=0.5, seed=seed)
        assert dataset.test is not None
        ever_held.update(rows_of(dataset.test))
    # Each row is held out 30 of 60 times on average, with a standard deviation of 3.9.
    assert len(ever_held) == 200
    assert 6 < min(ever_held.values()) <= max(ever_held.values()) < 54


def test_the_validation_part_does_not_depend_on_a_given_test_part() -> None:
    split = numbered(shuffled((50, 60, 70)))
    own = numbered(np.array([0, 1, 2]))
    without = divide("x", split, None, validation_fraction=0.2, test_fraction=0, seed=3)
    with_test = divide("x", split, own, validation_fraction=0.2, test_fraction=0.2, seed=3)
    assert without.validation is not None
    assert with_test.validation is not None
    assert rows_of(without.validation) == rows_of(with_test.validation)


def test_a_given_test_part_is_unchanged() -> None:
    split, own = numbered(shuffled((30, 30))), numbered(np.array([1, 0, 4]))
    dataset = divide("x", split, own, validation_fraction=0.1, test_fraction=0.5, seed=0)
    assert dataset.test is own
    assert len(dataset.train) == 54
    assert dataset.n_classes == 5


def test_fractions_of_0_hold_out_nothing() -> None:
    split = numbered(shuffled((3, 4)))
    dataset = divide("x", split, None, validation_fraction=0, test_fraction=0, seed=0)
    assert dataset.validation is None
    assert dataset.test is None
    assert rows_of(dataset.train) == list(range(7))
    assert (dataset.name, dataset.n_classes) == ("x", 2)


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 1.5, float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("part", ["validation", "test"])
def test_a_fraction_out_of_range_raises(fraction: float, part: str) -> None:
    fractions = {"validation_fraction": 0.0, "test_fraction": 0.0} | {f"{part}_fraction": fraction}
    with pytest.raises(ConfigError, match=f"^{part}: needs a fraction .*got {fraction:g}"):
        divide("x", numbered(shuffled((9, 9))), None, seed=0, **fractions)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], "no images"),
        ([3, 3, 3], "got 1 in use, the highest label being 3"),
        ([0, 0, 0], "got 1 in use"),
        ([0, 1, 1000], "the highest label being 1000"),
    ],
)
def test_too_few_or_too_many_classes_raise(labels: list[int], expected: str) -> None:
    split = numbered(np.array(labels, int))
    with pytest.raises(DataError, match=f"^name: .*{expected}") as raised:
        divide("name", split, None, validation_fraction=0.1, test_fraction=0.1, seed=0)
    assert "\n" not in str(raised.value)


def test_a_thousand_classes_are_accepted() -> None:
    dataset = divide(
        "x", numbered(np.array([0, 999])), None, validation_fraction=0, test_fraction=0, seed=0
    )
    assert dataset.n_classes == 1_000


@pytest.mark.parametrize(
    ("n", "validation", "test", "part"),
    [(3, 1 / 12, 0.0, "validation"), (4, 0.0, 0.1, "test"), (4, 0.9, 0.0, "train")],
)
def test_too_few_images_raise_with_the_empty_part(
    n: int, validation: float, test: float, part: str
) -> None:
    split = numbered(np.arange(n) % 2)
    with pytest.raises(DataError, match=f"^x: {n} images are too few, with none left for {part}$"):
        divide("x", split, None, validation_fraction=validation, test_fraction=test, seed=0)


def test_test_images_of_another_size_raise() -> None:
    split = numbered(np.array([0, 1]))
    other = Split(np.zeros((2, 5, 7), np.uint8), np.array([0, 1]))
    with pytest.raises(DataError, match=r"test images are 5 x 7, training images 1 x 3"):
        divide("x", split, other, validation_fraction=0, test_fraction=0, seed=0)


def test_an_empty_test_part_raises() -> None:
    split = numbered(np.array([0, 1]))
    empty = split.take(np.array([], int))
    with pytest.raises(DataError):
        divide("x", split, empty, validation_fraction=0, test_fraction=0, seed=0)


def test_take_copies_rows() -> None:
    split = numbered(np.array([5, 6, 7]))
    taken = split.take(np.array([2, 0]))
    assert taken.labels.tolist() == [7, 5]
    assert rows_of(taken) == [2, 0]
    taken.images[:] = 9
    assert rows_of(split) == [0, 1, 2]
    assert repr(split) == "Split(3 images of 1 x 3)"
