"""Each rule on synthetic records, on both sides of its limits."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from glassnet.diagnosis.case import Case
from glassnet.diagnosis.causes import find_causes
from glassnet.diagnosis.drawing import draw_finding
from glassnet.diagnosis.finding import CAUSES, Finding
from glassnet.diagnosis.learning_rate import round_rate_down
from glassnet.lab.api.words import english_words
from glassnet.nn.monitoring.epoch_record import EpochRecord

Records = Callable[..., list[EpochRecord]]
POOR: dict[str, Any] = {"train_accuracy": 0.12, "validation_accuracy": 0.12}


def causes(records: list[EpochRecord], **more: Any) -> list[str]:
    return [finding.cause for finding in find_causes(Case(records, **more))]


def test_healthy_records_have_no_finding(records: Records) -> None:
    assert causes(records()) == []
    assert causes([]) == []
    assert causes(records()[:1]) == []


@pytest.mark.parametrize(
    ("cause", "sick", "well"),
    [
        ("unscaled-input", {"input_scale": 3.1}, {"input_scale": 2.9}),
        ("unscaled-input", {"input_scale": 0.004}, {"input_scale": 0.03}),
        ("rows-not-shuffled", {"label_order": 0.9}, {"label_order": 0.4}),
        (
            "labels-shuffled",
            {"label_dependence": 1.0, "validation_accuracy": 0.11},
            {"label_dependence": 9.0, "validation_accuracy": 0.11},
        ),
        (
            "labels-shuffled",  # a network can learn what the nearest mean image cannot predict
            {"label_dependence": 1.0, "validation_accuracy": 0.15},
            {"label_dependence": 1.0, "validation_accuracy": 0.6},
        ),
        (
            "labels-shuffled",
            {"label_dependence": -1.0, "validation_accuracy": None, "validation_loss": None},
            {"label_dependence": 30.0, "validation_accuracy": None, "validation_loss": None},
        ),
        ("zero-initialisation", {"unit_similarity": (0.02, 1.0)}, {"unit_similarity": (0.5, 0.9)}),
        (
            "learning-rate-too-high",
            {"update_ratios": (0.1, 0.4, 2.0), "peak_loss": 9.0, **POOR},
            {"update_ratios": (0.1, 0.1, 0.2), "peak_loss": 9.0, **POOR},
        ),
        (
            "learning-rate-too-high",  # long steps without harm are not too long
            {"update_ratios": (0.1, 0.4, 0.5), "peak_loss": 9.0, **POOR},
            {"update_ratios": (0.1, 0.4, 0.5), "peak_loss": 9.0},
        ),
        (
            "learning-rate-too-low",
            {"update_ratios": (1e-5, 1e-4, 1e-4), **POOR},
            {"update_ratios": (1e-5, 1e-2, 1e-4), **POOR},
        ),
        ("dead-relus", {"dead": (0.6, 0.0)}, {"dead": (0.4, 0.4)}),
        ("saturated-sigmoids", {"saturated_units": (0.0, 0.6)}, {"saturated_units": (0.4, 0.4)}),
        (
            "saturated-sigmoids",  # a network that learns may have saturated activations
            {"saturated_activations": (0.4, 0.0), "first_loss": 20.0, "peak_loss": 20.0},
            {"saturated_activations": (0.4, 0.0)},
        ),
        (
            "vanishing-gradients",
            {"gradient_norms": (1e-4, 1e-2, 0.3), **POOR},
            {"gradient_norms": (1e-1, 1e-1, 0.3), **POOR},
        ),
        (
            "vanishing-gradients",  # a network that learns may have a small gradient
            {"gradient_norms": (6e-3, 1e-2, 0.3), **POOR},
            {"gradient_norms": (6e-3, 1e-2, 0.3)},
        ),
    ],
)
def test_each_rule_applies_from_its_limit_on(
    cause: str, sick: dict[str, Any], well: dict[str, Any], records: Records
) -> None:
    assert causes(records(**sick)) == [cause]
    assert causes(records(**well)) == []


def _later(records: Records, **changes: Any) -> list[EpochRecord]:
    first, second = records()
    return [first, replace(second, **changes)]


def _fit(records: Records, losses: list[float], **changes: Any) -> list[EpochRecord]:
    first, second = records()
    learnt = replace(second, **{"train_accuracy": 0.99, "train_loss": 0.02, **changes})
    return [first, *(replace(learnt, epoch=k, validation_loss=x) for k, x in enumerate(losses, 2))]


def test_over_fitting_is_a_rising_validation_loss(records: Records) -> None:
    assert causes(_fit(records, [0.4, 0.5, 0.6, 0.65])) == ["over-fitting"]
    assert causes(_fit(records, [0.4, 0.42, 0.42, 0.42])) == ["over-fitting"]
    assert causes(_fit(records, [0.5, 0.4, 0.4, 0.4])) == []  # no rise
    assert causes(_fit(records, [0.4, 0.4, 0.4, 0.8])) == []  # a jump in one epoch
    near: dict[str, Any] = {"validation_accuracy": 0.93}  # six points apart
    assert causes(_fit(records, [0.4, 0.5, 0.5, 0.5], **near)) == []
    assert causes(_fit(records, [0.4, 0.7, 0.7, 0.7], **near)) == ["over-fitting"]
    assert causes(_fit(records, [0.4, 0.7, 0.7, 0.7], train_loss=0.3)) == []  # hardly less
    (finding,) = find_causes(Case(_fit(records, [0.4, 0.5, 0.6, 0.65])))
    assert finding.change["epochs"] == 2


def test_causes_of_a_nan_come_before_it(records: Records) -> None:
    broken = {"train_loss": math.nan, "train_accuracy": math.nan, "peak_loss": math.nan}
    assert causes(_later(records, **broken)) == ["not-finite"]
    jumped = broken | {"update_ratios": (4.0, math.inf, math.nan)}
    assert causes(_later(records, **jumped)) == ["learning-rate-too-high", "not-finite"]
    unscaled = [replace(record, input_scale=85.0) for record in _later(records, **jumped)]
    assert causes(unscaled)[0] == "unscaled-input"


def test_a_high_learning_rate_comes_before_the_dead_relus(records: Records) -> None:
    sick = records(update_ratios=(3.0, 9.0, 9.0), peak_loss=80.0, dead=(1.0, 1.0), **POOR)
    assert causes(sick) == ["learning-rate-too-high", "dead-relus"]


def test_leaked_images_are_counted(records: Records) -> None:
    train, test = np.arange(1000, dtype=np.uint64), np.arange(990, 1190, dtype=np.uint64)
    (finding,) = find_causes(Case(records(), hashes={"train": train, "test": test}))
    assert finding.cause == "train-test-leak"
    assert finding.evidence[0].value == 0.05
    assert causes(records(), hashes={"train": train, "test": test[10:]}) == []
    assert causes(records(), hashes={"train": train}) == []
    # An image that is in the test set twenty times counts twenty times.
    repeated = np.concatenate([np.full(20, 5, np.uint64), np.arange(2000, 2080, dtype=np.uint64)])
    (finding,) = find_causes(Case(records(), hashes={"train": train, "test": repeated}))
    assert finding.evidence[0].value == 0.2


def _every_finding(records: Records) -> list[Finding]:
    sick = records(
        input_scale=85.0,
        label_order=1.0,
        label_dependence=0.0,
        unit_similarity=(1.0, 1.0),
        update_ratios=(5.0, math.inf, 1.0),
        peak_loss=math.inf,
        dead=(1.0, 0.0),
        saturated_units=(1.0, 0.0),
        gradient_norms=(0.0, 0.1, 0.2),
        **POOR,
    )
    slow = records(update_ratios=(1e-6, 1e-6, 1e-6), **POOR)
    broken = _later(records, train_loss=math.nan, trajectory=(0.5, math.nan, math.nan))
    fitted = _fit(records, [0.4, 0.7, 0.7, 0.7])
    hashes = {"train": np.arange(9, dtype=np.uint64), "test": np.arange(9, dtype=np.uint64)}
    cases = Case(sick, hashes=hashes), Case(slow), Case(broken), Case(fitted)
    return [finding for case in cases for finding in find_causes(case)]


def test_every_finding_can_be_written_as_json_and_drawn(records: Records) -> None:
    found = _every_finding(records)
    assert {finding.cause for finding in found} == set(CAUSES)
    for finding in found:
        plain = json.loads(json.dumps(finding.to_dict(), allow_nan=False))
        assert plain["cause"] == finding.cause
        assert finding.explanation.count(". ") == 1
        assert finding.explanation.endswith(".")
        heights = finding.picture.series.values()
        assert all(len(row) == len(finding.picture.x) for row in heights)
        assert draw_finding(finding).startswith(b"\x89PNG")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_has_words_for_every_key(records: Records, language: str) -> None:
    path = files("glassnet.lab") / "static" / "words" / f"{language}.json"
    words = json.loads(path.read_text("utf-8")) | (english_words() if language == "en" else {})
    for finding in _every_finding(records):
        picture = finding.picture
        keys = {f"cause.{finding.cause}", f"shown.{finding.cause}"}
        keys |= {f"evidence.{evidence.name}" for evidence in finding.evidence}
        keys |= {f"word.{name}" for name in picture.series}
        keys |= {f"word.{x}" for x in picture.x if isinstance(x, str)}
        if picture.kind == "lines":
            keys.add(f"word.{picture.x_label}")
        assert keys <= set(words)


@pytest.mark.parametrize(
    ("rate", "rounded"), [(0.3, 0.2), (0.05, 0.05), (0.0999, 0.05), (1e-9, 1e-6), (7.0, 5.0)]
)
def test_proposed_learning_rates_are_round(rate: float, rounded: float) -> None:
    assert round_rate_down(rate) == rounded
