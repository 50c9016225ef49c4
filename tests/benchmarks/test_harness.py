"""Benchmark harness: equal tasks, failed backends and the report."""

import copy
from typing import Any

import numpy as np
import pytest

from benchmarks.backends.glassnet_backend import Glassnet
from benchmarks.backends.matmul_only import MatmulOnly
from benchmarks.backends.task import Deck, Task
from benchmarks.harness import compare_losses, default_environment, time_backends
from benchmarks.report import ratio, target, to_markdown

TASK = Task((784, 16, 10), 20, "sgd", 100)


def test_a_deck_deals_every_row_once_per_epoch() -> None:
    deck = Deck(TASK)
    first, second = deck.deal(5), deck.deal(5)
    for rows in (first, second):
        assert sorted(rows.ravel()) == list(range(100))
    assert not np.array_equal(first, second)
    assert deck.deal(7).shape == (7, 20)


def test_a_deck_deals_the_batches_that_glassnet_trains_on() -> None:
    backend, deck = Glassnet(TASK), Deck(TASK)
    x = TASK.images[deck.deal(1)[0]] / np.float32(255)
    params = TASK.parameters()
    z = np.maximum(x @ params["W1"], 0) @ params["W2"]
    labels = TASK.labels[Deck(TASK).deal(1)[0]]
    p = np.exp(z.astype(float))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(20), labels]).mean()
    assert backend.train(1) == [pytest.approx(loss, rel=1e-6)]
    singles = [backend.train(1)[0] for _ in range(8)]  # the fifth step ends an epoch
    assert all(0 < loss < 4 for loss in singles)
    assert backend.train(3) == []


def test_the_matmul_backend_has_no_losses() -> None:
    assert MatmulOnly(TASK).train(2) == []


def test_losses_are_compared_with_those_of_glassnet() -> None:
    compared = compare_losses({"glassnet": [2.0, 1.0], "jax": [2.001, 0.998], "products": []})
    assert compared == {"jax": pytest.approx(2e-3)}


class FakeBackend:
    """Backend without a process: fixed microseconds per step and losses."""

    def __init__(self, name: str, microseconds: float, losses: list[float]) -> None:
        self.name, self.microseconds, self.losses = name, microseconds, losses

    def request(self, **content: Any) -> dict[str, Any]:
        if self.microseconds < 0:
            raise ChildProcessError(f"{self.name}: the process ended")
        return {"losses": self.losses}

    def time(self, n_steps: int) -> float:
        return self.microseconds


def test_backends_that_end_or_differ_have_failed_and_the_others_continue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("benchmarks.harness.PAUSE", 0)
    backends: list[Any] = [
        FakeBackend("glassnet", 100, [1.0]),
        FakeBackend("products", 50, []),
        FakeBackend("pytorch", 300, [1.00001]),
        FakeBackend("jax", 10, [1.001]),
        FakeBackend("scikit-learn", -1, [1.0]),
        FakeBackend("pytorch-compiled", 10, [float("nan")]),
    ]
    found = time_backends(backends, TASK, 4)["backends"]
    assert found["glassnet"]["units"] == [100] * 4
    assert found["products"]["min"] == found["products"]["median"] == 50
    assert found["pytorch"]["min"] == 300
    assert found["jax"] == {"failed": "its losses differ from glassnet's by 1.0e-03"}
    assert found["scikit-learn"] == {"failed": "scikit-learn: the process ended"}
    assert "differ" in found["pytorch-compiled"]["failed"]


def test_kernel_and_thread_settings_are_removed_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setenv("UNRELATED", "2")
    assert not {"OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS"} & set(default_environment())
    assert default_environment()["UNRELATED"] == "2"


CELL: dict[str, Any] = {
    "task": {"sizes": [784, 128, 10], "batch_size": 32, "optimizer": "adam", "n_images": 51200},
    "backends": {
        "glassnet": {"min": 100.0, "median": 110.0},
        "jax": {"min": 45.0, "median": 66.0},
        "pytorch": {"min": 300.0, "median": 220.0},
        "scikit-learn": {"failed": "it died"},
    },
}
MACHINE: dict[str, Any] = {
    "when": "2026-11-22",
    "cpu": "A CPU",
    "cores": 2,
    "python": "3",
    "numpy": "2",
    "blas": "openblas",
    "kernel": "Haswell",
    "threads": 2,
    "gflops": [1, 2, 3],
}


def test_a_ratio_divides_the_fastest_times() -> None:
    assert ratio(CELL, "pytorch") == 3.0
    assert ratio(CELL, "scikit-learn") is None
    assert ratio(CELL, "onnxruntime") is None


def test_the_target_depends_on_the_task() -> None:
    task = CELL["task"]
    assert target("jax", task) == 0.5
    assert target("jax", task | {"batch_size": 128}) == 0.7
    assert target("jax", task | {"batch_size": 128, "optimizer": "sgd"}) == 0.8
    assert target("pytorch", task) == 1.4
    assert target("products", task) == 0


def test_the_table_marks_missed_targets_and_failures() -> None:
    table = to_markdown({"machine": MACHINE, "steps": [CELL]})
    row = next(line for line in table.splitlines() if line.startswith("| 784-128-10"))
    assert row == "| 784-128-10 | 32 | adam | 100 | 3.00 (2.00) | 0.45 (0.60) ! | failed |"
    grown = CELL | {"along": "width", "backends": CELL["backends"] | {"jax": {"failed": "x"}}}
    assert "| 3.12 | 9.38 | failed |" in to_markdown({"machine": MACHINE, "growth": [grown]})
    better = copy.deepcopy(CELL)
    better["backends"]["jax"]["min"] = 50.0
    assert "0.50 (0.60) |" in to_markdown({"machine": MACHINE, "steps": [better]})
