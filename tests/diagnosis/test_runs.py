"""Diagnosis of training runs, healthy or with one problem."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.dataset import Dataset
from glassnet.data.transforms.corruption import corrupt
from glassnet.diagnosis.experiments import EXPERIMENTS, HEALTHY
from glassnet.diagnosis.finding import CAUSES
from glassnet.nn.training import Training
from glassnet.recipes import TEXTBOOK
from glassnet.runs.build import build_training
from glassnet.runs.config import RunConfig

BASE = replace(TEXTBOOK, min_updates=0, full_pass=False, **{**HEALTHY, "batch_size": 32})
NETWORKS: tuple[dict[str, Any], ...] = (
    {},
    {"hidden": (40, 30), "optimizer": "adam", "learning_rate": 3e-3},
)


def train(dataset: Dataset, seed: int = 0, how: str | None = None, **change: Any) -> Training:
    config = RunConfig(recipe=replace(BASE, **change), data=dataset.name, seed=seed)
    training = build_training(config, corrupt(dataset, how, seed))
    try:
        for _ in training:
            pass
    except gn.NotFiniteError:
        pass
    return training


def test_every_cause_has_an_experiment() -> None:
    assert sorted(EXPERIMENTS) == sorted(CAUSES)
    assert all(name == experiment.cause for name, experiment in EXPERIMENTS.items())


@pytest.mark.parametrize("network", NETWORKS, ids=["one layer", "two layers"])
@pytest.mark.parametrize("cause", CAUSES)
def test_each_experiment_gives_its_cause(
    cause: str, network: dict[str, Any], pictures: Dataset
) -> None:
    change = {**network, **EXPERIMENTS[cause].change}
    how = change.pop("corrupt", None)
    training = train(pictures, 1, how, **change)
    findings = gn.diagnose(training, dataset=corrupt(pictures, how, 1))
    assert findings
    assert findings[0].cause == cause
    assert all(finding.experiment and finding.evidence for finding in findings)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"hidden": ()},
        {"hidden": (), "initializer": "zeros"},
        {"activation": ("tanh",), "initializer": "glorot"},
        {"activation": ("sigmoid",), "initializer": "glorot", "learning_rate": 0.5},
        {"hidden": (30, 20), "optimizer": "adam", "learning_rate": 2e-3},
        {"batch_norm": True, "learning_rate": 0.3},
        {"dropout": 0.3, "schedule": "warmup_cosine"},
        {"loss": "mean_squared_error", "learning_rate": 0.5},
        {"shuffle": False},
        {"batch_size": "full", "epochs": 150, "learning_rate": 0.5},
        {"epochs": 1},
        {"input_scale": 2.0},
        {"bias": 0.1, "gain": 0.5},
    ],
    ids=str,
)
def test_a_healthy_run_has_no_finding(change: dict[str, Any], pictures: Dataset) -> None:
    training = train(pictures, 2, **change)
    assert gn.diagnose(training, dataset=pictures) == ()


# Over-fitting needs more images, which no change of options gives.
@pytest.mark.parametrize("cause", sorted(set(CAUSES) - {"over-fitting"}))
def test_the_proposed_change_fixes_the_run(cause: str, pictures: Dataset) -> None:
    change = dict(EXPERIMENTS[cause].change)
    how = change.pop("corrupt", None)
    training = train(pictures, 3, how, **change)
    (finding, *_) = gn.diagnose(training, dataset=corrupt(pictures, how, 3))
    change |= finding.change
    how = change.pop("corrupt", how)
    again = train(pictures, 3, how, **change)
    assert gn.diagnose(again, dataset=corrupt(pictures, how, 3)) == ()
    accuracy = again.records[-1].validation_accuracy
    assert accuracy is not None
    assert accuracy > 0.6


def test_records_and_a_network_can_be_diagnosed(pictures: Dataset) -> None:
    net = gn.mlp([64, 20, 10], initializer="zeros", rng=0)
    records = list(gn.train(net, pictures.train, epochs=2, rng=0))
    assert gn.diagnose(records, net)[0].cause == "zero-initialisation"
    assert gn.diagnose(records)[0].cause == "zero-initialisation"


def test_a_run_with_a_nan_is_diagnosed_from_the_record_of_its_error(pictures: Dataset) -> None:
    net = gn.mlp([64, 20, 20, 10], rng=0)
    with pytest.raises(gn.NotFiniteError) as caught:
        list(gn.train(net, pictures.train, learning_rate=1e30, epochs=2, rng=0))
    found = [finding.cause for finding in gn.diagnose([caught.value.record], net)]
    assert found[0] == "learning-rate-too-high"  # the cause of the NaN
    assert "not-finite" in found


def test_a_network_with_a_nan_is_diagnosed_without_records() -> None:
    net = gn.mlp([4, 3, 2], rng=0)
    net.params["W2"][1, 1] = np.nan
    assert [finding.cause for finding in gn.diagnose([], net)] == ["not-finite"]


def test_unscaled_input_comes_before_the_overflow_it_causes(pictures: Dataset) -> None:
    found = gn.diagnose(train(pictures, 0, input_scale=1e15, hidden=(20, 20, 20)))
    assert found[0].cause == "unscaled-input"
    assert "not-finite" in {finding.cause for finding in found}


def test_a_validation_part_with_training_images_is_a_leak(pictures: Dataset) -> None:
    net = gn.mlp([64, 20, 10], rng=0)
    training = gn.train(net, pictures.train, validation=pictures.train, epochs=2, rng=0)
    for _ in training:
        pass
    assert gn.diagnose(training)[0].cause == "train-test-leak"
