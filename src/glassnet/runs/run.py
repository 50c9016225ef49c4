"""Run: from a configuration to a trained, tested model in a folder."""

import csv
import io
import json
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.dataset import Dataset
from glassnet.errors import ConfigError, GlassnetError
from glassnet.evaluation import plots
from glassnet.evaluation.report import Report, evaluate
from glassnet.files import write_atomically
from glassnet.models.files import save
from glassnet.models.model import Model
from glassnet.nn.mlp import mlp
from glassnet.nn.record import EpochRecord
from glassnet.nn.schedules import make_schedule
from glassnet.nn.training import train
from glassnet.recipes import make_optimizer
from glassnet.runs.config import RunConfig

RUNS = Path("runs")


class Run:
    """One training: made ready, then iterated over, then finished.

    Parameters
    ----------
    config : RunConfig
        What to train.
    folder : Path, optional
        Where to keep it; by default the next free ``runs/<recipe>-<n>``.

    Attributes
    ----------
    dataset : Dataset
        What it learns from.
    model : Model
        What learns.
    n_epochs : int
        How long.
    folder : Path
        Made once data and network are known to be good, so that a mistake leaves nothing behind.
    """

    def __init__(self, config: RunConfig, folder: Path | None = None) -> None:
        self.config = config
        self.dataset: Dataset = config.load_dataset()
        recipe, shape = config.recipe, self.dataset.train.images.shape[1:]
        activation = recipe.activation[0] if len(recipe.activation) == 1 else recipe.activation
        network = mlp(
            [int(np.prod(shape)), *recipe.hidden, self.dataset.n_classes],
            activation=activation,
            initializer=recipe.initializer,
            rng=np.random.default_rng([config.seed, 2]),
        )
        self.model = Model(network, (shape[0], shape[1]))
        self.n_epochs = recipe.n_epochs(len(self.dataset.train))
        self.folder = _make_folder(folder, recipe.name)
        self._records: list[EpochRecord] = []
        self._started = time.perf_counter()

    def train(self) -> Iterator[EpochRecord]:
        """Train, keeping the history as it grows.

        Yields
        ------
        EpochRecord
            After each epoch.
        """
        recipe = self.config.recipe
        self._write("config.json", self.config.to_json())
        n_steps = self.n_epochs * recipe.steps_per_epoch(len(self.dataset.train))
        for record in train(
            self.model.network,
            self.dataset.train,
            validation=self.dataset.validation,
            loss=recipe.loss,
            optimizer=make_optimizer(recipe),
            learning_rate=make_schedule(recipe.schedule, recipe.learning_rate, n_steps),
            epochs=self.n_epochs,
            batch_size=recipe.batch_size,
            full_pass=recipe.full_pass,
            rng=np.random.default_rng([self.config.seed, 3]),
        ):
            self._records.append(record)
            self._write("history.csv", _history(self._records))
            yield record

    def finish(self, *, has_pictures: bool = True) -> tuple[dict[str, Any], Report | None]:
        """Save the model, test it, and draw; numbers before pictures.

        Parameters
        ----------
        has_pictures : bool
            Whether to draw.

        Returns
        -------
        metrics : dict
            What ``metrics.json`` holds; what does not exist is None.
        report : Report or None
            On the test part; None without one.
        """
        save(self.model, self.folder / "model.safetensors")
        test = self.dataset.test
        report = None if test is None else evaluate(self.model, test)
        last = self._records[-1] if self._records else None
        metrics = {
            "run": str(self.folder),
            "data": self.config.data,
            "recipe": self.config.recipe.name,
            "seed": self.config.seed,
            "epochs": len(self._records),
            "steps": last.step if last else 0,
            "seconds": round(time.perf_counter() - self._started, 3),
            "n_train": len(self.dataset.train),
            "train_loss": last.train_loss if last else None,
            "train_accuracy": last.train_accuracy if last else None,
            "validation_loss": last.validation_loss if last else None,
            "validation_accuracy": last.validation_accuracy if last else None,
            "test_loss": report.loss if report else None,
            "test_accuracy": report.accuracy if report else None,
            "test_accuracy_interval": report.accuracy_interval if report else None,
            "n_test": report.n if report else None,
        }
        self._write("metrics.json", json.dumps(metrics, indent=2) + "\n")
        if has_pictures:
            write_atomically(self.folder / "curves.png", plots.curves(self._records))
            if report is not None and test is not None:
                draw_report(report, test, self.folder)
        return metrics, report

    def _write(self, name: str, text: str) -> None:
        write_atomically(self.folder / name, text.encode())


def draw_report(report: Report, split: Any, folder: Path) -> None:
    """Draw the confusion matrix and the gallery of mistakes into a folder.

    Parameters
    ----------
    report : Report
        What to draw.
    split : Split
        The images that it was made on.
    folder : Path
        Where ``confusion.png`` and ``mistakes.png`` go.
    """
    write_atomically(folder / "confusion.png", plots.confusion(report))
    write_atomically(folder / "mistakes.png", plots.mistakes(report, split))


def _history(records: list[EpochRecord]) -> str:
    """Lay the records out as a table; a layer's numbers get a column each."""
    text = io.StringIO()
    rows = [_flat(record) for record in records]
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _flat(record: EpochRecord) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, tuple):
            stem = field.name.removesuffix("s")
            row |= {f"{stem}_{number}": x for number, x in enumerate(value, start=1)}
        else:
            row[field.name] = value
    return row


def _make_folder(folder: Path | None, recipe_name: str) -> Path:
    try:
        if folder is None:
            RUNS.mkdir(exist_ok=True)
            taken = (path.name.rsplit("-", 1) for path in RUNS.glob(f"{recipe_name}-*"))
            numbers = [int(last) for _, last in taken if last.isdigit()]
            folder = RUNS / f"{recipe_name}-{max(numbers, default=0) + 1}"
            folder.mkdir()
            return folder
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GlassnetError(f"{folder or RUNS}: cannot be made ({error.strerror})") from error
    if any(folder.iterdir()):
        raise ConfigError(
            f"{folder}: needs to be new or empty, so that nothing is lost; choose another --out"
        )
    return folder
