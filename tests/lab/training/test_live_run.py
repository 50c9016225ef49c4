"""Live runs: pause, step, rewind, queue and failure."""

import threading
import time
from typing import Any

import numpy as np
import pytest

from glassnet.diagnosis.experiments import EXPERIMENTS, HEALTHY
from glassnet.errors import ConfigError
from glassnet.lab.catalog import Catalog
from glassnet.lab.training.live_run import LiveRun
from glassnet.lab.training.options import MAIN, TrainingOptions
from glassnet.lab.training.queue import TrainingQueue
from glassnet.lab.training.snapshot_history import N_SNAPSHOTS, plan_snapshots

NO_LIMIT = 10**9  # bytes


def content(state: dict[str, Any]) -> dict[str, Any]:
    """Return the arrays in nested dictionaries as bytes."""
    return {
        name: content(value) if isinstance(value, dict) else value.tobytes()
        for name, value in state.items()
        if isinstance(value, dict | np.ndarray)
    }


def make(catalog: Catalog, max_bytes: int = NO_LIMIT, **options: object) -> LiveRun:
    chosen = TrainingOptions.choose(**{"hidden": (12,), "n_train": 500, "epochs": 4, **options})
    return LiveRun("run-1", chosen, catalog.subset(chosen.n_train, chosen.seed), max_bytes)


def weights(run: LiveRun) -> dict[str, bytes]:
    return {name: W.tobytes() for name, W in run.training.network.params.items()}


def finish(run: LiveRun) -> None:
    while run.status not in ("done", "failed"):
        run.advance()


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam", "adamw"])
def test_a_rewound_run_ends_in_the_same_bits(optimizer: str, images: Catalog) -> None:
    uninterrupted, rewound = (
        make(images, optimizer=optimizer, learning_rate=0.01) for _ in range(2)
    )
    finish(uninterrupted)
    finish(rewound)
    saved = {snapshot.step: content(snapshot.state) for snapshot in rewound.history.snapshots}
    for step in (14, 3, 0):  # in the second epoch, in the first, before the first batch
        place = max(s for s in saved if s <= step)
        rewound.rewind(place)
        assert rewound.step == place
        assert rewound.status == "paused"
        for name, bits in weights(rewound).items():
            assert bits == saved[place]["network"]["params"][name]
        finish(rewound)
        assert weights(rewound) == weights(uninterrupted)
    assert rewound.readings == uninterrupted.readings
    assert [r.train_loss for r in rewound.training.records] == [
        r.train_loss for r in uninterrupted.training.records
    ]


def test_advance_makes_one_step(images: Catalog) -> None:
    run = make(images)
    before = weights(run)
    run.advance()
    assert run.step == 1
    assert weights(run) != before


def test_a_live_run_learns(images: Catalog) -> None:
    run = make(images, hidden=(32,), n_train=3_000, epochs=6)
    finish(run)
    assert run.readings[-1]["accuracy"] > 0.85
    assert run.readings[0]["accuracy"] < 0.4
    assert run.describe()["findings"] == []


def test_a_new_learning_rate_applies_until_a_rewind(images: Catalog) -> None:
    run = make(images)
    for _ in range(10):
        run.advance()
    run.set_learning_rate(0.5)
    run.advance()
    assert run.describe()["learning_rate"] == 0.5
    run.rewind(0)
    run.advance()
    assert run.describe()["learning_rate"] == 0.1
    with pytest.raises(ConfigError, match="learning_rate: needs a number above 0"):
        run.set_learning_rate(float("nan"))


def test_a_resumed_run_drops_later_readings_and_snapshots(
    images: Catalog,
) -> None:
    run = make(images)
    finish(run)
    n_readings, steps = len(run.readings), [snapshot.step for snapshot in run.history.snapshots]
    run.rewind(steps[3])
    assert len(run.readings) == n_readings  # later readings are kept until the run resumes
    run.rewind(steps[-2])
    run.rewind(steps[3])
    run.advance()
    assert run.readings[-1]["step"] <= steps[3] + 1
    assert [snapshot.step for snapshot in run.history.snapshots][:4] == steps[:4]
    with pytest.raises(ConfigError, match="needs a step with a snapshot, one of 0, 1"):
        run.rewind(steps[-2])


