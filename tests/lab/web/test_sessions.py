"""Sessions: one for each browser, within limits on idle time, number and memory."""

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
    sessions = Sessions(limits, catalog, clock)
    yield sessions
    sessions.close()


def make_trace() -> gn.Trace:
    return gn.trace(gn.mlp([784, 4, 10], rng=0), np.zeros((28, 28)), 1, 0.1)


def test_a_cookie_returns_the_same_session(sessions: Sessions) -> None:
    session = sessions.enter(None)
    assert sessions.enter(session.key) is session
    other = sessions.enter(None)
    assert other is not session
    assert other.key != session.key
    name = sessions.keep_trace(session, make_trace())
    assert name in session.traces
    assert name not in other.traces


def test_an_idle_session_is_dropped(sessions: Sessions, clock: Clock) -> None:
    session = sessions.enter(None)
    clock.now = 101
    assert sessions.enter(session.key) is not session
    assert len(sessions) == 1


def test_at_the_limit_the_longest_idle_session_is_dropped(sessions: Sessions, clock: Clock) -> None:
    keys = []
    for _ in range(3):
        session = sessions.enter(None)
        sessions.keep_trace(session, make_trace())
        keys.append(session.key)
        clock.now += 1
    with pytest.raises(FullError, match=r"session limit \(3\) reached"):
        sessions.enter(None)
    clock.now += 8  # the first has now been idle for more than ten seconds
    sessions.enter(None)
    assert len(sessions) == 3
    assert sessions.enter(keys[1]).key == keys[1]


def test_empty_sessions_are_dropped_first(sessions: Sessions) -> None:
    kept = sessions.enter(None)
    sessions.keep_trace(kept, make_trace())
    for _ in range(50):  # a client without cookies gets a new session each time
        sessions.enter(None)
    assert len(sessions) == 3
    assert sessions.enter(kept.key) is kept


def test_the_oldest_trace_is_dropped_above_the_limit(sessions: Sessions) -> None:
    session = sessions.enter(None)
    names = [sessions.keep_trace(session, make_trace()) for _ in range(3)]
    assert list(session.traces) == names[1:]


def test_a_trace_that_is_too_large_is_an_error(catalog: Catalog) -> None:
    trace = make_trace()
    sessions = Sessions(Limits(trace_bytes=count_bytes(trace) - 1), catalog)
    with pytest.raises(ConfigError, match="network: needs a trace of at most"):
        sessions.keep_trace(sessions.enter(None), trace)


def test_stopped_runs_are_deleted_for_new_ones(sessions: Sessions, images: Catalog) -> None:
    session = sessions.enter(None)
    first = sessions.start_run(session, QUICK)
    second = sessions.start_run(session, QUICK)
    while session.is_training:
        pass
    assert (first.status, second.status) == ("done", "done")
    third = sessions.start_run(session, QUICK)
    assert list(session.runs) == [second.name, third.name]


def test_live_runs_are_limited(sessions: Sessions, images: Catalog) -> None:
    session = sessions.enter(None)
    long = TrainingOptions.choose(hidden=(8,), n_train=300, epochs=100)
    for run in [sessions.start_run(session, long) for _ in range(2)]:
        run.pace = 0.5
    with pytest.raises(FullError, match="pause one first"):
        sessions.start_run(session, long)


def test_runs_stop_with_their_session(sessions: Sessions, clock: Clock, images: Catalog) -> None:
    session = sessions.enter(None)
    run = sessions.start_run(session, TrainingOptions.choose(hidden=(8,), n_train=300, epochs=100))
    clock.now = 101
    sessions.enter(None)
    assert run.status == "paused"


def test_the_memory_of_all_runs_is_limited(catalog: Catalog, images: Catalog) -> None:
    # The snapshots take 0.3 MB and the copied images 0.2 MB.
    sessions = Sessions(Limits(run_bytes=1_000_000, all_runs_bytes=1_400_000), catalog)
    session = sessions.enter(None)
    run = sessions.start_run(session, QUICK)
    while session.is_training:
        pass
    assert run.history.nbytes < 400_000
    with pytest.raises(FullError, match="memory limit of all runs"):
        sessions.start_run(sessions.enter(None), QUICK)
    sessions.close()


def test_a_run_or_snapshot_is_available_as_a_network(sessions: Sessions, images: Catalog) -> None:
    session = sessions.enter(None)
    run = sessions.start_run(session, QUICK)
    while session.is_training:
        pass
    name = f"run:{run.name}"
    W1 = run.training.network.params["W1"]
    np.testing.assert_array_equal(sessions.model(session, name).network.params["W1"], W1)
    start = sessions.model(session, f"{name}@0").network.params["W1"]
    assert not np.array_equal(start, W1)
    for wrong in ("run:nobody", f"{name}@soon", f"{name}@3000"):
        with pytest.raises(ConfigError):
            sessions.model(session, wrong)
    with pytest.raises(ConfigError, match="does not exist"):
        sessions.model(sessions.enter(None), name)
