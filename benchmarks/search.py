"""Hyper-parameter search without the test images.

python -m benchmarks.search RECIPE '{"epochs": 12, "label_smoothing": 0.1}' trains a recipe with
changes on 50,000 of MNIST's training images, scores it on the other 10,000, and adds a line to
docs/experiments.json, from which the table in docs/experiments.md is written. A seed and another
dataset may follow; a sixth of its training images is held out.
"""

import json
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from glassnet import compute
from glassnet.data.transforms.augment import Augment
from glassnet.data.transforms.preprocessing import Preprocessing
from glassnet.errors import ConfigError
from glassnet.evaluation.calibration import fit_temperature
from glassnet.files import write_atomically
from glassnet.nn.activations import softmax
from glassnet.runs.build import build_training
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure

JOURNAL = Path("docs/experiments.json")
PAGE = Path("docs/experiments.md")
HELD_OUT = 1 / 6  # 10,000 of MNIST's 60,000
START, END = "<!-- table -->\n", "<!-- end of table -->\n"


def run_trial(config: RunConfig) -> dict[str, Any]:
    """Train on five sixths of the training images and score on the rest."""
    if config.recipe.members:
        raise ConfigError(
            f"members: a trial needs a single network, got {len(config.recipe.members)}"
        )
    dataset = replace(config.load_dataset(), test=None)  # not for selection
    if dataset.validation is None:
        raise ConfigError("validation: needs held-out images, got none")
    training = build_training(config, dataset)
    records = list(training)
    held_out = Preprocessing.parse(config.recipe.preprocess)(dataset.validation.images)
    probabilities = training.trained.predict_proba(held_out)
    labels = dataset.validation.labels
    temperature = fit_temperature(probabilities, labels)
    tempered, _ = softmax(np.log(np.maximum(probabilities.astype(float), 1e-38)) / temperature)
    return {
        "validation_accuracy": float((probabilities.argmax(axis=1) == labels).mean()),
        "validation_loss": float(-np.log(tempered[np.arange(len(labels)), labels]).mean()),
        "temperature": temperature,
        "seconds": round(sum(record.seconds for record in records), 1),
        "threads": compute.describe()["threads"],
        "date": datetime.now(UTC).date().isoformat(),
    }


def table(journal: list[dict[str, Any]]) -> str:
    """Return the journal as a Markdown table."""
    lines = [
        "| data | hidden layers | distortions | preprocessing | regularisation | optimiser | "
        "epochs | seed | accuracy | loss | time |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for line in journal:
        recipe = line["recipe"]
        lines.append(
            f"| {line.get('data', 'mnist')} "
            f"| {'-'.join(map(str, recipe['hidden']))} {recipe['activation'][0]}"
            f"{', batch norm' if recipe['batch_norm'] else ''} | {_distortions(recipe['augment'])} "
            f"| {recipe['preprocess']} | {_regularisers(recipe)} | {_optimizer(recipe)} | "
            f"{recipe['epochs']} | {line['seed']} | {100 * line['validation_accuracy']:.2f}% | "
            f"{line['validation_loss']:.4f} | {line['seconds']:,.0f} s |"
        )
    return "\n".join(lines) + "\n"


def _distortions(augment: dict[str, Any] | None) -> str:
    if not augment:
        return "-"
    usual = asdict(Augment())
    names = (
        "rotation",
        "shear",
        "scale",
        "shift",
        "elastic",
        "smoothness",
        "stroke_width",
        "group",
    )
    return ", ".join(f"{name} {augment[name]:g}" for name in names if augment[name] != usual[name])


def _regularisers(recipe: dict[str, Any]) -> str:
    names = ("label_smoothing", "dropout", "input_dropout", "noise", "max_norm", "ema_decay")
    found = [f"{name.replace('_', ' ')} {recipe[name]:g}" for name in names if recipe[name]]
    return ", ".join(found) or "-"


def _optimizer(recipe: dict[str, Any]) -> str:
    parts = [f"{recipe['optimizer']} {recipe['learning_rate']:g}, {recipe['schedule']}"]
    names = {"momentum": "momentum", "beta2": "beta2", "weight_decay": "decay"}
    parts += [f"{short} {recipe[name]:g}" for name, short in names.items() if recipe[name]]
    return ", ".join([*parts, f"batches of {recipe['batch_size']}"])


def write_page(journal: list[dict[str, Any]]) -> None:
    """Replace the table between the two markers of docs/experiments.md."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START)
    _, after = rest.split(END)
    write_atomically(PAGE, (before + START + table(journal) + END + after).encode())


def main(recipe: str, changes: str = "{}", seed: str = "0", data: str = "mnist") -> int:
    """Run a trial and add it to the journal."""
    options = json.loads(changes)
    config = configure(recipe, data, validation=HELD_OUT, seed=int(seed), **options)
    config = replace(config, split_seed=0)  # all trials hold out the same images
    line = {
        "data": data,
        "recipe": asdict(config.recipe),
        "seed": int(seed),
        **run_trial(config),
    }
    journal = [*json.loads(JOURNAL.read_text()), line] if JOURNAL.is_file() else [line]
    rows = ",\n".join(json.dumps(trial) for trial in journal)
    write_atomically(JOURNAL, f"[\n{rows}\n]\n".encode())
    write_page(json.loads(JOURNAL.read_text()))
    Console().print_json(json.dumps(line))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
