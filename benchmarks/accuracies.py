"""Score the recipes on held-out images: python -m benchmarks.accuracies [ROW:SEED ...].

Every training takes all training images, none held out, and its net is scored on the test images
once: what has its line in docs/accuracies.json is not scored again unless its recipe has changed.
Without arguments, all rows that are missing are measured; each is a run in runs/accuracies, and
goes on from its checkpoint if it was stopped.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from rich.console import Console

import glassnet as gn
from glassnet.cli.runner import resume_run, run_to_end
from glassnet.data.dataset import Split
from glassnet.data.image_hash import hash_images
from glassnet.data.sources.load import load_dataset
from glassnet.errors import ConfigError
from glassnet.files import write_atomically
from glassnet.recipe import Recipe
from glassnet.runs.config import RunConfig, read_versions
from glassnet.runs.configure import configure
from glassnet.runs.ensemble_run import EnsembleRun
from glassnet.runs.folder import CONFIG, METRICS
from glassnet.runs.run import Run
from glassnet.runs.summary import read_metrics
from glassnet.runs.training_hashes import read_training_hashes

LEDGER = Path("docs/accuracies.json")
TABLE = Path("docs/accuracies.md")
FOLDER = Path("runs/accuracies")
ERR = Console(stderr=True, highlight=False, soft_wrap=True)
KAGGLE = os.path.expandvars("$GLASSNET_DATA/kaggle/digit-recognizer.zip")


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is trained on what, scored on what, with which seeds, and what it must reach."""

    name: str
    recipe: str
    seeds: tuple[int, ...]
    must: float
    train: str = "mnist"
    test: str = "mnist"
    changes: dict[str, Any] = field(default_factory=dict)
    test_share: float | None = None  # of the training set, where it has no test part


ROWS = {
    row.name: row
    for row in (
        Row(name="fast", recipe="fast", seeds=(0, 1, 2, 3, 4), must=0.982),
        Row(name="accurate", recipe="accurate", seeds=(0, 1, 2, 3, 4), must=0.991),
        Row(name="unaugmented", recipe="unaugmented", seeds=(0, 1, 2, 3, 4), must=0.988),
        Row(name="best", recipe="best", seeds=(0, 1, 2), must=0.9955),
        Row(name="ensemble", recipe="ensemble", seeds=(0,), must=0.9962),
        Row(name="small", recipe="small", seeds=(0, 1, 2), must=0.99),
        Row(
            name="kaggle",
            recipe="accurate",
            seeds=(0, 1, 2, 3, 4),
            must=0.989,
            train=KAGGLE,
            test_share=0,
        ),
        Row(
            name="fashion",
            recipe="accurate",
            seeds=(0, 1, 2, 3, 4),
            must=0.87,
            train="fashion-mnist-t10k",
            test="fashion-mnist-t10k",
            changes={"augment": "shift=1,scale=0.08,rotation=2,group=4", "preprocess": "plain"},
            test_share=0.2,
        ),
    )
}


def train_once(row: Row, seed: int) -> Path:
    """Train, or go on where a run was stopped; return the run's folder."""
    folder = FOLDER / f"{row.name}-{seed}"
    config = configure(
        row.recipe,
        row.train,
        validation=0,
        test=row.test_share,
        seed=seed,
        pictures=False,
        **row.changes,
    )
    config = replace(config, split_seed=0)  # all seeds are tested on the same images
    has_begun = (folder / CONFIG).is_file()
    if has_begun and RunConfig.read(folder / CONFIG).recipe != config.recipe:
        raise ConfigError(f"{folder}: holds a run of another recipe; move it away to measure anew")
    if Run.is_finished(folder):
        return folder
    if not has_begun:
        if not config.recipe.members:
            run_to_end(Run.start(config, folder), ERR)
            return folder
        borrow(EnsembleRun.start(config, folder))
    run_to_end(resume_run(folder, quiet=False), ERR)
    return folder


def borrow(ensemble: EnsembleRun) -> None:
    """Take nets that have been trained already, by the same recipe but for its name."""
    for config, member in zip(ensemble.configs, ensemble.folders, strict=True):
        other = FOLDER / f"best-{config.seed}"
        if Run.is_finished(other):
            recipe = replace(RunConfig.read(other / CONFIG).recipe, name=config.recipe.name)
            if recipe == config.recipe:
                shutil.copytree(other, member)


def score(folder: Path, test: Split) -> dict[str, Any]:
    """Score one net, on all test images that it has not seen and on each half of them."""
    training_hashes = read_training_hashes(folder)
    known: ArrayLike = [] if training_hashes is None else training_hashes
    is_new = ~np.isin(hash_images(test.images), known)
    model = gn.load(folder)
    right = model.predict(test.images) == test.labels
    half = len(right) // 2
    return {
        "n_test": int(is_new.sum()),
        "accuracy": float(right[is_new].mean()),
        "accuracy_shifted": float(
            (model.predict(test.images, shifts=1) == test.labels)[is_new].mean()
        ),
        "first_half": float(right[:half][is_new[:half]].mean()),
        "second_half": float(right[half:][is_new[half:]].mean()),
    }


