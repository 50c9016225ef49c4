"""Statistics of an epoch's steps, compared with values computed by hand."""

import math

import numpy as np
import pytest

import glassnet as gn
from glassnet.nn.monitoring.epoch_stats import EpochStats, copy_weights, is_sampled
from glassnet.nn.monitoring.health import measure_unit_similarity


def test_trajectory_contains_the_mean_loss_of_each_part() -> None:
    stats = EpochStats()
    for batch in range(40):
        stats.add_loss(float(batch), batch, 40)
    assert stats.trajectory == tuple(2 * k + 0.5 for k in range(20))
    assert (stats.first_loss, stats.peak_loss) == (0.0, 39.0)


def test_trajectory_of_few_batches_has_nan_for_missing_ones() -> None:
    stats = EpochStats()
    for batch, loss in enumerate((3.0, 5.0, math.nan)):
        stats.add_loss(loss, batch, 4)
    assert stats.trajectory[:2] == (3.0, 5.0)
    assert all(map(math.isnan, stats.trajectory[2:]))
    assert stats.first_loss == 3.0
    assert stats.peak_loss is not None
    assert math.isnan(stats.peak_loss)


def test_steps_1_2_4_8_are_sampled() -> None:
    assert [batch + 1 for batch in range(70) if is_sampled(batch)] == [1, 2, 4, 8, 16, 32, 64]


def test_largest_update_is_kept_relative_to_the_weights() -> None:
    net = gn.mlp([2, 1, 1], dtype=np.float64, rng=0)
    net.params["W1"][...], net.params["W2"][...] = [[3.0], [4.0]], [[0.0]]
    stats = EpochStats()
    for step in (0.5, 0.1):
        before = copy_weights(net)
        net.params["W1"][0, 0] += step
        stats.add_update(before, net)
        assert stats.update_ratios == [0.1, 0.0]  # 0.5 of 5
        assert stats.first_update == 0.1
    before = copy_weights(net)
    net.params["W2"][...] = 9.0
    stats.add_update(before, net)
    assert stats.update_ratios[1] == 1.0  # relative to zero weights


def test_unit_similarity_of_identical_units_is_one() -> None:
    net = gn.mlp([50, 40, 1, 30, 3], rng=0)
    random, single, other = measure_unit_similarity(net)
    assert 0.01 < random < 0.06  # one in 40
    assert single == 0
    assert other == pytest.approx(1 / 30, abs=0.05)
    net.params["W1"][...] = np.arange(50)[:, None]
    net.params["W3"][...] = 0
    assert measure_unit_similarity(net) == pytest.approx((1.0, 0.0, 1.0))


def test_record_contains_the_statistics_of_the_steps() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.random((64, 5)), rng.integers(3, size=64)
    net = gn.mlp([5, 4, 3], rng=0)
    training = gn.train(net, (X, y), epochs=2, batch_size=16, rng=0)
    first, second = training
    assert training.records == [first, second]
    assert len(first.trajectory) == 4
    assert first.first_loss == first.trajectory[0]
    assert first.peak_loss == max(first.trajectory)
    assert np.mean(first.trajectory) == pytest.approx(first.train_loss)
    assert len(first.update_ratios) == 2
    assert all(0 < ratio < 1 for ratio in first.update_ratios)
    assert (first.input_scale, first.majority) == (second.input_scale, second.majority)


def test_record_of_a_diverged_epoch_covers_its_steps() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.random((64, 5)), rng.integers(3, size=64)
    training = gn.train(
        gn.mlp([5, 4, 3], activation="tanh", rng=0), (X, y), learning_rate=1e38, batch_size=8, rng=0
    )
    with pytest.raises(gn.NotFiniteError) as caught:
        list(training)
    record = training.records[-1]
    assert caught.value.record is record
    assert math.isnan(record.train_loss)
    assert record.epoch == 1
    assert math.isfinite(record.first_loss or math.nan)
    assert math.isnan(record.trajectory[-1])
    assert max(record.update_ratios) > 1e30
