"""Hyper-parameter search: no test image is used, and all trials hold out the same images."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from benchmarks import search
from glassnet.data.image_hash import hash_images
from glassnet.data.transforms.preprocessing import Preprocessing
from glassnet.errors import ConfigError
from glassnet.nn.training import Training
from glassnet.runs.build import build_training
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure
from tests.cli.conftest import write_pair

CHANGES: dict[str, Any] = {"hidden": [6], "epochs": 2, "batch_size": 16, "preprocess": "deskew"}
PAGE = "# Experiments\n\nBefore.\n\n<!-- table -->\nold\n<!-- end of table -->\n\nAfter.\n"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write 120 training and 30 test images; redirect the journal and page next to them."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 200, (150, 5, 5), np.uint8), np.arange(150) % 3
    images[np.arange(150), 1 + labels] += 55
    write_pair(tmp_path / "set", "train", images[:120], labels[:120])
    write_pair(tmp_path / "set", "t10k", images[120:], labels[120:])
    monkeypatch.setattr(search, "JOURNAL", tmp_path / "experiments.json")
    monkeypatch.setattr(search, "PAGE", tmp_path / "experiments.md")
    search.PAGE.write_text(PAGE)
    return tmp_path / "set"


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[gn.Dataset, Training]]]:
    """Record the dataset and training of each trial."""
    found: list[tuple[gn.Dataset, Training]] = []

    def record(config: RunConfig, dataset: gn.Dataset) -> Training:
        found.append((dataset, build_training(config, dataset)))
        return found[-1][1]

    monkeypatch.setattr(search, "build_training", record)
    yield found
    assert found, "there was no trial"


class Forbidden:
    """Test part that raises on any access."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"a trial accessed {name} of the test set")

    def __len__(self) -> int:
        raise AssertionError("a trial counted the test set")


def test_a_trial_never_touches_the_test_part(
    data: Path, trials: list[tuple[gn.Dataset, Training]], monkeypatch: pytest.MonkeyPatch
) -> None:
    load = RunConfig.load_dataset

    def load_without_test(self: RunConfig) -> gn.Dataset:
        dataset = load(self)
        assert dataset.test is not None
        return replace(dataset, test=Forbidden())  # type: ignore[arg-type]

    monkeypatch.setattr(RunConfig, "load_dataset", load_without_test)
    assert search.main("fast", json.dumps(CHANGES), "0", str(data)) == 0
    ((dataset, _),) = trials
    assert dataset.test is None
    assert not [name for name in json.loads(search.JOURNAL.read_text())[0] if "test" in name]


def test_all_trials_hold_out_the_same_sixth(
    data: Path, trials: list[tuple[gn.Dataset, Training]]
) -> None:
    for seed, changes in ((0, {}), (1, {}), (2, {"hidden": [4, 4], "augment": "shift=1"})):
        search.main("fast", json.dumps(CHANGES | changes), str(seed), str(data))
    dataset_without_split = gn.load_dataset(data, validation=0)
    assert dataset_without_split.test is not None
    first = [part.hashes.tolist() for part in _parts(trials[0][0])]
    assert len(first[1]) == 20
    assert round(60_000 * search.HELD_OUT) == 10_000
    assert sorted(first[0] + first[1]) == sorted(dataset_without_split.train.hashes.tolist())
    assert not set(first[0]) & set(first[1])
    assert not set(first[0] + first[1]) & set(dataset_without_split.test.hashes.tolist())
    for dataset, _ in trials[1:]:
        assert [part.hashes.tolist() for part in _parts(dataset)] == first
    other_split = gn.load_dataset(data, validation=search.HELD_OUT, seed=1).validation
    assert other_split is not None
    assert other_split.hashes.tolist() != first[1]  # with a seed per trial, the split would differ
    first_W1, other_W1 = (training.network.params["W1"] for _, training in trials[:2])
    assert not np.array_equal(first_W1, other_W1)


def _parts(dataset: gn.Dataset) -> tuple[gn.Split, gn.Split]:
    assert dataset.validation is not None
    return dataset.train, dataset.validation


def test_held_out_images_are_not_trained_on(
    data: Path, trials: list[tuple[gn.Dataset, Training]]
) -> None:
    search.main("fast", json.dumps(CHANGES | {"preprocess": "plain"}), "0", str(data))
    ((dataset, training),) = trials
    assert len(training.images) == 100
    trained_on = set(hash_images(np.asarray(training.images)).tolist())
    assert trained_on == set(dataset.train.hashes.tolist())


def test_accuracy_and_loss_are_those_of_the_held_out_images(
    data: Path, trials: list[tuple[gn.Dataset, Training]]
) -> None:
    search.main("fast", json.dumps(CHANGES), "3", str(data))
    (line,) = json.loads(search.JOURNAL.read_text())
    ((dataset, training),) = trials
    assert dataset.validation is not None
    model = gn.Model.of(training.trained, (5, 5), Preprocessing.parse("deskew"))
    report = gn.evaluate(model, dataset.validation)
    assert line["validation_accuracy"] == report.accuracy
    losses = {
        factor: gn.evaluate(
            replace(model, temperature=line["temperature"] * factor), dataset.validation
        ).loss
        for factor in (0.95, 1.0, 1.05)
    }
    assert line["validation_loss"] == pytest.approx(losses[1.0], rel=1e-5)
    assert min(losses, key=lambda factor: losses[factor] or 0) == 1.0


def test_a_trial_is_added_to_journal_and_page(
    data: Path, trials: list[tuple[gn.Dataset, Training]]
) -> None:
    for seed in ("4", "5"):
        search.main("fast", json.dumps(CHANGES), seed, str(data))
    lines = json.loads(search.JOURNAL.read_text())
    assert [line["seed"] for line in lines] == [4, 5]
    assert {line["data"] for line in lines} == {str(data)}
    assert lines[0]["recipe"]["hidden"] == [6]
    text = search.PAGE.read_text()
    before, rest = text.split("<!-- table -->\n")
    table, after = rest.split("<!-- end of table -->\n")
    assert (before, after) == ("# Experiments\n\nBefore.\n\n", "\nAfter.\n")
    rows = [row for row in table.splitlines() if row.startswith(f"| {data} | 6 relu")]
    assert len(rows) == 2
    for row, line in zip(rows, lines, strict=True):
        cells = [cell.strip() for cell in row.split("|")]
        assert f"{100 * line['validation_accuracy']:.2f}%" in cells
        assert str(line["seed"]) in cells
        assert "deskew" in cells


def test_a_trial_needs_held_out_images(data: Path) -> None:
    with pytest.raises(ConfigError, match="validation: needs held-out images, got none"):
        search.run_trial(configure("fast", str(data), validation=0, epochs=1))


def test_an_ensemble_is_not_a_trial(data: Path) -> None:
    with pytest.raises(ConfigError, match="members: a trial needs a single network, got"):
        search.main("ensemble", '{"epochs": 1}', "0", str(data))
    assert not search.JOURNAL.exists()
    assert search.PAGE.read_text() == PAGE
