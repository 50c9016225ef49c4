"""Evaluation reports compared with scikit-learn and SciPy."""

from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from glassnet.data.dataset import Split
from glassnet.evaluation.report import Report, evaluate
from glassnet.evaluation.wilson import wilson_interval
from glassnet.types import Array

N_CLASSES = 6
CLASSES = np.arange(N_CLASSES)


class Oracle:
    """Predictor that returns fixed probabilities for any images."""

    def __init__(self, probabilities: Array) -> None:
        self.probabilities = probabilities

    def predict_proba(self, X: Any) -> Array:
        assert len(X) == len(self.probabilities)
        return self.probabilities


def draw(seed: int, n: int, missing: str) -> tuple[Array, Array, Report]:
    """Draw labels and predictions, in some cases without one of the classes."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(N_CLASSES, size=n)
    probabilities = rng.dirichlet(np.full(N_CLASSES, 0.5), size=n)
    sure = rng.random(n) < 0.6  # correct more often than by chance, so that no score is near 0
    probabilities[sure] = 0.5 * probabilities[sure] + 0.5 * np.eye(N_CLASSES)[labels[sure]]
    if missing in ("label", "both"):
        labels[labels == 2] = 3
    if missing in ("prediction", "both"):
        probabilities[:, 2] *= 1e-6
        probabilities /= probabilities.sum(axis=1, keepdims=True)
    images = np.zeros((n, 1, 1), np.uint8)
    return labels, probabilities, evaluate(Oracle(probabilities), Split(images, labels))


@pytest.mark.parametrize("missing", ["nothing", "label", "prediction", "both"])
@pytest.mark.parametrize("seed", range(5))
def test_report_matches_scikit_learn(seed: int, missing: str) -> None:
    labels, probabilities, report = draw(seed, n=300, missing=missing)
    predictions = probabilities.argmax(axis=1)

    np.testing.assert_array_equal(
        report.confusion, metrics.confusion_matrix(labels, predictions, labels=CLASSES)
    )
    assert report.accuracy == metrics.accuracy_score(labels, predictions)
    assert report.loss == pytest.approx(
        metrics.log_loss(labels, probabilities, labels=CLASSES), rel=1e-12
    )

    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, predictions, labels=CLASSES, zero_division=np.nan
    )
    assert [score.label for score in report.per_class] == CLASSES.tolist()
    assert [score.n for score in report.per_class] == support.tolist()
    for name, theirs in (("precision", precision), ("recall", recall), ("f1", f1)):
        ours = [getattr(score, name) for score in report.per_class]
        # A score is None exactly where scikit-learn's is undefined.
        assert [value is None for value in ours] == np.isnan(theirs).tolist()
        np.testing.assert_allclose(np.array(ours, float), theirs, rtol=1e-12)


def test_missing_classes_have_undefined_scores() -> None:
    _, _, report = draw(0, n=300, missing="both")
    score = report.per_class[2]
    assert (score.precision, score.recall, score.f1, score.n) == (None, None, None, 0)


@pytest.mark.parametrize(
    ("n_correct", "n"), [(0, 10), (10, 10), (1, 3), (970, 1000), (9817, 10000)]
)
def test_interval_matches_scipy(n_correct: int, n: int) -> None:
    interval = stats.binomtest(n_correct, n).proportion_ci(method="wilson")
    assert wilson_interval(n_correct, n) == pytest.approx(
        (interval.low, interval.high), rel=1e-12, abs=1e-15
    )
