"""Model card of a shipped model: training data, recipe, accuracy and weaknesses."""

from dataclasses import asdict
from typing import Any

import numpy as np

import glassnet as gn
from glassnet.data.dataset import Dataset, Split
from glassnet.evaluation.report import Report
from glassnet.runs.config import RunConfig

TEXT = """# {name}

`gn.load({name!r})`: {model!r}.

## Data and hashes

The {n_train:,} training images of MNIST (Yann LeCun, Corinna Cortes, Christopher Burges), and
no other images. SHA-256 of their pixels and labels together with those of t10k, as in the
`config.json` of a run: `{data_hash}`. `training_hashes.safetensors` holds the hash of each image.

## Recipe, seed, commit

Recipe `{recipe}`, seed {seed}, {minutes:,.0f} minutes of training with {threads} {thread_word}
(BLAS kernel {kernel}), at commit `{commit}`:

{options}

## Reproduction

Run `make models`. On the same machine, with the same NumPy, BLAS kernel and number of threads, the
weights are bit-identical; otherwise rounding differs, and the accuracy changes by a few images.

## Accuracy and calibration

| t10k | accuracy | 95% interval | expected calibration error, 15 bins |
|---|---|---|---|
{figures}

The shipped model was scored once. With float32 weights, before they were stored as {dtype}, it
classifies {float32} of the {n_test:,} correctly; as shipped, {shipped}.

The temperature ({temperature:.4f}) and the threshold ({threshold:.4f}) were fitted on
10,000 of the training images, with a second model trained with the same recipe on the other 50,000.
At this threshold the model rejects {refused} of the {n_test:,} images; its
accuracy on the others is {sure}.

## Known weaknesses

- Its weakest classes by F1: {weakest}. Its most frequent confusions: {confusions}.
- It expects digits in MNIST's format: bright on dark, upright, scaled to 20 x 20 pixels and centred
  by their centre of mass in 28 x 28. `glassnet predict` converts pictures to this format.
- Most images that are not digits are rejected, but not all:
  `docs/handwriting.md` reports how often.
- For 15 images of t10k, five annotators gave no majority label (the Mechanical Turk labels of
  cleanlab/label-errors); the figures include them.

## Licence

The weights are under glassnet's licence, MIT.
"""


def score(model: gn.Model, test: Split) -> dict[str, Report]:
    """Evaluate on all of t10k and on its halves, which are by different writers."""
    half = len(test) // 2
    parts = {
        f"all {len(test):,}": slice(None),
        f"first {half:,}": slice(half),
        f"last {len(test) - half:,}": slice(half, None),
    }
    return {
        name: gn.evaluate(model, gn.Split(test.images[rows], test.labels[rows]))
        for name, rows in parts.items()
    }


def write_card(
    name: str,
    config: RunConfig,
    measured: dict[str, Any],
    model: gn.Model,
    shipped: gn.Model,
    dataset: Dataset,
) -> str:
    """Return the card of a model: how it was trained, and the accuracy of its stored form."""
    if dataset.test is None:
        raise gn.ConfigError("card: needs a test set, got none")
    images, truth = dataset.test.images, dataset.test.labels
    reports = score(shipped, dataset.test)
    report = next(iter(reports.values()))
    probabilities = shipped.predict_proba(images)
    is_sure = ~shipped.is_unsure(probabilities)
    options = {k: v for k, v in asdict(config.recipe).items() if v not in (None, 0.0, False, "")}
    weakest = sorted(report.per_class, key=lambda score: score.f1 or 0.0)[:3]
    return TEXT.format(
        name=name,
        model=shipped,
        n_train=measured["n_train"],
        data_hash=config.data_hash,
        recipe=config.recipe.name,
        seed=config.seed,
        minutes=measured["seconds"] / 60,
        threads=measured["threads"],
        thread_word="thread" if measured["threads"] == 1 else "threads",
        kernel=measured["kernel"],
        commit=measured["commit"],
        options="\n".join(f"- {option}: {value}" for option, value in options.items()),
        figures="\n".join(_line(part, part_report) for part, part_report in reports.items()),
        dtype="int8",
        n_test=len(truth),
        float32=int((model.predict(images) == truth).sum()),
        shipped=int((probabilities.argmax(axis=1) == truth).sum()),
        temperature=shipped.temperature,
        threshold=shipped.threshold,
        refused=int((~is_sure).sum()),
        sure=_percent(float((probabilities.argmax(axis=1) == truth)[is_sure].mean())),
        weakest=", ".join(f"{score.label} ({_percent(score.f1)})" for score in weakest),
        confusions="; ".join(
            f"{confusion.label} read as {confusion.prediction}, {confusion.count} times"
            for confusion in report.confusions[:4]
        ),
    )


def _line(part: str, report: Report) -> str:
    low, high = report.accuracy_interval or (np.nan, np.nan)
    return (
        f"| {part} | {_percent(report.accuracy)} | {_percent(low)} to {_percent(high)} | "
        f"{_percent(report.calibration_error)} |"
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f}%"
