"""Train the shipped models again: make models.

Each is trained on all 60,000 training images of MNIST with the recipe and seed of its row in
benchmarks.accuracies. Temperature and threshold are fitted with a twin: the same recipe, trained on
50,000 of the images and evaluated on the other 10,000. The test images are used once, for the model
card. Runs are kept in runs/ and resumed if they were stopped.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

import glassnet as gn
from benchmarks.accuracies import FOLDER, ROWS, score_once
from benchmarks.card import write_card
from glassnet.cli.console import training_progress
from glassnet.data.dataset import Split
from glassnet.errors import ConfigError
from glassnet.evaluation.calibration import choose_threshold, fit_temperature
from glassnet.files import write_atomically
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure
from glassnet.runs.folder import CONFIG
from glassnet.runs.run import Run
from glassnet.runs.training_hashes import write_training_hashes

PACKAGE = Path("src/glassnet/models/shipped")
REJECTED = 0.015  # fraction of the twin's 10,000 held-out images below the threshold
HELD_OUT = 1 / 6  # 10,000 of 60,000


@dataclass(frozen=True)
class Shipped:
    """Shipped model: its row in the table of accuracies, seed and dtype."""

    name: str
    row: str
    seed: int
    dtype: str = "int8"


MODELS = (Shipped("mnist", "best", 0), Shipped("mnist-small", "small", 0))


def train_twin(shipped: Shipped) -> tuple[gn.Model, Split]:
    """Train the recipe on 50,000 images; return the model and the other 10,000 images."""
    row = ROWS[shipped.row]
    folder = Path("runs/twins") / f"{shipped.row}-{shipped.seed}"
    if (folder / "config.json").is_file():
        run = Run.resume(folder)[0]
    else:
        config = configure(
            row.recipe, row.train, validation=HELD_OUT, seed=shipped.seed, pictures=False
        )
        run = Run.start(config, folder)
    held_out = run.dataset.validation
    if held_out is None:
        raise ConfigError(f"{folder}: needs a validation set, got none")
    with run, training_progress(run.training, Console(stderr=True)) as show_epoch:
        for record in run.train():
            show_epoch(record)
    return run.model, held_out


def calibrate(model: gn.Model, held_out: Split) -> tuple[float, float]:
    """Fit the temperature, then choose the threshold."""
    raw = replace(model, temperature=1.0, threshold=None)
    temperature = fit_temperature(raw.predict_proba(held_out.images), held_out.labels)
    tempered = replace(raw, temperature=temperature).predict_proba(held_out.images)
    return temperature, choose_threshold(tempered, REJECTED)


def ship(shipped: Shipped) -> None:
    """Train missing runs, calibrate and save the model, and write its card."""
    temperature, threshold = calibrate(*train_twin(shipped))
    measured = score_once(shipped.row, shipped.seed)
    run = FOLDER / f"{shipped.row}-{shipped.seed}"
    model = replace(gn.load(run), temperature=temperature, threshold=threshold)
    PACKAGE.mkdir(exist_ok=True)
    path = PACKAGE / f"{shipped.name}.safetensors"
    gn.save(model, path, dtype=shipped.dtype)
    config = RunConfig.read(run / CONFIG)
    dataset = config.load_dataset()
    write_training_hashes(PACKAGE, dataset.image_hashes)
    card = write_card(shipped.name, config, measured, model, gn.load(path), dataset)
    write_atomically(PACKAGE / f"{shipped.name}.md", card.encode())


def main(names: list[str]) -> int:
    """Train the named models, or all."""
    err = Console(stderr=True)
    for shipped in MODELS:
        if not names or shipped.name in names:
            ship(shipped)
            err.print(f"{shipped.name}: {(PACKAGE / shipped.name).with_suffix('.md')}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
