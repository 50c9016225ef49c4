"""Calibration: hand calculations, and probabilities that are calibrated by construction."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

import glassnet as gn
from glassnet.errors import ConfigError, DataError, ShapeError
from glassnet.types import Array


def pairs(*confidences: float) -> Array:
    """Return probabilities of two classes, given those of the first."""
    first = np.array(confidences)
    return np.stack([first, 1 - first], axis=1)


def softmax(logits: Array) -> Array:
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Array = e / e.sum(axis=1, keepdims=True)
    return probabilities


def draw_calibrated(n: int, seed: int, *, spread: float = 2.0) -> tuple[Array, Array]:
    """Draw logits, and labels from the probabilities that the logits give."""
    rng = np.random.default_rng(seed)
    logits = spread * rng.standard_normal((n, 10))
    labels = (softmax(logits).cumsum(axis=1) > rng.random((n, 1)) * (1 - 1e-12)).argmax(axis=1)
    return logits, labels


def loss(probabilities: Array, labels: Array) -> float:
    return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())


def test_bins_match_a_hand_calculation() -> None:
    probabilities = pairs(0.55, 0.7, 0.75, 0.8, 1.0)
    bins = gn.reliability(probabilities, [0, 0, 1, 0, 1], n_bins=4)
    numbers = [(b.low, b.high, b.n, b.confidence, b.accuracy) for b in bins]
    assert numbers[:2] == [(0.0, 0.25, 0, None, None), (0.25, 0.5, 0, None, None)]
    assert numbers[2] == pytest.approx((0.5, 0.75, 3, (0.55 + 0.7 + 0.75) / 3, 2 / 3))
    assert numbers[3] == pytest.approx((0.75, 1.0, 2, 0.9, 0.5))
    # 3/5 of |2/3 - 2/3| and 2/5 of |0.5 - 0.9|
    error = gn.expected_calibration_error(probabilities, [0, 0, 1, 0, 1], n_bins=4)
    assert error == pytest.approx(0.16)


def test_a_confidence_at_an_edge_is_in_the_lower_bin() -> None:
    bins = gn.reliability(pairs(0.5, 0.6, 0.8, 1.0), [0] * 4, n_bins=5)
    assert [b.n for b in bins] == [0, 0, 2, 1, 1]
    above_one = np.array([[1.0000001, 0.0]], np.float32)
    assert gn.reliability(above_one, [0])[-1].n == 1


def test_gaps_of_different_signs_do_not_cancel() -> None:
    # Confidence 0.6 with accuracy 1, and confidence 0.9 with accuracy 0.5: gaps of 0.4.
    probabilities = pairs(0.6, 0.6, 0.9, 0.9)
    assert gn.expected_calibration_error(probabilities, [0, 0, 0, 1]) == pytest.approx(0.4)


@pytest.mark.parametrize("seed", range(3))
def test_calibrated_probabilities_have_a_small_error_and_sharpened_ones_a_large_one(
    seed: int,
) -> None:
    logits, labels = draw_calibrated(100_000, seed)
    # The noise of a bin's accuracy is about sqrt(15 / 100,000) / 2 in all.
    assert gn.expected_calibration_error(softmax(logits), labels) < 0.01
    sharp = softmax(3 * logits)
    # All bins are overconfident, so the error is the difference of the means.
    distance = sharp.max(axis=1).mean() - (sharp.argmax(axis=1) == labels).mean()
    assert distance > 0.2
    assert gn.expected_calibration_error(sharp, labels) == pytest.approx(distance, abs=2e-3)


# 0.9 : 0.1 are odds of 9, and an accuracy of 3/4 needs odds of 3 = 9^(1/2); conversely,
# 0.75 : 0.25 are odds of 3, and an accuracy of 9/10 needs odds of 9.
@pytest.mark.parametrize(
    ("confidence", "n_correct", "n", "expected"), [(0.9, 3, 4, 2.0), (0.75, 9, 10, 0.5)]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_temperature_matches_a_hand_calculation(
    confidence: float, n_correct: int, n: int, expected: float, dtype: Any
) -> None:
    probabilities = pairs(*[confidence] * n).astype(dtype)
    probabilities.flags.writeable = False
    labels = np.array([0] * n_correct + [1] * (n - n_correct))
    found = gn.fit_temperature(probabilities, labels)
    assert found == pytest.approx(expected, rel=1e-6 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_a_known_temperature_is_recovered(temperature: float) -> None:
    logits, labels = draw_calibrated(50_000, 1)
    found = gn.fit_temperature(softmax(temperature * logits), labels)
    assert found == pytest.approx(temperature, rel=0.02)


@settings(max_examples=25)
@given(st.integers(1, 40), st.integers(0, 10**6), st.floats(0.05, 8))
def test_the_fitted_temperature_minimises_the_loss(n: int, seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    probabilities, labels = softmax(spread * rng.standard_normal((n, 4))), rng.integers(0, 4, n)
    t = gn.fit_temperature(probabilities, labels)
    at_best = loss(softmax(np.log(probabilities) / t), labels)
    assert at_best <= loss(probabilities, labels) + 1e-12
    for other in (0.8 * t, 1.25 * t):
        if 1 / 20 <= other <= 20:
            assert at_best <= loss(softmax(np.log(probabilities) / other), labels) + 1e-12


def test_the_temperature_is_limited_to_the_search_interval() -> None:
    probabilities = pairs(0.9, 0.8)
    assert gn.fit_temperature(probabilities, [0, 0]) == pytest.approx(1 / 20)
    assert gn.fit_temperature(probabilities, [1, 1]) == pytest.approx(20)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_true_class_of_probability_zero_is_clipped(dtype: Any) -> None:
    probabilities = np.array([[1, 0]] * 4, dtype)
    # Odds of 2^126 or 2^1022 that should be 3: T = 126 ln 2 / ln 3 and more, so the end.
    assert gn.fit_temperature(probabilities, [0, 0, 0, 1]) == pytest.approx(20)
    probabilities = np.array([[1 - 1e-3, 1e-3]] * 9 + [[1, 0]], dtype)
    assert 1 < gn.fit_temperature(probabilities, [0] * 9 + [1]) < 20


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 0.5), (0.39, 0.6), (0.4, 0.7), (0.99, 0.9), (1.0, 1.0)]
)
def test_thresholds_match_a_hand_calculation(share: float, expected: float) -> None:
    assert gn.choose_threshold(pairs(0.7, 0.5, 0.9, 0.6, 0.8), share) == expected


def test_images_of_equal_confidence_are_rejected_together() -> None:
    probabilities = pairs(0.6, 0.5, 0.6, 0.9, 0.6)
    assert gn.choose_threshold(probabilities, 0.4) == 0.6  # rejects one
    assert gn.choose_threshold(probabilities, 0.79) == 0.6
    assert gn.choose_threshold(probabilities, 0.8) == 0.9  # rejects four


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_threshold_is_the_highest_for_its_share(dtype: Any) -> None:
    probabilities = softmax(draw_calibrated(100, 4)[0]).astype(dtype)
    confidence = probabilities.max(axis=1)
    for percent in range(100):
        threshold = gn.choose_threshold(probabilities, percent / 100)
        assert (confidence < threshold).sum() == percent
        assert (confidence <= threshold).sum() > percent


@pytest.mark.parametrize(
    ("probabilities", "labels", "error", "says"),
    [
        ([[2.0, -1.0]], [0], DataError, "no logits"),
        ([[0.3, 0.3]], [0], DataError, "sum to 1"),
        ([[np.nan, 0.5]], [0], DataError, "sum to 1"),
        ([[1, 0]], [0], DataError, "floats"),
        ([0.5, 0.5], [0, 0], ShapeError, "(2,)"),
        (np.empty((0, 3)), [], ShapeError, "at least one"),
        ([[0.5, 0.5]], [0, 1], ShapeError, "one for each of 1 images"),
        ([[0.5, 0.5]], [[0.5, 0.5]], ShapeError, "one whole number"),
        ([[0.5, 0.5]], [2], DataError, "classes 0 to 1"),
    ],
)
def test_invalid_probabilities_and_labels_are_rejected(
    probabilities: ArrayLike, labels: ArrayLike, error: type[Exception], says: str
) -> None:
    for function in (gn.expected_calibration_error, gn.fit_temperature):
        with pytest.raises(error) as raised:
            function(probabilities, labels)
        assert says in str(raised.value)


def test_options_are_validated() -> None:
    with pytest.raises(ConfigError, match="n_bins: needs a whole number, at least 1, got 0"):
        gn.reliability(pairs(0.6), [0], n_bins=0)
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(ConfigError, match="share: needs a number from 0 to 1"):
            gn.choose_threshold(pairs(0.6), share)
