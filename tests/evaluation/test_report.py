"""Reports: hand calculations."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

import glassnet as gn
from glassnet.errors import DataError, ShapeError
from glassnet.evaluation.class_score import ClassScore
from glassnet.evaluation.confusion import Confusion
from glassnet.evaluation.mistake import Mistake
from glassnet.evaluation.predictor import Predictor
from glassnet.evaluation.report import Report
from glassnet.evaluation.wilson import wilson_interval
from glassnet.types import Array

MakePredictor = Callable[[ArrayLike], Predictor]

# Six images of three classes: correct, correct, 0 as 1, correct, 1 as 0, 1 as 2. No image is a 2.
LABELS = [0, 0, 0, 1, 1, 1]
PROBABILITIES = [
    [0.7, 0.2, 0.1],
    [0.5, 0.25, 0.25],
    [0.25, 0.5, 0.25],
    [0.1, 0.8, 0.1],
    [0.9, 0.05, 0.05],
    [0.25, 0.25, 0.5],
]


def images(n: int) -> Array:
    return np.zeros((n, 2, 2), np.uint8)


@pytest.fixture
def report(make_predictor: MakePredictor) -> Report:
    return gn.evaluate(make_predictor(PROBABILITIES), gn.Split(images(6), np.array(LABELS)))


def test_accuracy_and_loss_match_a_hand_calculation(report: Report) -> None:
    assert report.n == 6
    assert report.accuracy == 0.5
    # 0.7 x 0.5 x 0.25 x 0.8 x 0.05 x 0.25 = 0.000875, and -ln 0.000875 / 6 = 7.0412894 / 6
    assert report.loss == pytest.approx(1.1735482, abs=1e-6)


def test_the_confusion_matrix_has_labels_in_rows(report: Report) -> None:
    assert report.confusion.tolist() == [[2, 1, 0], [1, 1, 1], [0, 0, 0]]


def test_the_calibration_error_matches_a_hand_calculation(report: Report) -> None:
    # Correct are one of the three images at 0.5, those at 0.7 and 0.8, but not the one at 0.9:
    # (3 x |1/3 - 0.5| + 0.3 + 0.2 + 0.9) / 6 = 1.9 / 6.
    assert report.calibration_error == pytest.approx(1.9 / 6, abs=1e-12)
    assert len(report.reliability) == 15
    assert [item.n for item in report.reliability] == [0] * 7 + [3, 0, 0, 1, 1, 0, 1, 0]


def check_scores(score: ClassScore, *expected: float | None) -> None:
    found = (score.label, score.precision, score.recall, score.f1, score.n)
    assert found == pytest.approx(expected, abs=1e-12)


def test_scores_match_a_hand_calculation(report: Report) -> None:
    zero, item, two = report.per_class
    check_scores(zero, 0, 2 / 3, 2 / 3, 2 / 3, 3)
    check_scores(item, 1, 0.5, 1 / 3, 0.4, 3)  # the harmonic mean of 1/2 and 1/3 is 2 / (2 + 3)
    check_scores(two, 2, 0.0, None, 0.0, 0)


def test_a_class_without_images_and_predictions_has_no_scores(
    make_predictor: MakePredictor,
) -> None:
    report = gn.evaluate(
        make_predictor([[0.9, 0.1, 0.0], [0.8, 0.2, 0.0]]), gn.Split(images(2), np.array([0, 1]))
    )
    zero, item, two = report.per_class
    check_scores(zero, 0, 0.5, 1.0, 2 / 3, 1)
    check_scores(item, 1, None, 0.0, 0.0, 1)
    check_scores(two, 2, None, None, None, 0)


def test_mistakes_are_sorted_by_confidence(report: Report) -> None:
    assert report.mistakes == (Mistake(4, 1, 0, 0.9), Mistake(2, 0, 1, 0.5), Mistake(5, 1, 2, 0.5))


def test_confusions_are_sorted_by_count(make_predictor: MakePredictor) -> None:
    #        0 as 1: once, 2 as 0: three times, 1 as 2: twice; 1 correct four times
    labels = [0, 2, 2, 2, 1, 1, 1, 1, 1, 1]
    predictions = [1, 0, 0, 0, 2, 2, 1, 1, 1, 1]
    report = gn.evaluate(
        make_predictor(np.eye(3)[predictions]), gn.Split(images(10), np.array(labels))
    )
    assert report.confusions == (Confusion(2, 0, 3), Confusion(1, 2, 2), Confusion(0, 1, 1))


def test_lists_are_limited_and_sorted(make_predictor: MakePredictor) -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(10), 400)
    split = gn.Split(images(400), rng.integers(0, 10, 400))
    report = gn.evaluate(make_predictor(probabilities), split)
    assert (len(report.confusions), len(report.mistakes)) == (10, 25)
    counts = [confusion.count for confusion in report.confusions]
    assert counts == sorted(counts, reverse=True)
    assert len({(c.label, c.prediction) for c in report.confusions}) == 10
    sure = [mistake.probability for mistake in report.mistakes]
    assert sure == sorted(sure, reverse=True)
    wrong = [i for i in range(400) if probabilities[i].argmax() != split.labels[i]]
    left_out = set(wrong) - {mistake.index for mistake in report.mistakes}
    assert max(probabilities[i].max() for i in left_out) <= sure[-1]
    for mistake in report.mistakes:
        assert mistake.label == split.labels[mistake.index]
        assert mistake.probability == probabilities[mistake.index, mistake.prediction]


def test_a_perfect_model_has_no_mistakes(make_predictor: MakePredictor) -> None:
    report = gn.evaluate(make_predictor(np.eye(3)), gn.Split(images(3), np.arange(3)))
    assert report.accuracy == 1.0
    assert report.loss == 0.0
    assert report.confusions == ()
    assert report.mistakes == ()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_true_class_of_probability_zero_has_a_finite_loss(
    make_predictor: MakePredictor, dtype: Any
) -> None:
    probabilities = np.array([[1, 0], [1, 0]], dtype)
    report = gn.evaluate(make_predictor(probabilities), gn.Split(images(2), np.array([1, 1])))
    # The smallest normal numbers are 2^-14, 2^-126 and 2^-1022.
    exponent = {"float16": 14, "float32": 126, "float64": 1022}[np.dtype(dtype).name]
    assert report.loss == pytest.approx(exponent * 0.6931471805599453, rel=1e-6)


def test_the_report_can_be_written_as_json(report: Report) -> None:
    content = report.to_dict()
    assert json.loads(json.dumps(content, allow_nan=False)) == {
        "n": 6,
        "n_leaked": 0,
        "accuracy": 0.5,
        "accuracy_interval": list(report.accuracy_interval or ()),
        "loss": report.loss,
        "calibration_error": report.calibration_error,
        "confusion": [[2, 1, 0], [1, 1, 1], [0, 0, 0]],
        "per_class": [
            {"label": 0, "precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3, "n": 3},
            {"label": 1, "precision": 0.5, "recall": 1 / 3, "f1": 0.4, "n": 3},
            {"label": 2, "precision": 0.0, "recall": None, "f1": 0.0, "n": 0},
        ],
        "confusions": [
            {"label": 0, "prediction": 1, "count": 1},
            {"label": 1, "prediction": 0, "count": 1},
            {"label": 1, "prediction": 2, "count": 1},
        ],
        "mistakes": [
            {"index": 4, "label": 1, "prediction": 0, "probability": 0.9},
            {"index": 2, "label": 0, "prediction": 1, "probability": 0.5},
            {"index": 5, "label": 1, "prediction": 2, "probability": 0.5},
        ],
        "reliability": [asdict(item) for item in report.reliability],
    }


def test_a_report_on_float32_probabilities_can_be_written_as_json(
    make_predictor: MakePredictor,
) -> None:
    probabilities = np.array(PROBABILITIES, np.float32)
    report = gn.evaluate(
        make_predictor(probabilities), gn.Split(images(6), np.array(LABELS, np.uint8))
    )
    json.dumps(report.to_dict(), allow_nan=False)
    assert report.confusion.tolist() == [[2, 1, 0], [1, 1, 1], [0, 0, 0]]


def test_a_network_can_be_evaluated() -> None:
    rng = np.random.default_rng(0)
    split = gn.Split(rng.integers(0, 256, (30, 2, 2), np.uint8), rng.integers(0, 3, 30))
    net = gn.mlp([4, 5, 3], rng=1)
    report = gn.evaluate(net, split)
    assert report.accuracy == np.mean(net.predict(split.images) == split.labels)
    assert report.to_dict() == gn.evaluate(gn.Model.of(net, (2, 2)), split).to_dict()


# Newcombe 1998, "Two-sided confidence intervals for the single proportion: comparison of seven
# methods", Statistics in Medicine 17, table I, method 3 (score).
@pytest.mark.parametrize(
    ("n_correct", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_matches_the_published_table(
    n_correct: int, n: int, low: float, high: float
) -> None:
    interval = wilson_interval(n_correct, n)
    assert interval == pytest.approx((low, high), abs=5e-5)
    mirrored = wilson_interval(n - n_correct, n)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=5e-5)


# With z^2 = 1.95996^2 = 3.84146: 0 of 10 ends at 3.84146 / 13.84146 = 0.27753, and 10 of 10 begins
# at 10 / 13.84146. For 9 of 10: (9 + 1.92073 -+ 1.95996 sqrt(0.9 + 0.960365)) / 13.84146.
@pytest.mark.parametrize(
    ("n_correct", "low", "high"),
    [(0, 0.0, 0.27753), (10, 0.72247, 1.0), (9, 0.59585, 0.98212)],
)
def test_the_interval_matches_a_hand_calculation(n_correct: int, low: float, high: float) -> None:
    assert wilson_interval(n_correct, 10) == pytest.approx((low, high), abs=6e-6)


@pytest.mark.parametrize("n", [1, 7, 1_000, 10_000])
def test_the_bounds_are_z_standard_deviations_from_the_count(n: int) -> None:
    """At a bound p, the count is 1.96 standard deviations sqrt(n p (1 - p)) away from n p."""
    z = NormalDist().inv_cdf(0.975)
    for n_correct in {0, 1, n // 3, n - 1, n}:
        bounds = wilson_interval(n_correct, n)
        assert 0 <= bounds[0] <= n_correct / n + 1e-12
        assert n_correct / n - 1e-12 <= bounds[1] <= 1
        for p in bounds:
            if 1e-12 < p < 1 - 1e-12:
                away = abs(n_correct - n * p) / math.sqrt(n * p * (1 - p))
                assert away == pytest.approx(z, rel=1e-6)


def test_the_report_has_the_interval_of_its_accuracy(report: Report) -> None:
    assert report.accuracy_interval == wilson_interval(3, 6)


@pytest.mark.parametrize(
    ("labels", "error", "says"),
    [
        ([0, 1], ShapeError, "one whole number for each of 6 images"),
        ([[0]] * 6, ShapeError, "shape"),
        (np.eye(3)[LABELS], ShapeError, "shape"),
        ([0, 0, 0, 1, 1, 3], DataError, "classes 0 to 2, got 0 to 3"),
        ([-1, 0, 0, 1, 1, 1], DataError, "got -1 to 1"),
        pytest.param([0.0, 0.0, 0.0, 1.0, 1.0, 1.5], DataError, ""),
        pytest.param(["0"] * 6, DataError, ""),
        pytest.param([True, False, True, False, True, False], DataError, ""),
    ],
)
def test_invalid_labels_are_rejected(
    make_predictor: MakePredictor, labels: ArrayLike, error: type[Exception], says: str
) -> None:
    split = gn.Split(images(6), np.asarray(labels))
    with pytest.raises(error) as raised:
        gn.evaluate(make_predictor(PROBABILITIES), split)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_split_without_images_is_rejected(make_predictor: MakePredictor) -> None:
    with pytest.raises(DataError, match="needs at least one image, got none"):
        gn.evaluate(make_predictor(np.empty((0, 3))), gn.Split(images(0), np.array([], int)))
