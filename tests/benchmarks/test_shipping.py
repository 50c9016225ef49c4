"""Shipped models: calibration, and model cards with measured figures."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from benchmarks import shipping
from benchmarks.card import write_card
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure

SIZE = 600


@pytest.fixture
def made() -> tuple[gn.Model, gn.Dataset, RunConfig]:
    """Return a model with an accuracy of about 75% on a generated dataset."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (SIZE, 4, 4), np.uint8)
    model = gn.Model.of(gn.mlp([16, 12, 3], rng=rng), (4, 4))
    labels = model.predict(images)
    wrong = rng.random(SIZE) < 0.25
    labels[wrong] = (labels[wrong] + 1) % 3
    half = SIZE // 2
    dataset = gn.Dataset(
        name="made",
        train=gn.Split(images[:half], labels[:half]),
        validation=None,
        test=gn.Split(images[half:], labels[half:]),
        n_classes=3,
    )
    return model, dataset, replace(configure("small", "sample", epochs=2), data_hash="ab" * 32)


def test_temperature_and_threshold_fit_the_held_out_images(
    made: tuple[gn.Model, gn.Dataset, RunConfig],
) -> None:
    model, dataset, _ = made
    temperature, threshold = shipping.calibrate(model, dataset.train)
    losses = {
        t: gn.evaluate(replace(model, temperature=t), dataset.train).loss or 0.0
        for t in (temperature * 0.9, temperature, temperature * 1.1)
    }
    assert min(losses, key=lambda t: losses[t]) == temperature
    tempered = replace(model, temperature=temperature, threshold=threshold)
    unsure = tempered.is_unsure(tempered.predict_proba(dataset.train.images))
    assert unsure.mean() <= shipping.REJECTED
    assert unsure.sum() >= shipping.REJECTED * len(unsure) - 1


def test_an_earlier_calibration_is_ignored(
    made: tuple[gn.Model, gn.Dataset, RunConfig],
) -> None:
    model, dataset, _ = made
    calibrated = replace(model, temperature=3.0, threshold=0.9)
    assert shipping.calibrate(calibrated, dataset.train) == shipping.calibrate(model, dataset.train)


def test_a_card_contains_measured_figures(
    made: tuple[gn.Model, gn.Dataset, RunConfig], tmp_path: Path
) -> None:
    model, dataset, config = made
    model = replace(model, temperature=1.5)
    assert dataset.test is not None
    middle = float(np.median(model.predict_proba(dataset.test.images).max(axis=1)))
    model = replace(model, threshold=middle)
    gn.save(model, tmp_path / "tiny.safetensors", dtype="int8")
    stored = gn.load(tmp_path / "tiny.safetensors")
    measured: dict[str, Any] = {
        "n_train": 300,
        "seconds": 600.0,
        "threads": 1,
        "kernel": "Haswell",
        "commit": "c" * 40,
    }
    text = write_card("tiny", config, measured, model, stored, dataset)
    images, labels = dataset.test.images, dataset.test.labels
    is_correct = stored.predict(images) == labels
    for part, rows in (
        ("all 300", is_correct),
        ("first 150", is_correct[:150]),
        ("last 150", is_correct[150:]),
    ):
        assert f"| {part} | {100 * rows.mean():.2f}% |" in text
    n_float32 = int((model.predict(images) == labels).sum())
    shipped = rf"classifies {n_float32} of the 300 correctly;\s+as shipped, {is_correct.sum()}"
    assert re.search(shipped, text)
    sure = stored.predict_proba(images).max(axis=1) >= middle
    rejected = re.search(r"rejects\s+(\d+) of the 300 images", text)
    assert rejected is not None
    assert int(rejected[1]) == (~sure).sum() > 0
    assert f"on the others is {100 * is_correct[sure].mean():.2f}%" in text
    assert "Recipe `small`, seed 0, 10 minutes of training with 1 thread" in text
    assert "ab" * 32 in text
    assert "None" not in text
    assert "nan" not in text
