"""Measure test accuracies: python -m benchmarks.accuracies [ROW:SEED ...].

Each row and seed is trained and scored on the test images once. A result in docs/accuracies.json
is not measured again unless its recipe has changed. Without arguments, all missing results are
measured. Each is a run in runs/accuracies and resumes from its checkpoint if it was interrupted.
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
from glassnet.data.dataset import VALIDATION_FRACTION, Split
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
    """A recipe with options, its datasets and seeds, and the accuracy that it has to reach.

    ``validation`` and ``test_fraction`` are the shares of the training set that are held out.
    """

    name: str
    recipe: str
    seeds: tuple[int, ...]
    required: float
    train: str = "mnist"
    test: str = "mnist"
    options: dict[str, Any] = field(default_factory=dict)
    validation: float = 0.0
    test_fraction: float | None = None


# The head of docs/accuracies.md.
TEXT = """\
# Accuracies

Test accuracy of the named recipes and of some variants of the default. `python -m
benchmarks.accuracies` measures rows and seeds that [accuracies.json](accuracies.json) lacks
(hours for all); each entry there has its date, commit and recipe. To repeat a measurement, remove
its entry.

- The models of a row are trained on all training images of their dataset, with two exceptions:
  `demo` is `make demo`, which holds out a twelfth for validation, and `fashion` holds out a fifth
  of Fashion-MNIST's 10,000 test images (the folder `fashion-mnist-t10k`) as its test set. All
  seeds have the same test set.
- Every model is scored on its test images once. No hyper-parameter was chosen on them, with the
  exceptions that [experiments.md](experiments.md) lists.
- Accuracies are in per cent: mean and sample standard deviation over the seeds. The halves are
  the first and the last 5,000 of MNIST's test images, which come from different groups of
  writers. "Required" is the accuracy below which a recipe is not released. `--shifts 1` averages
  each prediction over nine shifts of the image.
- `kaggle` is trained on Kaggle's 42,000 training images and scored on the MNIST test images that
  are not among them.
- Training time is the median over the seeds; the ensemble's is the sum over its six networks. The
  last column gives the number of threads and OpenBLAS's kernel: Haswell stands for a processor
  with AVX2, SkylakeX for one with AVX-512.

