"""The data of an HTML report, made without a run."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.evaluation.html_report.commands import Command
from glassnet.evaluation.html_report.examples import Example, choose_examples
from glassnet.evaluation.html_report.first_layer import FirstLayer
from glassnet.evaluation.html_report.report_data import ReportData
from glassnet.evaluation.html_report.speed import Speed

MakeReportData = Callable[..., ReportData]


class FixedPredictor:
    def __init__(self, probabilities: Any) -> None:
        self.probabilities = probabilities

    def predict_proba(self, X: Any) -> Any:
        return self.probabilities


def records(n: int, *, has_validation: bool = True) -> list[gn.EpochRecord]:
    return [
        gn.EpochRecord(
            epoch=epoch,
            step=10 * epoch,
            train_loss=2 / epoch,
            train_accuracy=1 - 0.5 / epoch,
            validation_loss=2.2 / epoch if has_validation else None,
            validation_accuracy=1 - 0.6 / epoch if has_validation else None,
            learning_rate=0.1,
            gradient_norms=(1.0,),
            dead=(),
            saturated_units=(),
            seconds=0.1,
            images_per_second=100.0,
        )
        for epoch in range(1, n + 1)
    ]


@pytest.fixture
def make_data() -> MakeReportData:
    def make(
        n: int = 40, n_classes: int = 3, *, is_correct: bool = False, **changes: Any
    ) -> ReportData:
        rng = np.random.default_rng([n, n_classes])
        probabilities = rng.dirichlet(np.ones(n_classes), n)
        labels = probabilities.argmax(axis=1) if is_correct else rng.integers(0, n_classes, n)
        split = gn.Split(rng.integers(0, 256, (n, 6, 5), np.uint8), labels)
        report = gn.evaluate(FixedPredictor(probabilities), split)
        data = ReportData(
            name="runs/fast-1",
            data="the test set of its run, bars",
            is_unseen=True,
            made_by="glassnet, today",
            report=report,
            classes=tuple(f"class {k}" for k in range(n_classes)),
            summary={"Network": "30 -> 3"},
            settings={"seed": "0"},
            histories={"runs/fast-1": records(3)},
            cells=choose_examples(report, split, probabilities, np.arange(n)),
            mistakes=[
                Example(m.index, m.label, probabilities[m.index], split.images[m.index])
                for m in report.mistakes
            ],
            first_layer=FirstLayer(
                pictures=rng.normal(size=(4, 6, 5)),
                units=(0, 2, 3, 7),
                n_units=9,
                caption="Showing 4 of 9.",
            ),
            speeds=[Speed("training", 1234.5, "Measured so.")],
            commands=[Command("This page:", "glassnet report runs/fast-1")],
            remarks=["Nobody knows."],
        )
        return replace(data, **changes)

    return make
