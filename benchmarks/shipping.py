"""Make the models that ship in the package again: make models.

Each is trained on all 60,000 training images of MNIST, by the recipe and seed below, as the row of
benchmarks.accuracies. Its temperature and its threshold come from a twin, trained by the same
recipe on 50,000 of them, which reads the other 10,000; they are carried over unchanged. The test
images are looked at once, for the card. Runs are kept in runs/, and go on where they were stopped.
"""

import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console

import glassnet as gn
from benchmarks.accuracies import ROWS, train_once
from glassnet.cli.console import follow
from glassnet.data.dataset import Dataset, Split
from glassnet.data.sources import load_dataset
from glassnet.evaluation.calibration import choose_threshold, fit_temperature
from glassnet.evaluation.report import Report
from glassnet.files import write_atomically
from glassnet.runs.configure import configure
from glassnet.runs.run import Run
from glassnet.runs.seen import write_seen

PACKAGE = Path("src/glassnet/models/shipped")
REFUSED = 0.01  # share of the twin's 10,000 images that the threshold may refuse
HELD_OUT = 1 / 6  # 10,000 of 60,000


@dataclass(frozen=True)
class Shipped:
    """A model in the package: its row in the table of accuracies, its seed and its dtype."""

    name: str
    row: str
    seed: int
    dtype: str = "int8"


MODELS = (Shipped("mnist", "best", 0), Shipped("mnist-small", "small", 0))


def train_twin(shipped: Shipped) -> tuple[gn.Model, Dataset]:
    """Train the same recipe on 50,000 images."""
    row = ROWS[shipped.row]
    folder = Path("runs/twins") / f"{shipped.row}-{shipped.seed}"
    if (folder / "config.json").is_file():
        run = Run.resume(folder)[0]
    else:
        config = configure(
            row.recipe, row.train, validation=HELD_OUT, seed=shipped.seed, pictures=False
        )
        run = Run.start(config, folder)
    with run:
        follow(run, Console(stderr=True))
    return run.model, run.dataset


def calibrate(model: gn.Model, held_out: Split) -> tuple[float, float]:
    """Fit the temperature, and choose the threshold after it."""
    raw = replace(model, temperature=1.0, threshold=None)
    temperature = fit_temperature(raw.predict_proba(held_out.images), held_out.labels)
    tempered = replace(raw, temperature=temperature).predict_proba(held_out.images)
    return temperature, choose_threshold(tempered, REFUSED)


def score(model: gn.Model, test: Split) -> dict[str, Report]:
    """Measure on all of t10k and on its halves."""
    half = len(test) // 2
    parts = {
        "all 10,000": slice(None),
        "first 5,000": slice(half),
        "last 5,000": slice(half, None),
    }
    return {
        name: gn.evaluate(model, (Split(test.images[rows], test.labels[rows])))
        for name, rows in parts.items()
    }


def card(shipped: Shipped, run: Run, model: gn.Model, lost: float, dataset: Dataset) -> str:
    """Write the model's card, figures from the model as it is shipped."""
    assert dataset.test is not None
    recipe, config = run.config.recipe, run.config
    seconds = sum(record.seconds for record in run.records)
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()
    reports = score(model, dataset.test)
    whole = reports["all 10,000"]
    figures = [
        "| t10k | accuracy | 95 % interval | calibration error |",
        "|---|---|---|---|",
    ]
    for name, report in reports.items():
        assert report.accuracy_interval is not None
        low, high = (f"{100 * end:.2f}" for end in report.accuracy_interval)
        figures.append(
            f"| {name} | {_percent(report.accuracy)} | {low} to {high} % | "
            f"{_percent(report.calibration_error)} |"
        )
    refused = model.is_unsure(model.predict_proba(dataset.test.images))
    worst = sorted(whole.per_class, key=lambda one: one.f1)[:3]
    weak = ", ".join(f"{one.label} (F1 {100 * one.f1:.2f} %)" for one in worst)
    confusions = "; ".join(
        f"{one.label} read as {one.prediction}, {one.count} times" for one in whole.confusions[:4]
    )
    plain = {k: v for k, v in asdict(recipe).items() if v not in (None, 0.0, False, ())}
    return "\n".join(
        [
            f"# {shipped.name}\n",
            f"`gn.load({shipped.name!r})`: {model!r}.\n",
            "## Data\n",
            "The 60,000 training images of MNIST (LeCun, Cortes and Burges), all of them, and no",
            "others. Hash of images and labels (`data_hash` of the run): "
            f"`{config.data_hash}`. Which images, `seen.npy` beside this file knows.\n",
            "## Recipe, seed, commit\n",
            f"Recipe `{recipe.name}`, seed {config.seed}, trained in {seconds / 60:,.1f} minutes at commit",
            f"`{commit}`:\n",
            *(f"- {name}: {value}" for name, value in plain.items()),
            "",
            "## Made again by\n",
            "`make models`. Training is exact: the same machine, NumPy, BLAS kernel and number of",
            "threads give the same bits; others give other last digits, and a net a few images",
            "better or worse.\n",
            "## Figures\n",
            *figures,
            "",
            f"Weights are stored as {shipped.dtype}: {_percent(abs(lost), 3)} of t10k "
            f"{'lost' if lost > 0 else 'gained'} against float32.",
            f"Temperature {model.temperature:.4f} and threshold {model.threshold:.4f} come from a twin,",
            "trained on 50,000 of the training images, and the other 10,000. At this threshold",
            f'{int(refused.sum())} of t10k\'s 10,000 images are answered with "not sure".\n',
            "## Known weaknesses\n",
            f"Weakest classes: {weak}. Most frequent confusions: {confusions}.",
            "It knows digits as MNIST has them: white on black, upright, centred by mass in 28 x 28.",
            "Letters and scribbles are mostly read as some digit, with less certainty. 15 of t10k's",
            "labels are doubtful, by the votes of five people (mturk labels of cleanlab/label-errors).\n",
            "## Licence\n",
            "MIT, as glassnet itself: the weights were trained for it.\n",
        ]
    )


def _percent(share: float | None, digits: int = 2) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f} %"


def ship(shipped: Shipped) -> None:
    """Train what is missing, calibrate, store, and write the card."""
    twin, twin_data = train_twin(shipped)
    assert twin_data.validation is not None
    temperature, threshold = calibrate(twin, twin_data.validation)
    _, run = train_once(ROWS[shipped.row], shipped.seed)
    whole = replace(run.model, temperature=temperature, threshold=threshold)
    path = PACKAGE / f"{shipped.name}.safetensors"
    PACKAGE.mkdir(exist_ok=True)
    gn.save(whole, path, dtype=shipped.dtype)
    small = gn.load(path)
    dataset = load_dataset("mnist", validation=0)
    assert dataset.test is not None
    truth, images = dataset.test.labels, dataset.test.images
    lost = float((whole.predict(images) == truth).mean() - (small.predict(images) == truth).mean())
    write_seen(PACKAGE, dataset.provenance)
    text = card(shipped, run, small, lost, dataset)
    write_atomically(PACKAGE / f"{shipped.name}.md", text.encode())


def main(names: list[str]) -> int:
    """Make the models named, or all."""
    err = Console(stderr=True)
    for shipped in MODELS:
        if not names or shipped.name in names:
            ship(shipped)
            err.print(f"{shipped.name}: {(PACKAGE / shipped.name).with_suffix('.md')}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
