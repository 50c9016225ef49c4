"""Reporting: collects the data of the HTML report from a run's folder."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from glassnet import __version__, compute
from glassnet.data.sources.registry import REGISTRY
from glassnet.evaluation.html_report.commands import Command
from glassnet.evaluation.html_report.examples import Example, choose_examples
from glassnet.evaluation.html_report.first_layer import extract_first_layer
from glassnet.evaluation.html_report.report_data import ReportData
from glassnet.evaluation.html_report.speed import Speed
from glassnet.models.member import describe
from glassnet.models.model import Model
from glassnet.models.shipped import NAMES, locate
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.runs.command import train_command
from glassnet.runs.config import RunConfig, read_versions
from glassnet.runs.evaluate import Evaluation
from glassnet.runs.folder import CONFIG, METRICS
from glassnet.runs.history import read_histories
from glassnet.runs.summary import read_metrics, summarize

SPEED_SECONDS = 1.0  # for which predictions are repeated, to see how fast they can be
N_PASSES = 5


def gather(name: str, measured: Evaluation, again: str, shifts: int = 0) -> ReportData:
    """Collect the data of a report.

    Parameters
    ----------
    name : str
        A run's folder, a model file, or the name of a model that comes with glassnet.
    measured : Evaluation
        Of that model.
    again : str
        The command that makes the page.
    shifts : int
        With which it was measured.

    Returns
    -------
    ReportData
        What is known; and in words what is not.

    Raises
    ------
    GlassnetError
        If a file in the run's folder is damaged.
    """
    place = locate(name)
    folder = place if place.is_dir() else place.parent
    config = RunConfig.read(folder / CONFIG) if (folder / CONFIG).is_file() else None
    model, report, split = measured.model, measured.report, measured.split
    histories = {} if name in NAMES else read_histories(folder)
    return ReportData(
        name=name,
        data=measured.data,
        is_unseen=measured.training_hashes is not None,
        made_by=f"glassnet {__version__}, {datetime.now().astimezone():%d.%m.%Y %H:%M}",
        report=report,
        classes=model.classes,
        summary=_facts(model, config, read_metrics(folder / METRICS), name),
        settings={} if config is None else _settings(folder),
        histories=histories,
        cells=choose_examples(report, split, measured.probabilities, measured.rows),
        mistakes=[
            Example(
                mistake.index,
                mistake.label,
                measured.probabilities[mistake.index],
                split.images[mistake.index],
            )
            for mistake in report.mistakes
        ],
        first_layer=extract_first_layer(model),
        speeds=[*_training_speed(histories, folder, config), _prediction_speed(measured, shifts)],
        commands=_commands(config, again, folder),
        remarks=_remarks(name, measured, config, folder),
    )


def _facts(
    model: Model, config: RunConfig | None, metrics: Mapping[str, Any], name: str
) -> dict[str, str]:
    facts = {"Network": describe(model.members)}
    if model.image_shape is not None:
        facts["Images"] = "{} x {} pixels".format(*model.image_shape)
    facts["Classes"] = f"{model.n_classes}: {', '.join(model.classes)}"
    if config is not None:
        recipe = config.recipe
        n_train = metrics.get("n_train")
        many = "" if n_train is None else f", {n_train:,} images to learn from"
        facts["Data"] = f"{config.data}{many}"
        facts["Recipe"] = (
            f"{recipe.name}: {recipe.optimizer}, learning rate {recipe.learning_rate:g}, "
            f"{recipe.schedule}, batches of {recipe.batch_size}, seed {config.seed}"
        )
        if "seconds" in metrics:
            epochs = f", {metrics['epochs']} epochs" if "epochs" in metrics else ""
            facts["Training"] = f"{metrics['seconds']:,.1f} s{epochs}"
    elif name in NAMES:
        facts["Data"] = "mnist, all 60,000 training images"
        facts["Recipe"] = f"in its card, {name}.md, next to the model in the package"
    source = config.data if config is not None else "mnist" if name in NAMES else None
    if source in REGISTRY:
        facts["Images by"] = f"{REGISTRY[source].credits}; {REGISTRY[source].licence}"
    if model.temperature != 1:
        facts["Temperature"] = (
            f"{model.temperature:.3g}: above 1 answers are less sure, below 1 surer"
        )
    if model.threshold is not None:
        facts["Threshold"] = f"{model.threshold:.4g}: below it, the model says that it is not sure"
    return facts


def _settings(folder: Path) -> dict[str, str]:
    options = summarize(folder).options
    made_on = read_versions(folder / CONFIG) | read_versions(folder / CONFIG, "computer")
    return {
        name.replace("_", " "): value if isinstance(value, str) else json.dumps(value)
        for name, value in (options | made_on).items()
    }


def _training_speed(
    histories: Mapping[str, Sequence[EpochRecord]], folder: Path, config: RunConfig | None
) -> list[Speed]:
    records = [record for records in histories.values() for record in records]
    seconds = sum(record.seconds for record in records)
    if not seconds:
        return []
    mean = sum(record.images_per_second * record.seconds for record in records) / seconds
    cpu = {} if config is None else read_versions(folder / CONFIG, "computer")
    on = f" on {cpu['cpu']}, {_cores(cpu.get('cores'))}" if cpu.get("cpu") else ""
    how = (
        f"The mean of {len(records)} epochs, {seconds:,.1f} s of updates{on}. Measuring on the "
        "validation part is not counted."
    )
    return [Speed("training", mean, how)]


def _prediction_speed(measured: Evaluation, shifts: int) -> Speed:
    """Measure prediction for a second, after a first pass that allocates memory."""
    images = measured.split.images
    times = [measured.seconds]
    while sum(times) < SPEED_SECONDS and len(times) < N_PASSES:
        begun = time.perf_counter()
        measured.model.predict_proba(images, shifts=shifts)
        times.append(time.perf_counter() - begun)
    passes = "one pass" if len(times) == 1 else f"the fastest of {len(times)} passes"
    computer, threads = compute.describe_cpu(), compute.describe()["threads"]
    how = (
        f"Measured as this page was made: {passes} over {len(images):,} images in one call, pixels "
        f"to probabilities, on {computer['cpu']}, {_cores(computer['cores'])}"
    )
    if threads is not None:
        how += f", {threads} BLAS {'thread' if threads == 1 else 'threads'}"
    return Speed("reading", len(images) / min(times), f"{how}.")


def _cores(n: object) -> str:
    return f"{n} {'core' if n == 1 else 'cores'}"


def _commands(config: RunConfig | None, again: str, folder: Path) -> tuple[Command, ...]:
    page = Command("This page:", again)
    if config is None:
        return (page,)
    line = train_command(config)
    if line is None:
        return (page,)
    versions = read_versions(folder / CONFIG)
    conditions = ", ".join(
        f"{what} {versions[what]}" for what in versions if versions[what] is not None
    )
    return Command(
        f"The training, to the same bits where all of this is the same: {conditions}.", line
    ), page


def _remarks(
    name: str,
    measured: Evaluation,
    config: RunConfig | None,
    folder: Path,
) -> list[str]:
    remarks = []
    report = measured.report
    if measured.training_hashes is None:
        remarks.append(
            "No record of the training images: cannot check for leakage; some of the test images "
            "may be training images."
        )
    elif report.n_in_training:
        n = report.n + report.n_in_training
        remarks.append(
            f"{report.n_in_training:,} of {n:,} test images were seen in training or validation. "
            "They count for nothing here."
        )
    if name in NAMES:
        remarks.append(
            "It comes with glassnet: its epochs are not kept, its card says how it was trained, "
            "and 'make models' in the project trains it again."
        )
    elif config is None:
        remarks.append("This is a model without a run: how it was trained is not known.")
    elif train_command(config) is None:
        remarks.append(f"No single command trains it again; {folder / CONFIG} holds every setting.")
    return remarks
