"""Fixtures: small datasets and rows for the accuracy benchmark."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from benchmarks import accuracies
from benchmarks.accuracies import Row
from glassnet.recipes import FAST, RECIPES
from glassnet.types import Array
from tests.cli.conftest import write_pair
from tests.data.makers import csv_bytes

TINY = replace(FAST, name="tiny", hidden=(6,), batch_size=16, epochs=1, min_updates=0)
TRIO = replace(TINY, name="trio", members=("plain", "deskew", "plain"))
ROWS = accuracies.ROWS  # those of the benchmark
LEAKED = (*range(60, 67), 98, 99)  # test images of both halves that are also in the table


def make_images() -> tuple[Array, Array]:
    """Generate images of 5 x 5 whose class is the brightest row."""
    rng = np.random.default_rng(0)
    labels = np.arange(100) % 3
    images = rng.integers(0, 120, (100, 5, 5), np.uint8)
    images[np.arange(100), 1 + labels] += 90
    return images, labels


@pytest.fixture
def scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, gn.Split]]:
    """Replace the rows by small ones; return a list of each folder and test set scored.

    ``set`` has 60 training and 40 test images; ``table.csv`` holds those 60, and 9 of the 40.
    """
    images, labels = make_images()
    write_pair(tmp_path / "set", "train", images[:60], labels[:60])
    write_pair(tmp_path / "set", "t10k", images[60:], labels[60:])
    rows_of_table = [*range(60), *LEAKED]
    (tmp_path / "table.csv").write_bytes(csv_bytes(images[rows_of_table], labels[rows_of_table]))
    folder, table = str(tmp_path / "set"), str(tmp_path / "table.csv")
    rows = (
        Row(name="best", recipe="tiny", seeds=(0, 1), required=0.5, train=folder, test=folder),
        Row(name="trio", recipe="trio", seeds=(0,), required=0.5, train=folder, test=folder),
        Row(
            name="other",
            recipe="tiny",
            seeds=(0,),
            required=0.5,
            train=table,
            test=folder,
            test_fraction=0,
        ),
        Row(
            name="held",
            recipe="tiny",
            seeds=(0, 1),
            required=0.5,
            train=table,
            test=table,
            options={"hidden": (4,)},
            test_fraction=0.25,
        ),
    )
    monkeypatch.setattr(accuracies, "ROWS", {row.name: row for row in rows})
    for recipe in (TINY, TRIO):
        monkeypatch.setitem(RECIPES, recipe.name, recipe)
    monkeypatch.setattr(accuracies, "LEDGER", tmp_path / "accuracies.json")
    monkeypatch.setattr(accuracies, "TABLE", tmp_path / "accuracies.md")
    monkeypatch.setattr(accuracies, "FOLDER", tmp_path / "runs")
    commit = SimpleNamespace(run=lambda *_, **__: SimpleNamespace(stdout="c" * 40), PIPE=None)
    monkeypatch.setattr(accuracies, "subprocess", commit)
    found: list[tuple[Path, gn.Split]] = []
    score = accuracies.score

    def record(folder: Path, test: gn.Split) -> dict[str, Any]:
        found.append((folder, test))
        return score(folder, test)

    monkeypatch.setattr(accuracies, "score", record)
    return found
