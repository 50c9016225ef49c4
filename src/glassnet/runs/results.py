"""Results: model, metrics and pictures at the end of a run."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.dataset import Dataset, Split
from glassnet.evaluation.calibration import fit_temperature
from glassnet.evaluation.curves import draw_curves
from glassnet.evaluation.report import Report, evaluate
from glassnet.files import write_atomically
from glassnet.models.files import MODEL, save
from glassnet.models.model import Model
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.runs.config import RunConfig
from glassnet.runs.folder import METRICS
from glassnet.runs.pictures import draw_report

MIN_MISTAKES = 10  # on the validation set, to fit a temperature


def write_results(
    folder: Path,
    config: RunConfig,
    model: Model,
    dataset: Dataset,
    records: Sequence[EpochRecord],
) -> tuple[dict[str, Any], Report | None]:
    """Calibrate a trained model, and write the model, its metrics and its pictures.

    The metrics are written before the pictures, so that they are kept if drawing fails.

    Returns
    -------
    metrics : dict
        Content of ``metrics.json``; metrics of a missing set are None.
    report : Report or None
        Report on the test set; None without one.
    """
    held_out, test = dataset.validation, dataset.test
    if held_out is not None:
        model = calibrate(model, held_out)
    save(model, folder / MODEL)
    report = None if test is None else evaluate(model, test, dataset.image_hashes.training)
    last = records[-1] if records else None
    metrics = {
        "run": str(folder),
        "data": config.data,
        "recipe": config.recipe.name,
        "seed": config.seed,
        "epochs": len(records),
        "steps": last.step if last else 0,
        "seconds": round(sum(record.seconds for record in records), 3),
        "n_train": len(dataset.train),
        "train_loss": last.train_loss if last else None,
        "train_accuracy": last.train_accuracy if last else None,
        "validation_loss": last.validation_loss if last else None,
        "validation_accuracy": last.validation_accuracy if last else None,
        "temperature": model.temperature,
        **test_metrics(report),
    }
    write_atomically(folder / METRICS, (json.dumps(metrics, indent=2) + "\n").encode())
    if config.pictures:
        write_atomically(folder / "curves.png", draw_curves(records))
        if report is not None and test is not None:
            draw_report(report, test, folder)
    return metrics, report


def calibrate(model: Model, held_out: Split) -> Model:
    """Fit a trained model's temperature on the validation set.

    A model with fewer than 10 mistakes keeps its temperature, since these are too few to fit one.
    """
    raw = replace(model, temperature=1.0)
    probabilities = raw.predict_proba(held_out.images)
    if np.count_nonzero(probabilities.argmax(axis=1) != held_out.labels) < MIN_MISTAKES:
        return model
    return replace(raw, temperature=fit_temperature(probabilities, held_out.labels))


def test_metrics(report: Report | None) -> dict[str, Any]:
    """Return the test metrics for ``metrics.json``; they are None if there is no report."""
    return {
        "test_loss": report.loss if report else None,  # the cross-entropy, for every training loss
        "test_accuracy": report.accuracy if report else None,
        "test_accuracy_interval": report.accuracy_interval if report else None,
        "test_calibration_error": report.calibration_error if report else None,
        "n_test": report.n if report else None,
        "n_test_leaked": report.n_in_training if report else None,
    }