The same command gives the same bits only with the same type of processor, NumPy version and number
of BLAS threads. Otherwise rounding differs, and a small test set shows it: `make demo` ends at
94.4% with two threads on an EPYC without AVX-512, at 95.2% with one, and at 94.9 to 95.5% with
OpenBLAS's kernels for older processors (`OPENBLAS_CORETYPE`).
"""

FIVE = (0, 1, 2, 3, 4)
ROWS = {
    row.name: row
    for row in (
        Row(
            name="demo",
            recipe="fast",
            seeds=FIVE,
            required=0.935,
            train="sample",
            test="sample",
            validation=VALIDATION_FRACTION,
        ),
        Row(
            name="no hidden layer",
            recipe="fast",
            seeds=(0,),
            required=0.92,
            options={"hidden": "none"},
        ),
        Row(name="textbook", recipe="textbook", seeds=(0,), required=0.95),
        Row(
            name="sigmoid",
            recipe="fast",
            seeds=(0,),
            required=0.97,
            options={"activation": "sigmoid"},
        ),
        Row(name="tanh", recipe="fast", seeds=(0,), required=0.97, options={"activation": "tanh"}),
        Row(name="fast", recipe="fast", seeds=FIVE, required=0.982),
        Row(name="unaugmented", recipe="unaugmented", seeds=FIVE, required=0.988),
        Row(name="accurate", recipe="accurate", seeds=FIVE, required=0.991),
        Row(name="small", recipe="small", seeds=(0, 1, 2), required=0.99),
        Row(name="best", recipe="best", seeds=(0, 1, 2), required=0.9955),
        Row(name="ensemble", recipe="ensemble", seeds=(0,), required=0.9962),
        Row(
            name="kaggle",
            recipe="accurate",
            seeds=FIVE,
            required=0.989,
            train=KAGGLE,
            test_fraction=0,
        ),
        Row(
            name="fashion",
            recipe="accurate",
            seeds=FIVE,
            required=0.87,
            train="fashion-mnist-t10k",
            test="fashion-mnist-t10k",
            options={"augment": "shift=1,scale=0.08,rotation=2,group=4", "preprocess": "plain"},
            test_fraction=0.2,
        ),
    )
}


def train_once(row: Row, seed: int) -> Path:
    """Train, or resume an interrupted run; return its folder."""
    folder = FOLDER / f"{row.name}-{seed}"
    config = configure(
        row.recipe,
        row.train,
        validation=row.validation,
        test=row.test_fraction,
        seed=seed,
        pictures=False,
        **row.options,
    )
    config = replace(config, split_seed=0)  # the same held-out images for all seeds
    has_begun = (folder / CONFIG).is_file()
    if has_begun and RunConfig.read(folder / CONFIG).recipe != config.recipe:
        raise ConfigError(f"{folder}: holds a run of another recipe; move it away")
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
    """Copy the members that the row ``best`` has trained already, with the same recipe."""
    for config, member in zip(ensemble.configs, ensemble.folders, strict=True):
        other = FOLDER / f"best-{config.seed}"
        if Run.is_finished(other):
            recipe = replace(RunConfig.read(other / CONFIG).recipe, name=config.recipe.name)
            if recipe == config.recipe:
                shutil.copytree(other, member)


def score(folder: Path, test: Split) -> dict[str, Any]:
    """Evaluate a model on the test images that are not in its training set, and on each half."""
    training_hashes = read_training_hashes(folder)
    known: ArrayLike = [] if training_hashes is None else training_hashes
    is_new = ~np.isin(hash_images(test.images), known)
    model = gn.load(folder)
    is_correct = model.predict(test.images) == test.labels
    half = len(is_correct) // 2
    return {
        "n_test": int(is_new.sum()),
        "accuracy": float(is_correct[is_new].mean()),
        "accuracy_shifted": float(
            (model.predict(test.images, shifts=1) == test.labels)[is_new].mean()
        ),
        "first_half": float(is_correct[:half][is_new[:half]].mean()),
        "second_half": float(is_correct[half:][is_new[half:]].mean()),
    }


def measure(row: Row, seed: int) -> dict[str, Any]:
    """Train and evaluate one row with one seed."""
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
    """Read the results measured so far."""
    rows: list[dict[str, Any]] = json.loads(LEDGER.read_text()) if LEDGER.is_file() else []
    return rows


def write_ledger(new: dict[str, Any]) -> None:
    """Add a result, or replace the one of its row and seed, and write ledger and table."""
    rest = [r for r in read_ledger() if (r["row"], r["seed"]) != (new["row"], new["seed"])]
    order = list(ROWS)
    ledger = sorted([*rest, new], key=lambda r: (order.index(r["row"]), r["seed"]))
    write_atomically(LEDGER, (json.dumps(ledger, indent=1) + "\n").encode())
    write_atomically(TABLE, table(ledger).encode())


def table(ledger: list[dict[str, Any]]) -> str:
    """Write the ledger as Markdown, with mean and standard deviation over the seeds."""
    lines = [
        TEXT,
        "| row | options | seeds | test images | accuracy | std | first half | second half | "
        "required | `--shifts 1` | training time | threads, kernel |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in ROWS.items():
        found = [line for line in ledger if line["row"] == name]
        if not found:
            continue
        parts = ("first_half", "second_half", "accuracy_shifted")
        mean = {part: 100 * np.mean([line[part] for line in found]) for part in parts}
        accuracies = [line["accuracy"] for line in found]
        seconds = np.median([line["seconds"] for line in found])
        halves = [f"{mean[half]:.2f}" if row.test == "mnist" else "-" for half in parts[:2]]
        spread = f"{100 * np.std(accuracies, ddof=1):.2f}" if len(found) > 1 else "-"
        lines.append(
            f"| {name} | {options(row)} | {len(found)} | {found[0]['n_test']:,} | "
            f"**{100 * np.mean(accuracies):.2f}%** | {spread} | "
            f"{halves[0]} | {halves[1]} | "
            f"{100 * row.required:.2f} | {mean['accuracy_shifted']:.2f} | {seconds:,.1f} s | "
            f"{found[0]['threads']}, {', '.join(sorted({line['kernel'] for line in found}))} |"
        )
    return "\n".join(lines) + "\n"


def options(row: Row) -> str:
    """Return the options of ``glassnet train`` that train a row."""
    texts = [f"--data {Path(row.train).name}", f"--recipe {row.recipe}"]
    texts += [f"--{name} {value}" for name, value in row.options.items()]
    if row.validation != VALIDATION_FRACTION:
        texts.append(f"--validation {row.validation:g}")
    if row.test_fraction is not None:
        texts.append(f"--test {row.test_fraction:g}")
    return f"`{' '.join(texts)}`"


def score_once(name: str, seed: int) -> dict[str, Any]:
    """Return the result of a row and seed; measure it if it is missing."""
    row = ROWS[name]
    recipe = asdict(configure(row.recipe, row.train, **row.options).recipe)
    recipe = json.loads(json.dumps(recipe))  # with lists for tuples, as the ledger has it
    for line in read_ledger():
        if (line["row"], line["seed"], _complete(line["recipe"])) == (name, seed, recipe):
            return line
    line = measure(row, seed)
    write_ledger(line)
    return line


def _complete(recipe: dict[str, Any]) -> dict[str, Any]:
    """Add the defaults of options that did not exist when a recipe was measured."""
    defaults = {
        field_.name: field_.default for field_ in fields(Recipe) if field_.default is not MISSING
    }
    return {**json.loads(json.dumps(defaults)), **recipe}


def main(arguments: list[str]) -> int:
    """Measure the given results, or all that are missing."""
    results = arguments or [f"{row.name}:{seed}" for row in ROWS.values() for seed in row.seeds]
    for name, _, seed in (text.partition(":") for text in results):
        line = score_once(name, int(seed))
        ERR.print(f"{name} seed {seed}: {100 * line['accuracy']:.2f}% in {line['seconds']:,.1f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