@pytest.mark.parametrize("n_steps", [1, 2, 30, 400, 90_000])
def test_snapshots_are_spaced_logarithmically(n_steps: int) -> None:
    steps = sorted(plan_snapshots(n_steps))
    assert steps[0] == 0
    assert steps[-1] == n_steps
    assert len(steps) <= N_SNAPSHOTS
    if n_steps > 1_000:
        late = np.diff(np.log(steps[15:]))
        assert late.max() < 1.3 * late.min()


def test_every_second_snapshot_is_dropped_above_the_memory_limit(images: Catalog) -> None:
    complete = make(images)
    finish(complete)
    max_bytes = complete.history.snapshots[0].nbytes * 8
    short = make(images, max_bytes=max_bytes)
    finish(short)
    assert short.history.nbytes <= max_bytes
    assert short.history.snapshots[0].step == 0
    assert weights(short) == weights(complete)


def test_a_failed_run_has_a_finding_and_can_be_rewound(images: Catalog) -> None:
    run = make(images, experiment="not-finite")
    finish(run)
    described = run.describe()
    assert described["status"] == "failed"
    assert "\n" not in described["message"]
    assert described["findings"][0]["cause"] == "not-finite"
    run.rewind(0)
    assert run.status == "paused"


@pytest.mark.parametrize("cause", EXPERIMENTS)
def test_every_experiment_is_diagnosed(cause: str, images: Catalog) -> None:
    values = {**HEALTHY, **EXPERIMENTS[cause].change}
    shown = {name: value for name, value in values.items() if name in MAIN}
    run = make(images, **shown, n_train=5_000, experiment=cause)
    finish(run)
    assert run.describe()["findings"][0]["cause"] == cause


def test_runs_above_the_limit_are_queued(images: Catalog) -> None:
    queue = TrainingQueue(2)
    runs = [make(images, epochs=100) for _ in range(4)]
    for run in runs:
        run.pace = 50
        queue.enter(run)
    wait_for(lambda: [run.status for run in runs].count("running") == 2)
    assert [queue.place(run) for run in runs] == [0, 0, 1, 2]
    queue.leave(runs[0])
    wait_for(lambda: runs[2].status == "running")
    assert runs[0].status == "paused"
    queue.leave(runs[3])  # a queued run can be paused too
    assert (runs[3].status, runs[3].step) == ("paused", 0)
    queue.close()
    wait_for(lambda: threading.active_count() < 100)


def test_a_run_resumed_at_once_is_trained_by_one_thread(
    images: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, run = TrainingQueue(2), make(images, epochs=100)
    advance, threads = run.advance, list[int]()

    def note_thread() -> object:
        threads.append(threading.get_ident())
        return advance()

    monkeypatch.setattr(run, "advance", note_thread)
    run.pace = 20
    queue.enter(run)
    wait_for(lambda: run.status == "running")
    for _ in range(5):
        queue.leave(run)
        queue.enter(run)
        wait_for(lambda: run.status == "running")
    n_before = len(threads)
    wait_for(lambda: len(threads) >= n_before + 12)
    assert len(set(threads[n_before + 2 :])) == 1  # a step may still end in the thread before
    queue.leave(run)
    queue.close()


def test_an_unexpected_error_fails_the_run_but_not_the_queue(
    images: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, broken, complete = TrainingQueue(1), make(images), make(images)
    monkeypatch.setattr(broken, "advance", lambda: 1 / 0)
    queue.enter(broken)
    wait_for(lambda: broken.status == "failed")
    assert "ZeroDivisionError" in broken.message
    queue.enter(complete)
    wait_for(lambda: complete.status == "done")
    queue.close()


def test_describe_does_not_wait_for_the_run(images: Catalog) -> None:
    queue, run = TrainingQueue(1), make(images, hidden=(64,), n_train=3_000, epochs=100)
    queue.enter(run)
    wait_for(lambda: run.step > 5)
    assert run.describe()["status"] == "running"
    assert run.model().predict(np.zeros((1, 28, 28), np.uint8)).shape == (1,)
    assert run.status == "running"
    queue.leave(run)
    queue.close()


def wait_for(condition: object, seconds: float = 30.0) -> None:
    until = time.perf_counter() + seconds
    while not condition():  # type: ignore[operator]
        assert time.perf_counter() < until
        time.sleep(0.005)
