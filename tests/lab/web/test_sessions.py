"""Sessions: each browser has its own, for as long as it comes back and there is room."""

from collections.abc import Iterator

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ConfigError
from glassnet.lab.api.steps import count_bytes
from glassnet.lab.catalog import Catalog
from glassnet.lab.training.options import TrainingOptions
from glassnet.lab.web.limits import Limits
from glassnet.lab.web.sessions import FullError, Sessions

QUICK = TrainingOptions.choose(hidden=(8,), n_train=300, epochs=2)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(catalog: Catalog, clock: Clock) -> Iterator[Sessions]:
    limits = Limits(sessions=3, idle_seconds=100, spare_seconds=10, runs=2, traces=2)
    everyone = Sessions(limits, catalog, clock)
    yield everyone
    everyone.close()


def make_trace() -> gn.Trace:
    return gn.trace(gn.mlp([784, 4, 10], rng=0), np.zeros((28, 28)), 1, 0.1)


def test_a_browser_comes_back_to_its_own(sessions: Sessions) -> None:
    one = sessions.enter(None)
    assert sessions.enter(one.key) is one
    other = sessions.enter(None)
    assert other is not one
    assert other.key != one.key
    name = sessions.keep_trace(one, make_trace())
    assert name in one.traces
    assert name not in other.traces


def test_whoever_stays_away_is_forgotten(sessions: Sessions, clock: Clock) -> None:
    one = sessions.enter(None)
    clock.now = 101
    assert sessions.enter(one.key) is not one
    assert len(sessions) == 1


def test_where_all_is_full_the_longest_idle_makes_room(sessions: Sessions, clock: Clock) -> None:
    keys = []
    for _ in range(3):
        session = sessions.enter(None)
        sessions.keep_trace(session, make_trace())
        keys.append(session.key)
        clock.now += 1
    with pytest.raises(FullError, match=r"session limit \(3\) reached"):
        sessions.enter(None)
    clock.now += 8  # the first has now been idle for ten seconds and more
    sessions.enter(None)
    assert len(sessions) == 3
    assert sessions.enter(keys[1]).key == keys[1]


def test_whoever_has_nothing_to_lose_makes_room_first(sessions: Sessions) -> None:
    kept = sessions.enter(None)
    sessions.keep_trace(kept, make_trace())
    for _ in range(50):  # as one who keeps no cookies is somebody new each time
        sessions.enter(None)
    assert len(sessions) == 3
    assert sessions.enter(kept.key) is kept


def test_the_oldest_of_too_many_steps_goes(sessions: Sessions) -> None:
    one = sessions.enter(None)
    names = [sessions.keep_trace(one, make_trace()) for _ in range(3)]
    assert list(one.traces) == names[1:]


def test_a_step_that_is_too_large_is_not_kept(catalog: Catalog) -> None:
    trace = make_trace()
    everyone = Sessions(Limits(trace_bytes=count_bytes(trace) - 1), catalog)
    with pytest.raises(ConfigError, match="network: needs a trace of at most"):
        everyone.keep_trace(everyone.enter(None), trace)


def test_stopped_runs_make_room(sessions: Sessions, images: Catalog) -> None:
    one = sessions.enter(None)
    first = sessions.start_run(one, QUICK)
    second = sessions.start_run(one, QUICK)
    while one.is_training:
        pass
    assert (first.status, second.status) == ("done", "done")
    third = sessions.start_run(one, QUICK)
    assert list(one.runs) == [second.name, third.name]


def test_the_limit_of_live_runs(sessions: Sessions, images: Catalog) -> None:
    one = sessions.enter(None)
    long = TrainingOptions.choose(hidden=(8,), n_train=300, epochs=100)
    for run in [sessions.start_run(one, long) for _ in range(2)]:
        run.pace = 0.5
    with pytest.raises(FullError, match="pause one first"):
        sessions.start_run(one, long)


def test_runs_end_with_their_session(sessions: Sessions, clock: Clock, images: Catalog) -> None:
    one = sessions.enter(None)
    run = sessions.start_run(one, TrainingOptions.choose(hidden=(8,), n_train=300, epochs=100))
    clock.now = 101
    sessions.enter(None)
    assert run.status == "paused"


def test_the_memory_of_runs_is_limited(catalog: Catalog, images: Catalog) -> None:
    # Its snapshots take 0.3 MB, and the images, which are copies, 0.2 MB.
    everyone = Sessions(Limits(run_bytes=1_000_000, all_runs_bytes=1_400_000), catalog)
    one = everyone.enter(None)
    run = everyone.start_run(one, QUICK)
    while one.is_training:
        pass
    assert run.history.nbytes < 400_000
    with pytest.raises(FullError, match="memory limit of all runs"):
        everyone.start_run(everyone.enter(None), QUICK)
    everyone.close()


def test_the_network_of_a_run(sessions: Sessions, images: Catalog) -> None:
    one = sessions.enter(None)
    run = sessions.start_run(one, QUICK)
    while one.is_training:
        pass
    name = f"run:{run.name}"
    W1 = run.training.network.params["W1"]
    np.testing.assert_array_equal(sessions.model(one, name).network.params["W1"], W1)
    start = sessions.model(one, f"{name}@0").network.params["W1"]
    assert not np.array_equal(start, W1)
    for wrong in ("run:nobody", f"{name}@soon", f"{name}@3000"):
        with pytest.raises(ConfigError):
            sessions.model(one, wrong)
    with pytest.raises(ConfigError, match="there is no run"):
        sessions.model(sessions.enter(None), name)
