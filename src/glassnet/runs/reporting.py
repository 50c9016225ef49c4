"""Reporting: collect the content of the HTML report from a run's folder."""

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

SPEED_SECONDS = 1.0  # predictions are repeated for this long, to measure their speed
N_PASSES = 5


def gather(name: str, measured: Evaluation, again: str, shifts: int = 0) -> ReportData:
    """Collect the content of the HTML report.

    Parameters
    ----------
    name : str
        A run's folder, a model file, or the name of a shipped model.
    again : str
        The command that writes the report.
    shifts : int
        Test-time shifts of the evaluation; see `glassnet.models.model.Model.predict_proba`.

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
        summary=_describe_model(model, config, read_metrics(folder / METRICS), name),
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


def _describe_model(
    model: Model, config: RunConfig | None, metrics: Mapping[str, Any], name: str
) -> dict[str, str]:
    summary = {"Network": describe(model.members)}
    if model.image_shape is not None:
        summary["Images"] = "{} x {} pixels".format(*model.image_shape)
    summary["Classes"] = f"{model.n_classes}: {', '.join(model.classes)}"
    if config is not None:
        recipe = config.recipe
        n_train = metrics.get("n_train")
        many = "" if n_train is None else f", {n_train:,} training images"
        summary["Data"] = f"{config.data}{many}"
        summary["Recipe"] = (
            f"{recipe.name}: {recipe.optimizer}, learning rate {recipe.learning_rate:g}, "
            f"{recipe.schedule}, batches of {recipe.batch_size}, seed {config.seed}"
        )
        if "seconds" in metrics:
            epochs = f", {metrics['epochs']} epochs" if "epochs" in metrics else ""
            summary["Training"] = f"{metrics['seconds']:,.1f} s{epochs}"
    elif name in NAMES:
        summary["Data"] = "mnist, all 60,000 training images"
        summary["Recipe"] = f"see its model card, {name}.md, in the package"
    source = config.data if config is not None else "mnist" if name in NAMES else None
    if source in REGISTRY:
        summary["Image credits"] = f"{REGISTRY[source].credits}; {REGISTRY[source].licence}"
    if model.temperature != 1:
        summary["Temperature"] = (
            f"{model.temperature:.3g}: above 1 it lowers the confidence, below 1 it raises it"
        )
    if model.threshold is not None:
        summary["Threshold"] = f"{model.threshold:.4g}: less confident predictions count as unsure"
    return summary


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
        f"Mean of {len(records)} epochs, {seconds:,.1f} s of updates{on}. Evaluation on the "
        "validation set is not counted."
    )
    return [Speed("training", mean, how)]


def _prediction_speed(measured: Evaluation, shifts: int) -> Speed:
    """Measure prediction speed for one second, after a first pass that allocates memory."""
    images = measured.split.images
    times = [measured.seconds]
    while sum(times) < SPEED_SECONDS and len(times) < N_PASSES:
        begun = time.perf_counter()
        measured.model.predict_proba(images, shifts=shifts)
        times.append(time.perf_counter() - begun)
    passes = "one pass" if len(times) == 1 else f"the fastest of {len(times)} passes"
    computer, threads = compute.describe_cpu(), compute.describe()["threads"]
    how = (
        f"Measured while this report was made: {passes} over {len(images):,} images in one call, "
        f"from pixels to probabilities, on {computer['cpu']}, {_cores(computer['cores'])}"
    )
    if threads is not None:
        how += f", {threads} BLAS {'thread' if threads == 1 else 'threads'}"
    return Speed("prediction", len(images) / min(times), f"{how}.")


def _cores(n: object) -> str:
    return f"{n} {'core' if n == 1 else 'cores'}"


def _commands(config: RunConfig | None, again: str, folder: Path) -> tuple[Command, ...]:
    page = Command("This report:", again)
    if config is None:
        return (page,)
    line = train_command(config)
    if line is None:
        return (page,)
    versions = read_versions(folder / CONFIG)
    conditions = ", ".join(
        f"{name} {version}" for name, version in versions.items() if version is not None
    )
    return Command(
        f"The training run, bit for bit if all of these are the same: {conditions}.", line
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
            "They are left out."
        )
    if name in NAMES:
        remarks.append(
            "This model ships with glassnet: its epochs were not recorded, its card describes the "
            "training run, and 'make models' in the repository repeats it."
        )
    elif config is None:
        remarks.append("This model file belongs to no run, so how it was trained is unknown.")
    elif train_command(config) is None:
        remarks.append(
            f"No single command reproduces the run; {folder / CONFIG} holds its settings."
        )
    return remarks
