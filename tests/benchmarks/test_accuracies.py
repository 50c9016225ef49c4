"""Protocol of the accuracy benchmark: training images, test images and number of scores."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from benchmarks import accuracies
from benchmarks.accuracies import Row
from glassnet.errors import ConfigError
from glassnet.recipes import RECIPES
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure
from glassnet.runs.ensemble_run import EnsembleRun
from glassnet.runs.training_hashes import read_training_hashes
from tests.benchmarks.conftest import LEAKED, ROWS, TINY, make_images
from tests.models.conftest import moved

pytestmark = pytest.mark.usefixtures("scored")


def ledger() -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = json.loads(accuracies.LEDGER.read_text())
    return lines


ALL = [("best", 0), ("best", 1), ("trio", 0), ("other", 0), ("held", 0), ("held", 1)]


def test_each_row_and_seed_is_scored_once(
    scored: list[tuple[Path, gn.Split]],
) -> None:
    assert accuracies.main([]) == 0
    assert [(line["row"], line["seed"]) for line in ledger()] == ALL
    assert [folder.name for folder, _ in scored] == [f"{name}-{seed}" for name, seed in ALL]
    before = accuracies.LEDGER.read_bytes()
    accuracies.main([])
    accuracies.main(["best:1", "trio:0"])
    assert len(scored) == len(ALL)
    assert accuracies.LEDGER.read_bytes() == before
    assert accuracies.TABLE.read_text() == accuracies.table(ledger())


def test_a_line_has_the_test_accuracy_of_its_network() -> None:
    line = accuracies.score_once("best", 1)
    folder = accuracies.FOLDER / "best-1"
    images, labels = make_images()
    network = gn.load(folder).network
    is_correct = network.predict(images[60:]) == labels[60:]
    copies = [network.predict_proba(copy) for copy in moved(images[60:], 1)]
    shifted = np.mean(copies, axis=0).argmax(axis=1) == labels[60:]
    assert (line["n_train"], line["n_test"]) == (60, 40)
    assert line["accuracy"] == pytest.approx(is_correct.mean())
    assert line["first_half"] == pytest.approx(is_correct[:20].mean())
    assert line["second_half"] == pytest.approx(is_correct[20:].mean())
    assert line["accuracy_shifted"] == pytest.approx(shifted.mean())
    assert (line["row"], line["seed"], line["commit"]) == ("best", 1, "c" * 40)
    metrics = json.loads((folder / "metrics.json").read_text())
    assert line["seconds"] == metrics["seconds"]
    assert ledger() == [json.loads(json.dumps(line))]


def test_test_images_among_the_training_images_are_left_out(
    scored: list[tuple[Path, gn.Split]],
) -> None:
    line = accuracies.score_once("other", 0)
    images, labels = make_images()
    is_correct = gn.load(accuracies.FOLDER / "other-0").predict(images) == labels
    assert (line["n_train"], line["n_test"]) == (69, 31)
    assert line["accuracy"] == pytest.approx(is_correct[67:98].mean())
    assert line["first_half"] == pytest.approx(is_correct[67:80].mean())
    assert line["second_half"] == pytest.approx(is_correct[80:98].mean())
    assert len({is_correct[60:].mean(), is_correct[67:98].mean(), is_correct[80:98].mean()}) == 3
    assert is_correct[80:].mean() != is_correct[80:98].mean()
    ((_, test),) = scored
    assert len(test) == 40


def test_all_seeds_without_a_test_part_have_the_same_test_images(
    scored: list[tuple[Path, gn.Split]],
) -> None:
    for seed in (0, 1):
        line = accuracies.score_once("held", seed)
        assert line["n_test"] + line["n_train"] == 69
    first, second = (test.hashes for _, test in scored)
    assert first.tolist() == second.tolist()
    assert len(first) == 17  # a quarter of 69
    config = RunConfig.read(accuracies.FOLDER / "held-1" / "config.json")
    other = replace(config, split_seed=None).load_dataset().test
    assert other is not None
    assert other.hashes.tolist() != first.tolist()  # without split_seed the split would differ


@pytest.mark.parametrize(("name", "seed"), ALL)
def test_a_network_trains_on_all_training_images_and_no_test_image(
    name: str, seed: int, scored: list[tuple[Path, gn.Split]]
) -> None:
    accuracies.score_once(name, seed)
    ((folder, test),) = scored
    training_hashes, dataset = (
        read_training_hashes(folder),
        RunConfig.read(folder / "config.json").load_dataset(),
    )
    assert dataset.validation is None
    assert training_hashes is not None
    assert training_hashes.tolist() == sorted(dataset.train.hashes.tolist())
    n_common = len(LEAKED) if name == "other" else 0
    assert np.isin(test.hashes, training_hashes).sum() == n_common


def test_a_changed_recipe_replaces_its_line(
    scored: list[tuple[Path, gn.Split]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in (0, 1):
        accuracies.score_once("best", seed)
    monkeypatch.setitem(RECIPES, "tiny", replace(TINY, hidden=(5,)))
    with pytest.raises(ConfigError, match=r"best-0: holds a run of another recipe; move it away"):
        accuracies.score_once("best", 0)
    assert len(scored) == 2
    (accuracies.FOLDER / "best-0").rename(accuracies.FOLDER / "before")
    assert accuracies.score_once("best", 0)["recipe"]["hidden"] == (5,)
    assert [line["recipe"]["hidden"] for line in ledger()] == [[5], [6]]
    assert len(scored) == 3
    accuracies.score_once("best", 0)
    assert len(scored) == 3


def test_an_ensemble_reuses_trained_networks_and_has_the_same_bits() -> None:
    accuracies.score_once("trio", 0)
    trio = accuracies.FOLDER / "trio-0"
    expected = (trio / "model.safetensors").read_bytes()
    trio.rename(accuracies.FOLDER / "before")
    accuracies.LEDGER.unlink()
    for seed in (0, 1):  # seed 1 is not reused: it has no deskewing, unlike member 2
        accuracies.score_once("best", seed)
    assert accuracies.score_once("trio", 0)["n_train"] == 60
    members = [
        json.loads((trio / f"member-{number}" / "metrics.json").read_text())["run"]
        for number in (1, 2, 3)
    ]
    assert members[0] == str(accuracies.FOLDER / "best-0")
    assert members[1:] == [str(trio / "member-2"), str(trio / "member-3")]
    assert (trio / "model.safetensors").read_bytes() == expected


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Row, int], RunConfig]:
    """Return a function that returns the configuration of a row without training."""

    def ask(row: Row, seed: int) -> RunConfig:
        configs: list[RunConfig] = []

        def start(config: RunConfig, folder: Path) -> None:
            configs.append(config)

        for kind in ("Run", "EnsembleRun"):
            stand_in = SimpleNamespace(start=start, is_finished=lambda _: False)
            monkeypatch.setattr(accuracies, kind, stand_in)
        for step in ("run_to_end", "resume_run", "borrow"):
            monkeypatch.setattr(accuracies, step, lambda *_, **__: None)
        accuracies.train_once(row, seed)
        (config,) = configs
        return config

    return ask


def test_every_row_but_the_demo_trains_on_all_training_images(
    asked: Callable[[Row, int], RunConfig], tmp_path: Path
) -> None:
    assert ROWS.keys() >= {"fast", "accurate", "best", "ensemble", "kaggle"}
    path = str(tmp_path / "table.csv")
    for row in ROWS.values():
        here = row if row.train in ("mnist", "sample") else replace(row, train=path)
        for seed in row.seeds:
            config = asked(here, seed)
            held_out = 1 / 12 if row.name == "demo" else 0
            assert config.validation == pytest.approx(held_out)
            assert (config.seed, config.split_seed) == (seed, 0)
            assert config.test == row.test_fraction
            assert config.recipe == configure(row.recipe, here.train, **row.options).recipe
            if config.recipe.members:
                members = EnsembleRun(config, tmp_path / "none").configs
                assert all(member.validation == 0 and member.split_seed == 0 for member in members)
    assert (ROWS["kaggle"].test_fraction, ROWS["kaggle"].test) == (0, "mnist")


def test_the_table_is_computed_from_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    row = replace(accuracies.ROWS["best"], test="mnist")  # only MNIST has two halves
    monkeypatch.setitem(accuracies.ROWS, "best", row)

    def line(row: str, seed: int, accuracy: float, seconds: float) -> dict[str, Any]:
        return {
            "row": row,
            "seed": seed,
            "recipe": asdict(TINY),
            "n_test": 10_000,
            "accuracy": accuracy,
            "accuracy_shifted": accuracy + 0.001,
            "first_half": accuracy - 0.01,
            "second_half": accuracy + 0.01,
            "seconds": seconds,
            "threads": 2,
            "kernel": "Haswell",
        }

    # 98 and 99%: mean 98.5, standard deviation sqrt(2 x 0.5^2 / 1) = 0.7071 points.
    for new in (line("trio", 0, 0.97, 1234.5), line("best", 1, 0.99, 3), line("best", 0, 0.98, 2)):
        accuracies.write_ledger(new)
    assert [(line["row"], line["seed"]) for line in ledger()] == [
        ("best", 0),
        ("best", 1),
        ("trio", 0),
    ]
    data = f"--data {Path(accuracies.ROWS['best'].train).name} --recipe"
    best = "2 | 10,000 | **98.50%** | 0.71 | 97.50 | 99.50 | 50.00 | 98.60 | 2.5 s | 2, Haswell |"
    trio = "1 | 10,000 | **97.00%** | - | - | - | 50.00 | 97.10 | 1,234.5 s | 2, Haswell |"
    rows = [row for row in accuracies.TABLE.read_text().splitlines() if row.startswith("| ")][1:]
    assert rows == [
        f"| best | `{data} tiny --validation 0` | {best}",
        f"| trio | `{data} trio --validation 0` | {trio}",
    ]
    accuracies.write_ledger(line("trio", 0, 0.96, 7))
    assert [line["accuracy"] for line in ledger()] == [0.98, 0.99, 0.96]
