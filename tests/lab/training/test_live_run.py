"""Runs that can be paused, stepped, rewound and broken."""

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

MANY = 10**9


def content(state: dict[str, Any]) -> dict[str, Any]:
    """Return the arrays of nested dictionaries as bytes."""
    return {
        name: content(value) if isinstance(value, dict) else value.tobytes()
        for name, value in state.items()
        if isinstance(value, dict | np.ndarray)
    }


def make(catalog: Catalog, max_bytes: int = MANY, **options: object) -> LiveRun:
    chosen = TrainingOptions.choose(**{"hidden": (12,), "n_train": 500, "epochs": 4, **options})
    return LiveRun("one", chosen, catalog.subset(chosen.n_train, chosen.seed), max_bytes)


def weights(run: LiveRun) -> dict[str, bytes]:
    return {name: W.tobytes() for name, W in run.training.network.params.items()}


def finish(run: LiveRun) -> None:
    while run.status not in ("done", "failed"):
        run.advance()


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam", "adamw"])
def test_going_on_from_a_rewind_ends_in_the_same_bits(optimizer: str, images: Catalog) -> None:
    straight, turned = (make(images, optimizer=optimizer, learning_rate=0.01) for _ in range(2))
    finish(straight)
    finish(turned)
    marks = {snapshot.step: content(snapshot.state) for snapshot in turned.history.snapshots}
    for step in (14, 3, 0):  # in the second epoch, in the first, before the first batch
        place = max(s for s in marks if s <= step)
        turned.rewind(place)
        assert turned.step == place
        assert turned.status == "paused"
        for name, bits in weights(turned).items():
            assert bits == marks[place]["network"]["params"][name]
        finish(turned)
        assert weights(turned) == weights(straight)
    assert turned.readings == straight.readings
    assert [r.train_loss for r in turned.training.records] == [
        r.train_loss for r in straight.training.records
    ]


def test_a_batch_is_one_step(images: Catalog) -> None:
    run = make(images)
    before = weights(run)
    run.advance()
    assert run.step == 1
    assert weights(run) != before


def test_it_learns(images: Catalog) -> None:
    run = make(images, hidden=(32,), n_train=3_000, epochs=6)
    finish(run)
    assert run.readings[-1]["accuracy"] > 0.85
    assert run.readings[0]["accuracy"] < 0.4
    assert run.describe()["findings"] == []


def test_another_rate_counts_from_there_on_and_is_forgotten_by_a_rewind(images: Catalog) -> None:
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


def test_what_comes_after_a_rewind_is_forgotten_when_it_goes_on(images: Catalog) -> None:
    run = make(images)
    finish(run)
    n_readings, steps = len(run.readings), [snapshot.step for snapshot in run.history.snapshots]
    run.rewind(steps[3])
    assert len(run.readings) == n_readings  # still to be seen, and to be gone to
    run.rewind(steps[-2])
    run.rewind(steps[3])
    run.advance()
    assert run.readings[-1]["step"] <= steps[3] + 1
    assert [snapshot.step for snapshot in run.history.snapshots][:4] == steps[:4]
    with pytest.raises(ConfigError, match="there are snapshots after steps 0, 1"):
        run.rewind(steps[-2])


@pytest.mark.parametrize("n_steps", [1, 2, 30, 400, 90_000])
def test_snapshots_are_spaced_by_the_logarithm(n_steps: int) -> None:
    steps = sorted(plan_snapshots(n_steps))
    assert steps[0] == 0
    assert steps[-1] == n_steps
    assert len(steps) <= N_SNAPSHOTS
    if n_steps > 1_000:
        late = np.diff(np.log(steps[15:]))
        assert late.max() < 1.3 * late.min()


def test_where_memory_is_short_every_second_snapshot_goes(images: Catalog) -> None:
    whole = make(images)
    finish(whole)
    most = whole.history.snapshots[0].nbytes * 8
    short = make(images, max_bytes=most)
    finish(short)
    assert short.history.nbytes <= most
    assert short.history.snapshots[0].step == 0
    assert weights(short) == weights(whole)


def test_a_broken_one_says_so_and_can_be_taken_back(images: Catalog) -> None:
    run = make(images, experiment="not-finite")
    finish(run)
    described = run.describe()
    assert described["status"] == "failed"
    assert "\n" not in described["message"]
    assert described["findings"][0]["cause"] == "not-finite"
    run.rewind(0)
    assert run.status == "paused"


@pytest.mark.parametrize("cause", EXPERIMENTS)
def test_each_way_to_break_it_is_named(cause: str, images: Catalog) -> None:
    values = {**HEALTHY, **EXPERIMENTS[cause].change}
    shown = {name: value for name, value in values.items() if name in MAIN}
    run = make(images, **shown, n_train=5_000, experiment=cause)
    finish(run)
    assert run.describe()["findings"][0]["cause"] == cause


def test_so_many_run_and_the_rest_wait_in_line(images: Catalog) -> None:
    queue = TrainingQueue(2)
    runs = [make(images, epochs=100) for _ in range(4)]
    for run in runs:
        run.pace = 50
        queue.enter(run)
    wait_for(lambda: [one.status for one in runs].count("running") == 2)
    assert [queue.place(one) for one in runs] == [0, 0, 1, 2]
    queue.leave(runs[0])
    wait_for(lambda: runs[2].status == "running")
    assert runs[0].status == "paused"
    queue.leave(runs[3])  # one that has not begun can be halted too
    assert (runs[3].status, runs[3].step) == ("paused", 0)
    queue.close()
    wait_for(lambda: threading.active_count() < 100)


def test_halted_and_let_go_at_once_it_is_run_by_one_alone(images: Catalog) -> None:
    queue, run = TrainingQueue(2), make(images, epochs=100)
    run.pace = 4
    queue.enter(run)
    wait_for(lambda: run.status == "running")
    for _ in range(5):
        queue.leave(run)
        queue.enter(run)
        wait_for(lambda: run.status == "running")
    before = run.step
    time.sleep(1.1)
    assert 2 <= run.step - before <= 7  # two would make twice as many
    queue.leave(run)
    queue.close()


def test_what_nobody_thought_of_ends_a_training_and_not_the_line(
    images: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, broken, whole = TrainingQueue(1), make(images), make(images)
    monkeypatch.setattr(broken, "advance", lambda: 1 / 0)
    queue.enter(broken)
    wait_for(lambda: broken.status == "failed")
    assert "ZeroDivisionError" in broken.message
    queue.enter(whole)
    wait_for(lambda: whole.status == "done")
    queue.close()


def test_whoever_looks_does_not_wait_for_the_end(images: Catalog) -> None:
    queue, run = TrainingQueue(1), make(images, hidden=(64,), n_train=3_000, epochs=100)
    queue.enter(run)
    wait_for(lambda: run.step > 5)
    started = time.perf_counter()
    assert run.describe()["status"] == "running"
    assert run.model().predict(np.zeros((1, 28, 28), np.uint8)).shape == (1,)
    assert time.perf_counter() - started < 5
    assert run.status == "running"
    queue.leave(run)
    queue.close()


def wait_for(is_so: object, seconds: float = 30.0) -> None:
    until = time.perf_counter() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.perf_counter() < until
        time.sleep(0.005)
