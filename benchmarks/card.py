"""The card of a shipped model: what it was made of, what it is worth, and where it is weak."""

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

The {n_train:,} training images of MNIST (Yann LeCun, Corinna Cortes, Christopher Burges), all of
them and no others. SHA-256 of their pixels and labels with those of t10k, as a run's `config.json`
has it: `{data_hash}`. The hash of each image lies in `training_hashes.safetensors`.

## Recipe, seed, commit

Recipe `{recipe}`, seed {seed}, {minutes:,.0f} minutes of training with {threads} {thread_word}
(BLAS kernel {kernel}), at commit `{commit}`:

{options}

## Made again by

`make models`. The same machine, NumPy, BLAS kernel and number of threads give the same bits;
others give other last digits, and in the end a net that reads a few images more or fewer.

## Figures

| t10k | accuracy | 95 % interval | expected calibration error, 15 bins |
|---|---|---|---|
{figures}

Scored once, as it is shipped. With weights of float32, before they were stored as {dtype}, it
classifies {float32} of the {n_test:,} correctly; as shipped, {shipped}.

The temperature ({temperature:.4f}) and the threshold ({threshold:.4f}) come from a twin, trained
by the same recipe on 50,000 of the training images, and the other 10,000. At this threshold the
model rejects {refused} of the {n_test:,} images; its accuracy on the others is {sure}.

## Known weaknesses

- Its weakest classes by F1: {weakest}. Its most frequent confusions: {confusions}.
- It knows digits as MNIST has them: bright on dark, upright, 20 x 20 pixels around the centre of
  mass in 28 x 28. `glassnet predict` brings pictures to that form first.
- What is no digit at all mostly gets a probability below the threshold, but not always:
  `docs/handwriting.md` counts how often.
- For 15 of t10k's labels there is no majority among five people (the Mechanical Turk labels of
  cleanlab/label-errors); they are in the figures.

## Licence

MIT, as glassnet: the weights were trained by glassnet, for it.
"""


def score(model: gn.Model, test: Split) -> dict[str, Report]:
    """Measure on all of t10k and on its halves, which are by different writers."""
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
    """Write the card of a model: how it was trained, and what the stored form is worth."""
    if dataset.test is None:
        raise gn.ConfigError("card: needs a test part, got none")
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
    return "-" if share is None else f"{100 * share:.2f} %"
