"""``--shifts``: evaluate and predict average over shifted copies of each image."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from tests.cli.conftest import Glassnet
from tests.data.makers import csv_bytes
from tests.models.conftest import moved


@pytest.fixture
def model() -> gn.Model:
    """Save a model with random weights, for which shifts change the probabilities."""
    net = gn.mlp([36, 8, 3], rng=2)
    net.params["b2"][:] = [0.3, 0.0, -0.2]
    model = gn.Model.of(net, (6, 6))
    gn.save(model, "model.safetensors")
    return model


def test_evaluate_averages_the_probabilities(
    glassnet: Glassnet, bars: Path, model: gn.Model
) -> None:
    split = gn.load_dataset(bars, validation=0, test=0).train
    reports = {}
    for shifts in ("0", "1"):
        done = glassnet(
            "evaluate", "model.safetensors", "--data", bars, "--shifts", shifts, "--json"
        )
        assert (done.code, done.err) == (0, "")
        reports[shifts] = json.loads(done.out)
        copies = list(moved(split.images, int(shifts)))
        p = np.mean([model.network.predict_proba(copy) for copy in copies], axis=0)
        truth = p[np.arange(240), split.labels]
        is_correct = p.argmax(axis=1) == split.labels
        assert reports[shifts]["n"] == 240
        assert reports[shifts]["accuracy"] == pytest.approx(is_correct.mean(), abs=1e-12)
        assert reports[shifts]["loss"] == pytest.approx(-np.log(truth).mean(), rel=1e-5)
    assert abs(reports["0"]["loss"] - reports["1"]["loss"]) > 0.01
    assert glassnet("evaluate", "model.safetensors", "--data", bars).code == 0


def test_predict_averages_the_probabilities(glassnet: Glassnet, model: gn.Model) -> None:
    images = np.random.default_rng(5).integers(0, 256, (7, 6, 6), np.uint8)
    Path("new.csv").write_bytes(csv_bytes(images, None))
    probabilities = {}
    for shifts in (0, 1, 2):
        done = glassnet(
            "predict", "--model", "model.safetensors", "new.csv", "--shifts", str(shifts), "--json"
        )
        assert (done.code, done.err) == (0, "")
        probabilities[shifts] = np.array([row["probabilities"] for row in json.loads(done.out)])
        copies = list(moved(images, shifts))
        expected = np.mean([model.network.predict_proba(copy) for copy in copies], axis=0)
        np.testing.assert_allclose(probabilities[shifts], expected, rtol=1e-5)
    assert np.abs(probabilities[0] - probabilities[1]).max() > 0.01
    assert np.abs(probabilities[1] - probabilities[2]).max() > 0.01


def test_the_confidence_threshold_applies_to_the_mean(
    glassnet: Glassnet, bars: Path, model: gn.Model
) -> None:
    split = gn.load_dataset(bars, validation=0, test=0).train
    copies = list(moved(split.images, 1))
    p = np.mean([model.network.predict_proba(copy) for copy in copies], axis=0)
    threshold = float(np.quantile(p.max(axis=1), 0.4))
    gn.save(replace(model, threshold=threshold), "unsure.safetensors")
    arguments = ("evaluate", "unsure.safetensors", "--data", bars, "--json")
    report = json.loads(glassnet(*arguments, "--shifts", "1").out)
    is_sure = p.max(axis=1) >= threshold
    is_correct = p.argmax(axis=1) == split.labels
    assert report["n_refused"] == np.count_nonzero(~is_sure)
    assert report["accuracy_of_rest"] == pytest.approx(is_correct[is_sure].mean(), abs=1e-12)
    assert json.loads(glassnet(*arguments).out)["n_refused"] != report["n_refused"]


@pytest.mark.parametrize(
    ("shifts", "message"),
    [
        ("6", "shifts: needs larger images for 6, got 6 x 6 pixels"),
        ("-1", "--shifts"),
        ("1.5", "--shifts"),
    ],
)
def test_invalid_shifts_get_one_line(
    glassnet: Glassnet, bars: Path, model: gn.Model, shifts: str, message: str
) -> None:
    for command in (
        ("evaluate", "model.safetensors", "--data", bars),
        ("predict", "--model", "model.safetensors", bars),
    ):
        done = glassnet(*command, "--shifts", shifts)
        assert (done.code, done.out) == (2, "")
        assert len(done.err.splitlines()) == 1
        assert message in done.err
