"""Small ensembles, and CSV tables to train them on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import glassnet as gn
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure
from glassnet.runs.ensemble_run import EnsembleRun
from tests.data.makers import csv_bytes

VIEWS = ("plain", "deskew", "width-3")


def ensemble_of(data: str = "two", split_seed: int | None = None, **changes: Any) -> RunConfig:
    """Configure three small networks, each with another preprocessing of 4 x 4 images."""
    views = changes.pop("members", VIEWS)
    options: dict[str, Any] = {"hidden": (6,), "batch_size": 10, "epochs": 2, "pictures": False}
    config = configure("fast", data, **options | changes)
    recipe = replace(config.recipe, name="ensemble", members=views)
    return replace(config, recipe=recipe, split_seed=split_seed)


def complete(ensemble: EnsembleRun) -> tuple[dict[str, Any], gn.Report | None]:
    """Train the unfinished members, and finish the ensemble."""
    for _, run, warning in ensemble.unfinished():
        assert warning is None
        with run:
            list(run.train())
            run.finish()
    return ensemble.finish()


def table(name: str, n: int = 240, wrong: float = 0.0) -> str:
    """Write a CSV table of 4 x 4 images with one bright row, a share of them mislabelled."""
    rng = np.random.default_rng(11)
    images, labels = rng.integers(0, 60, (n, 4, 4), np.uint8), np.arange(n) % 3
    images[np.arange(n), labels] += 180
    labels = np.where(rng.random(n) < wrong, (labels + 1) % 3, labels)
    Path(name).write_bytes(csv_bytes(images, labels))
    return name
