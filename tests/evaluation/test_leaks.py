"""Training images are left out of an evaluation: hand calculations."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike

import glassnet as gn
from glassnet.data.image_hash import hash_images
from glassnet.errors import DataError
from glassnet.evaluation import plots
from glassnet.evaluation.confusion import Confusion
from glassnet.evaluation.mistake import Mistake
from glassnet.evaluation.predictor import Predictor
from glassnet.evaluation.wilson import wilson_interval

MakePredictor = Callable[[ArrayLike], Predictor]

# Six images of three classes: correct, correct, 0 as 1, correct, 1 as 0, 1 as 2. No image is a 2.
LABELS = np.array([0, 0, 0, 1, 1, 1])
PROBABILITIES = [
    [0.7, 0.2, 0.1],
    [0.5, 0.25, 0.25],
    [0.25, 0.5, 0.25],
    [0.1, 0.8, 0.1],
    [0.9, 0.05, 0.05],
    [0.25, 0.25, 0.5],
]
IMAGES = np.arange(24, dtype=np.uint8).reshape(6, 2, 2)
HASHES = hash_images(IMAGES)


@pytest.fixture
def report(make_predictor: MakePredictor) -> gn.Report:
    """Evaluate with images 1 and 4 as training images, and another hash that does not occur."""
    training_hashes = np.append(HASHES[[4, 1]], np.uint64(17))
    return gn.evaluate(make_predictor(PROBABILITIES), gn.Split(IMAGES, LABELS), training_hashes)


def test_only_held_out_images_count(report: gn.Report) -> None:
    assert (report.n, report.n_in_training) == (4, 2)
    assert report.accuracy == 0.5  # images 0 and 3 of 0, 2, 3, 5
    assert report.accuracy_interval == wilson_interval(2, 4)
    # 0.7 x 0.25 x 0.8 x 0.25 = 0.035, and -ln 0.035 / 4 = 3.3524072 / 4
    assert report.loss == pytest.approx(0.8381018, abs=1e-7)
    assert report.confusion.tolist() == [[1, 1, 0], [0, 1, 1], [0, 0, 0]]
    assert [score.n for score in report.per_class] == [2, 2, 0]
    assert [score.recall for score in report.per_class] == [0.5, 0.5, None]
    assert report.confusions == (Confusion(0, 1, 1), Confusion(1, 2, 1))


def test_mistakes_keep_their_row_in_the_split(report: gn.Report) -> None:
    assert report.mistakes == (Mistake(2, 0, 1, 0.5), Mistake(5, 1, 2, 0.5))


def test_without_held_out_images_there_is_no_accuracy(make_predictor: MakePredictor) -> None:
    split = gn.Split(IMAGES, LABELS)
    report = gn.evaluate(make_predictor(PROBABILITIES), split, HASHES)
    assert (report.n, report.n_in_training) == (0, 6)
    assert (report.accuracy, report.accuracy_interval, report.loss) == (None, None, None)
    assert report.confusion.tolist() == [[0] * 3] * 3
    assert report.confusions == ()
    assert report.mistakes == ()
    content = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert content["accuracy"] is None
    assert content["n_leaked"] == 6
    for picture in (plots.draw_confusion(report), plots.draw_mistakes(report, split)):
        assert picture.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "training_hashes", [None, [], np.empty(0, np.uint64), np.array([17], np.uint64)]
)
def test_without_training_hashes_all_images_count(
    make_predictor: MakePredictor, training_hashes: ArrayLike | None
) -> None:
    split = gn.Split(IMAGES, LABELS)
    report = gn.evaluate(make_predictor(PROBABILITIES), split, training_hashes)
    assert (report.n, report.n_in_training, report.accuracy) == (6, 0, 0.5)
    assert report.to_dict() == gn.evaluate(make_predictor(PROBABILITIES), split).to_dict()


def test_duplicates_of_a_training_image_are_left_out(make_predictor: MakePredictor) -> None:
    images = IMAGES[[0, 0, 1, 2, 3, 0]]
    report = gn.evaluate(make_predictor(PROBABILITIES), gn.Split(images, LABELS), HASHES[:1])
    assert (report.n, report.n_in_training) == (3, 3)


def test_images_as_floats_have_the_same_hashes(make_predictor: MakePredictor) -> None:
    split = gn.Split(IMAGES / np.float32(255), LABELS)
    assert gn.evaluate(make_predictor(PROBABILITIES), split, HASHES[:2]).n_in_training == 2


def test_invalid_hashes_are_rejected(make_predictor: MakePredictor) -> None:
    with pytest.raises(DataError, match="training_hashes: needs hashes of uint64, got float64"):
        gn.evaluate(make_predictor(PROBABILITIES), gn.Split(IMAGES, LABELS), np.array([0.5]))


def test_labels_of_training_images_are_validated(make_predictor: MakePredictor) -> None:
    split = gn.Split(IMAGES, np.array([0, 0, 0, 1, 1, 3]))
    with pytest.raises(DataError, match="classes 0 to 2, got 0 to 3"):
        gn.evaluate(make_predictor(PROBABILITIES), split, HASHES[5:])


def test_a_network_is_evaluated_only_on_held_out_images() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (30, 2, 2), np.uint8)
    split = gn.Split(images, rng.integers(0, 3, 30))
    net = gn.mlp([4, 5, 3], rng=1)
    alone = gn.evaluate(net, split.take(np.arange(20, 30)))
    mixed = gn.evaluate(net, split, split.hashes[:20])
    assert (mixed.n, mixed.n_in_training) == (10, 20)
    assert (mixed.accuracy, mixed.loss) == pytest.approx((alone.accuracy, alone.loss), rel=1e-6)
    assert mixed.confusion.tolist() == alone.confusion.tolist()
    assert [m.index for m in mixed.mistakes] == [m.index + 20 for m in alone.mistakes]