def measure(row: Row, seed: int) -> dict[str, Any]:
    """Train and score one row with one seed."""
    folder = train_once(row, seed)
    config, metrics = RunConfig.read(folder / CONFIG), read_metrics(folder / METRICS)
    if row.train == row.test:
        dataset = config.load_dataset()
    else:
        dataset = load_dataset(row.test, validation=0)
    versions = read_versions(folder / CONFIG)
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], stdout=subprocess.PIPE, text=True, check=True
    )
    return {
        "row": row.name,
        "seed": seed,
        "recipe": asdict(config.recipe),
        "n_train": metrics["n_train"],
        **score(folder, dataset.test or dataset.train),
        "seconds": metrics["seconds"],
        "threads": versions["threads"],
        "kernel": versions["kernel"],
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit.stdout.strip(),
    }


def read_ledger() -> list[dict[str, Any]]:
    """Read what has been scored."""
    rows: list[dict[str, Any]] = json.loads(LEDGER.read_text()) if LEDGER.is_file() else []
    return rows


def write_ledger(new: dict[str, Any]) -> None:
    """Add a line, in the place of one with another recipe, and write the table again."""
    rest = [r for r in read_ledger() if (r["row"], r["seed"]) != (new["row"], new["seed"])]
    order = list(ROWS)
    ledger = sorted([*rest, new], key=lambda r: (order.index(r["row"]), r["seed"]))
    write_atomically(LEDGER, (json.dumps(ledger, indent=1) + "\n").encode())
    write_atomically(TABLE, table(ledger).encode())


def table(ledger: list[dict[str, Any]]) -> str:
    """Write the ledger as Markdown: a line for each row, mean and standard deviation."""
    lines = [
        "# Accuracies\n",
        "Trained on all training images of the set, scored once per seed on test images that took",
        "no part in anything; `python -m benchmarks.accuracies` measures what is missing here.",
        "Kaggle's row is trained on its 42,000 images and scored on those of t10k that are not",
        "among them. The halves are the first and the last 5,000 of t10k, by different writers.",
        "Shifted is the mean accuracy of the same nets with test-time averaging over nine shifts",
        "(`--shifts 1`); nothing was chosen by it. The ensemble's time is that of all its nets,",
        "added up; two of them were trained at a time, on a core each, in half of it.\n",
        "| set-up | seeds | test images | mean accuracy | standard deviation | first half | "
        "second half | needed | shifted | training, median | threads |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in ROWS.items():
        found = [line for line in ledger if line["row"] == name]
        if not found:
            continue
        parts = ("first_half", "second_half", "accuracy_shifted")
        mean = {part: 100 * np.mean([line[part] for line in found]) for part in parts}
        accuracies = [line["accuracy"] for line in found]
        seconds = np.median([line["seconds"] for line in found])
        spread = f"{100 * np.std(accuracies, ddof=1):.2f}" if len(found) > 1 else "-"
        lines.append(
            f"| {name} | {len(found)} | {found[0]['n_test']:,} | "
            f"**{100 * np.mean(accuracies):.2f} %** | {spread} | "
            f"{mean['first_half']:.2f} | {mean['second_half']:.2f} | "
            f"{100 * row.must:.2f} | {mean['accuracy_shifted']:.2f} | {seconds:,.1f} s | "
            f"{found[0]['threads']} |"
        )
    return "\n".join(lines) + "\n"


def score_once(name: str, seed: int) -> dict[str, Any]:
    """Return the line of a row and seed, measured now if it is missing."""
    row = ROWS[name]
    recipe = asdict(configure(row.recipe, row.train, **row.changes).recipe)
    recipe = json.loads(json.dumps(recipe))  # with lists for tuples, as the ledger has it
    for line in read_ledger():
        if (line["row"], line["seed"], _complete(line["recipe"])) == (name, seed, recipe):
            return line
    line = measure(row, seed)
    write_ledger(line)
    return line


def _complete(recipe: dict[str, Any]) -> dict[str, Any]:
    """Add the options that did not exist when a recipe was measured, as they are without a word."""
    usual = {
        field_.name: field_.default for field_ in fields(Recipe) if field_.default is not MISSING
    }
    return {**json.loads(json.dumps(usual)), **recipe}


def main(arguments: list[str]) -> int:
    """Measure what is asked for, or all that is missing."""
    asked = arguments or [f"{row.name}:{seed}" for row in ROWS.values() for seed in row.seeds]
    for name, _, seed in (text.partition(":") for text in asked):
        line = score_once(name, int(seed))
        ERR.print(f"{name} seed {seed}: {100 * line['accuracy']:.2f} % in {line['seconds']:,.1f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
