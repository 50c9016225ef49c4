"""Accuracy of the diagnosis: python -m benchmarks.diagnosing [sick|healthy].

Trains each network of ``NETWORKS`` with each experiment of `glassnet.diagnosis.experiments` and
each seed, and healthy runs of many recipes and datasets; writes the findings with their evidence
to ``docs/benchmarks/diagnosing.json`` and as a table to ``diagnosing.md``. With the name of a part,
only that part is measured again. The datasets are ``sample`` and, in ``GLASSNET_DATA``,
``mnist``, ``fashion-mnist-t10k`` and ``kaggle``.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.dataset import Dataset
from glassnet.data.sources.load import load_dataset
from glassnet.data.transforms.corruption import corrupt
from glassnet.diagnosis.experiments import EXPERIMENTS, HEALTHY
from glassnet.diagnosis.finding import Finding
from glassnet.errors import NotFiniteError
from glassnet.recipe import Recipe
from glassnet.recipes import ACCURATE, FAST, TEXTBOOK, UNAUGMENTED
from glassnet.runs.build import build_training
from glassnet.runs.config import RunConfig
from glassnet.runs.diagnose import diagnose

RESULTS = Path(__file__).parents[1] / "docs" / "benchmarks"
SEEDS = (0, 1, 2)
BASE = replace(TEXTBOOK, name="healthy", min_updates=0, full_pass=False, **HEALTHY)
NETWORKS: dict[str, Mapping[str, Any]] = {
    "784-64-10, sgd": {},
    "784-128-64-10, adam": {"hidden": (128, 64), "optimizer": "adam", "learning_rate": 1e-3},
}
N_TRAIN = 5_000
PATHS = {"kaggle": Path(os.environ.get("GLASSNET_DATA", ".")) / "kaggle" / "digit-recognizer.zip"}

# Healthy runs: recipe, changes, dataset, number of training images (None: all).
HEALTHY_RUNS: tuple[tuple[Recipe, dict[str, Any], str, int | None], ...] = (
    (FAST, {}, "sample", None),
    (FAST, {"epochs": 1, "min_updates": 0}, "mnist", None),
    (FAST, {"epochs": 5, "min_updates": 0}, "fashion-mnist-t10k", None),
    (FAST, {}, "mnist", 10_000),
    (TEXTBOOK, {}, "sample", None),
    (TEXTBOOK, {"epochs": 5}, "mnist", 10_000),
    (TEXTBOOK, {"epochs": 5, "min_updates": 0}, "fashion-mnist-t10k", None),
    (TEXTBOOK, {"hidden": (), "min_updates": 1_000}, "sample", None),
    (TEXTBOOK, {"hidden": (), "initializer": "zeros", "min_updates": 0}, "mnist", 5_000),
    (TEXTBOOK, {"activation": ("sigmoid",), "initializer": "glorot"}, "sample", None),
    (
        TEXTBOOK,
        {"activation": ("tanh",), "initializer": "glorot", "min_updates": 0},
        "sample",
        None,
    ),
    (TEXTBOOK, {"loss": "mean_squared_error", "min_updates": 0}, "mnist", 5_000),
    (TEXTBOOK, {"shuffle": False, "epochs": 5, "min_updates": 0}, "mnist", 10_000),
    (TEXTBOOK, {"hidden": (16,), "learning_rate": 0.05, "min_updates": 0}, "sample", None),
    (ACCURATE, {"hidden": (64, 32), "epochs": 4, "min_updates": 0}, "mnist", 10_000),
    (UNAUGMENTED, {"hidden": (128, 64), "epochs": 5, "min_updates": 0}, "mnist", 10_000),
    (BASE, {"optimizer": "adam", "learning_rate": 3e-4, "hidden": (64, 64, 64)}, "mnist", 5_000),
    (BASE, {"optimizer": "nesterov", "momentum": 0.9, "learning_rate": 0.02}, "sample", None),
    (BASE, {"optimizer": "adamw", "learning_rate": 2e-3, "activation": ("gelu",)}, "sample", None),
    (BASE, {"hidden": (32,) * 6, "epochs": 8}, "mnist", 5_000),
    (BASE, {"hidden": (256,), "dropout": 0.5, "learning_rate": 0.3}, "mnist", 5_000),
    (BASE, {"hidden": (100,), "activation": ("sigmoid",), "learning_rate": 0.5}, "mnist", 5_000),
    (BASE, {"hidden": (128, 64), "batch_size": 16}, "fashion-mnist-t10k", 5_000),
    (BASE, {"hidden": (64,), "batch_norm": True, "epochs": 3}, "kaggle", 5_000),
)


def train_and_diagnose(
    recipe: Recipe, dataset: Dataset, seed: int, corruption: str | None = None
) -> tuple[Finding, ...]:
    """Train on a dataset, optionally corrupted, and diagnose the run."""
    config = RunConfig(recipe=recipe, data=dataset.name, seed=seed)
    dataset = corrupt(dataset, corruption, seed)
    training = build_training(config, dataset)
    try:
        for _ in training:
            pass
    except NotFiniteError:
        pass  # the last record is that of the failed epoch
    return diagnose(training, dataset=dataset, learning_rate=recipe.learning_rate)


def load(name: str, seed: int, n_train: int | None = None) -> Dataset:
    """Load a dataset with at most `n_train` training images."""
    dataset = load_dataset(PATHS.get(name, name), seed=seed)
    if n_train is None or n_train >= len(dataset.train):
        return dataset
    rows = np.random.default_rng([seed, 9]).permutation(len(dataset.train))[:n_train]
    return replace(dataset, train=dataset.train.take(rows))


def measure_sick() -> Iterator[dict[str, Any]]:
    """Train each network with each experiment and seed."""
    for seed in SEEDS:
        dataset = load("mnist", seed, N_TRAIN)
        for network, changes in NETWORKS.items():
            for cause, experiment in EXPERIMENTS.items():
                change = dict(experiment.change)
                corruption = change.pop("corrupt", None)
                findings = train_and_diagnose(
                    replace(BASE, **{**changes, **change}), dataset, seed, corruption
                )
                yield {"cause": cause, "network": network, "seed": seed, **_summarize(findings)}


def measure_healthy() -> Iterator[dict[str, Any]]:
    """Train healthy runs of many recipes."""
    for seed, (recipe, changes, name, n_train) in enumerate(HEALTHY_RUNS):
        findings = train_and_diagnose(replace(recipe, **changes), load(name, seed, n_train), seed)
        name_with_changes = ", ".join(
            [recipe.name, *(f"{key} {value}" for key, value in changes.items())]
        )
        data = name if n_train is None else f"{name}, {n_train:,}"
        yield {"recipe": name_with_changes, "data": data, "seed": seed, **_summarize(findings)}


def _summarize(findings: tuple[Finding, ...]) -> dict[str, Any]:
    first = findings[0].to_dict()["evidence"] if findings else []
    return {
        "found": [finding.cause for finding in findings],
        "evidence": {item["name"]: item["value"] for item in first},
    }


def to_table(sick: list[dict[str, Any]], healthy: list[dict[str, Any]]) -> str:
    """Return the findings as Markdown."""
    n_alarms = sum(bool(line["found"]) for line in healthy)
    n_correct = sum(line["found"][:1] == [line["cause"]] for line in sick)
    lines = [
        "# Diagnosis of defective and healthy runs",
        "",
        f"The correct cause comes first in {n_correct} of {len(sick)} defective runs; "
        f"{n_alarms} of {len(healthy)} healthy runs raise a false alarm. "
        "Measured by `python -m benchmarks.diagnosing`.",
        "",
        "| cause | network | first finding, by seed | evidence, by seed |",
        "|---|---|---|---|",
    ]
    for cause in EXPERIMENTS:
        for network in NETWORKS:
            rows = [r for r in sick if (r["cause"], r["network"]) == (cause, network)]
            first_causes = [(row["found"] or ["none"])[0] for row in rows]
            verdict = "correct" if set(first_causes) == {cause} else ", ".join(first_causes)
            evidence = "; ".join(
                f"{name} {', '.join(_short(row['evidence'].get(name)) for row in rows)}"
                for name in (rows[0]["evidence"] if rows else ())
            )
            lines.append(f"| {cause} | {network} | {verdict} | {evidence} |")
    lines += ["", "| recipe of the healthy run | data | seed | findings |", "|---|---|---|---|"]
    for row in healthy:
        found = ", ".join(row["found"]) or "none"
        lines.append(f"| {row['recipe']} | {row['data']} | {row['seed']} | {found} |")
    return "\n".join(lines) + "\n"


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def main(parts: Sequence[str]) -> int:
    """Measure; return 1 if more than a twelfth of the causes is wrong, or at any false alarm."""
    path = RESULTS / "diagnosing.json"
    for part in parts or MEASURES:
        rows = []
        for row in MEASURES[part]():
            rows.append(row)
            sys.stdout.write(json.dumps(row) + "\n")
            sys.stdout.flush()
        # Read only now, because the other part may be measured at the same time.
        results = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        results[part] = rows
        RESULTS.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    sick, healthy = results.get("sick", []), results.get("healthy", [])
    (RESULTS / "diagnosing.md").write_text(to_table(sick, healthy), encoding="utf-8")
    wrong = sum(row["found"][:1] != [row["cause"]] for row in sick)
    return 1 if wrong * 12 > len(sick) or any(row["found"] for row in healthy) else 0


MEASURES = {"sick": measure_sick, "healthy": measure_healthy}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
