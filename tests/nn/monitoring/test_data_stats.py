"""Statistics of the training data, measured on synthetic data with known values."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.nn.monitoring.data_stats import (
    measure_data_stats,
    measure_label_dependence,
    measure_label_order,
)
from glassnet.nn.training import minibatches


def test_input_scale_is_measured_before_the_first_weights() -> None:
    x = np.full((10, 4), 0.5, np.float32)
    classes = np.array([0, 0, 0, 0, 0, 0, 0, 1, 1, 2])
    for net, scale in (
        (gn.mlp([4, 3, 3], rng=0), 0.5),
        (gn.mlp([4, 3, 3], input_scale=200.0, rng=0), 100.0),
        (gn.mlp([4, 3, 3], input_scale=200.0, input_dropout=0.5, rng=0), 100.0),
    ):
        stats = measure_data_stats(net, x, classes)
        assert stats.input_scale == pytest.approx(scale)
        assert stats.majority == 0.7


@pytest.mark.parametrize("is_sorted", [True, False])
def test_label_dependence_separates_real_from_shuffled_labels(is_sorted: bool) -> None:
    rng = np.random.default_rng(0)
    classes = rng.permutation(np.arange(300) % 5)
    if is_sorted:
        classes.sort()
    x = rng.normal(0, 1, (300, 20))
    x[:, :5] += 2 * (classes[:, None] == np.arange(5))
    assert measure_label_dependence(x, classes) > 10
    shuffled = [measure_label_dependence(x, rng.permutation(classes)) for _ in range(40)]
    assert abs(np.mean(shuffled)) < 0.6
    assert 0.6 < np.std(shuffled) < 1.5  # the unit is one standard deviation


def test_label_dependence_is_zero_for_a_single_class() -> None:
    assert measure_label_dependence(np.ones((6, 2)), np.zeros(6, int)) == 0
    assert measure_label_dependence(np.ones((1, 2)), np.zeros(1, int)) == 0


@pytest.mark.parametrize("batch_size", [1, 32, 100])
def test_label_order_separates_sorted_from_shuffled_rows(batch_size: int) -> None:
    classes = np.sort(np.arange(2000) % 10)
    ordered = list(minibatches(2000, batch_size, None))
    shuffled = list(minibatches(2000, batch_size, np.random.default_rng(0)))
    assert np.concatenate(ordered).tolist() == list(range(2000))
    assert measure_label_order(classes, ordered) > 0.9
    assert measure_label_order(classes, shuffled) < 0.2
    assert measure_label_order(classes, list(minibatches(2000, 2000, None))) == 0  # all in one step


def test_label_order_of_sorted_unequal_classes_is_one() -> None:
    classes = np.repeat([0, 1], [900, 100])
    assert measure_label_order(
        classes, [np.arange(1000)[i : i + 50] for i in range(0, 1000, 50)]
    ) == (pytest.approx(1.0))
    assert measure_label_order(np.zeros(100, int), [np.arange(50), np.arange(50, 100)]) == 0
