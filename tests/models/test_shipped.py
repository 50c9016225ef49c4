"""Shipped models: size, cards, training hashes and accuracy."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.models.shipped import FOLDER, NAMES
from glassnet.runs.training_hashes import read_training_hashes

REAL_DATA = os.environ.get("GLASSNET_DATA")
LARGEST = {"mnist": 3_000_000, "mnist-small": 500_000}  # bytes
MIN_ACCURACY = {"mnist": 0.994, "mnist-small": 0.990}  # on t10k
FIGURE = re.compile(r"\| all 10,000 \| ([\d.]+)% \| ([\d.]+)% to ([\d.]+)% \| ([\d.]+)% \|")

needs_mnist = pytest.mark.skipif(
    not REAL_DATA or not (Path(REAL_DATA) / "mnist").is_dir(), reason="needs MNIST in GLASSNET_DATA"
)


@pytest.fixture(scope="module")
def t10k() -> gn.Split:
    test = gn.load_dataset(Path(str(REAL_DATA)) / "mnist").test
    assert test is not None
    return test


def card(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_model_is_small_and_complete(name: str) -> None:
    assert (FOLDER / f"{name}.safetensors").stat().st_size <= LARGEST[name]
    model = gn.load(name)
    assert model.image_shape == (28, 28)
    assert model.classes == tuple("0123456789")
    assert model.threshold is not None
    assert model.temperature != 1
    assert len(model.members) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_card_has_all_sections(name: str) -> None:
    text = card(name)
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert heads == [
        "Data and hashes",
        "Recipe, seed, commit",
        "Reproduction",
        "Accuracy and calibration",
        "Known weaknesses",
        "Licence",
    ]
    assert "make models" in text
    assert re.search(r"commit `[0-9a-f]{40}`", text)
    assert re.search(r"`[0-9a-f]{64}`", text)
    for part in ("first 5,000", "last 5,000"):
        assert re.search(rf"\| {part} \| [\d.]+% \|", text)


def test_the_training_hashes_cover_60000_images() -> None:
    size = (FOLDER / "training_hashes.safetensors").stat().st_size
    assert 480_000 <= size <= 480_000 + 1_000
    records = [read_training_hashes(name) for name in NAMES]
    for training_hashes in records:
        assert training_hashes is not None
        assert len(np.unique(training_hashes)) == 60_000


@needs_mnist
@pytest.mark.parametrize("name", NAMES)
def test_the_training_hashes_are_those_of_the_training_images(name: str, t10k: gn.Split) -> None:
    training_hashes = read_training_hashes(name)
    assert training_hashes is not None
    train = gn.load_dataset(Path(str(REAL_DATA)) / "mnist", validation=0).train
    assert np.isin(train.hashes, training_hashes).all()
    assert not np.isin(t10k.hashes, training_hashes).any()


@needs_mnist
@pytest.mark.parametrize("name", NAMES)
def test_the_accuracy_agrees_with_the_card(name: str, t10k: gn.Split) -> None:
    found = FIGURE.search(card(name))
    assert found is not None
    accuracy, low, high, calibration = (float(figure) / 100 for figure in found.groups())
    report = gn.evaluate(gn.load(name), t10k)
    # Another BLAS kernel may change the prediction for an image or two.
    assert report.accuracy == pytest.approx(accuracy, abs=0.0003)
    assert low < accuracy < high
    assert report.accuracy is not None
    assert report.accuracy >= MIN_ACCURACY[name]
    assert report.calibration_error == pytest.approx(calibration, abs=0.0005)
    assert calibration <= 0.004
