"""Sessions of all browsers, within the limits of the server."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from glassnet.errors import ConfigError, GlassnetError
from glassnet.lab.api.steps import count_bytes
from glassnet.lab.catalog import Catalog
from glassnet.lab.training.live_run import LiveRun
from glassnet.lab.training.options import TrainingOptions
from glassnet.lab.training.queue import TrainingQueue
from glassnet.lab.web.limits import MEGABYTE, Limits
from glassnet.lab.web.session import STOPPED, Session
from glassnet.models.model import Model
from glassnet.nn.tracing.trace import Trace

RUN_PREFIX = "run:"  # marks the name of a network that is being trained


class FullError(GlassnetError):
    """Raised if a limit is reached; a later request may succeed.

    Attributes
    ----------
    kind : str
        Key of the limit that was reached, one of `glassnet.lab.web.errors.KINDS`.
    """

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class Sessions:
    """The sessions of all browsers, within the limits of the server.

    Parameters
    ----------
    limits : Limits
    catalog : Catalog
    clock : callable
        Returns the time in seconds, from any origin.
    should_yield : callable
        Returns whether a classification is pending, to which training yields.
    """

    def __init__(
        self,
        limits: Limits,
        catalog: Catalog,
        clock: Callable[[], float] = time.monotonic,
        should_yield: Callable[[], bool] = lambda: False,
    ) -> None:
        self.limits, self.catalog, self._clock = limits, catalog, clock
        self.queue = TrainingQueue(limits.live_runs, should_yield)
        self._sessions: OrderedDict[str, Session] = OrderedDict()  # longest idle first

    def __len__(self) -> int:
        """Return the number of sessions."""
        return len(self._sessions)

    def enter(self, key: str | None) -> Session:
        """Return the session for a cookie, or a new one.

        Raises
        ------
        FullError
            If the limit is reached and no session can be dropped.
        """
        now = self._clock()
        self._drop_idle(now)
        session = self._sessions.get(key or "")
        if session is None:
            if len(self._sessions) >= self.limits.sessions:
                self._make_room(now)
            session = Session(
                key=secrets.token_urlsafe(18), last_seen=now, allowance=self.limits.burst
            )
            self._sessions[session.key] = session
        earned = (now - session.last_seen) * self.limits.requests_per_second
        session.allowance = min(self.limits.burst, session.allowance + earned)
        session.last_seen = now
        self._sessions.move_to_end(session.key)
        return session

    def spend(self, session: Session) -> bool:
        """Count a request; return False if the session exceeds its rate."""
        if session.allowance < 1:
            return False
        session.allowance -= 1
        return True

    def keep_trace(self, session: Session, step: Trace) -> str:
        """Store a trace, delete the oldest ones above the limit, and return its name.

        Raises
        ------
        ConfigError
            If the trace is too large.
        """
        n_bytes = count_bytes(step)
        if n_bytes > self.limits.trace_bytes:
            raise ConfigError(
                f"network: needs a trace of at most {self.limits.trace_bytes // MEGABYTE} MB, "
                f"got {n_bytes // MEGABYTE} MB; choose a smaller network"
            )
        name = f"step-{next(session.numbers)}"
        session.traces[name] = step
        while len(session.traces) > self.limits.traces:
            session.traces.popitem(last=False)
        return name

    def start_run(self, session: Session, options: TrainingOptions) -> LiveRun:
        """Create a run and queue it.

        Raises
        ------
        FullError
            If the limit on runs or on their memory is reached.
        ConfigError, DataNotFoundError
            If the options contradict each other, or there are no images.
        """
        self._make_room_for_run(session)
        used = sum(
            self._reserved_bytes(run)
            for other in list(self._sessions.values())
            for run in list(other.runs.values())
        )
        if used + self.limits.run_bytes > self.limits.all_runs_bytes:
            raise FullError("memory limit of all runs reached; try again later", "full-memory")
        dataset = self.catalog.subset(options.n_train, options.seed)
        run = LiveRun(f"run-{next(session.numbers)}", options, dataset, self.limits.run_bytes)
        session.runs[run.name] = run
        self.queue.enter(run)
        return run

    def end_run(self, session: Session, name: str) -> None:
        """Stop and delete a run, if it still exists."""
        run = session.runs.pop(name, None)
        if run is not None:
            self.queue.leave(run)

    def model(self, session: Session, name: str) -> Model:
        """Return a network from the catalog, or one that is being trained.

        Parameters
        ----------
        session : Session
        name : str
            A name in the catalog, ``run:NAME`` or ``run:NAME@STEP``.

        Raises
        ------
        ConfigError
            If there is no such network.
        """
        if not name.startswith(RUN_PREFIX):
            return self.catalog.model(name)
        run, _, step = name.removeprefix(RUN_PREFIX).partition("@")
        if run not in session.runs or (step and not step.isdecimal()):
            raise ConfigError(f"network: run {run!r} does not exist; start a new one")
        return session.runs[run].model(int(step) if step else None)

    def close(self) -> None:
        """Stop all runs."""
        self.queue.close()

    def _reserved_bytes(self, run: LiveRun) -> int:
        """Return the bytes reserved for the snapshots of a run and for copied images."""
        images = run.training.images
        return run.history.reserved_bytes + (0 if self.catalog.owns(images) else images.nbytes)

    def _make_room_for_run(self, session: Session) -> None:
        stopped = [name for name, run in session.runs.items() if run.status in STOPPED]
        while len(session.runs) >= self.limits.runs:
            if not stopped:
                raise FullError(
                    f"limit of {self.limits.runs} live runs reached; pause one first", "full-runs"
                )
            self.end_run(session, stopped.pop(0))

    def _drop_idle(self, now: float) -> None:
        for session in list(self._sessions.values()):
            if now - session.last_seen <= self.limits.idle_seconds:
                return
            self._drop(session)

    def _make_room(self, now: float) -> None:
        sessions = list(self._sessions.values())
        for session in [*(session for session in sessions if session.is_empty), *sessions]:
            is_idle = now - session.last_seen >= self.limits.spare_seconds
            if session.is_empty or (is_idle and not session.is_training):
                self._drop(session)
                return
        raise FullError(
            f"session limit ({self.limits.sessions}) reached; try again in a minute",
            "full-sessions",
        )

    def _drop(self, session: Session) -> None:
        for name in list(session.runs):
            self.end_run(session, name)
        del self._sessions[session.key]
