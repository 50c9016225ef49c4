"""Sessions: those who are here, and the room that they share."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from glassnet.errors import ConfigError, GlassnetError
from glassnet.lab.api.stepping import size_of
from glassnet.lab.catalog import Catalog
from glassnet.lab.training.live_run import LiveRun
from glassnet.lab.training.options import TrainingOptions
from glassnet.lab.training.queue import TrainingQueue
from glassnet.lab.web.limits import Limits
from glassnet.lab.web.session import HALTED, Session
from glassnet.models.model import Model
from glassnet.nn.tracing.trace import Trace

TRAINING = "training:"  # begins the name of a network that is being trained


class FullError(GlassnetError):
    """There is no room for more; later there may be."""


class Sessions:
    """All sessions, with the room that they share.

    Parameters
    ----------
    limits : Limits
        How much room.
    catalog : Catalog
        Networks and images.
    clock : callable
        Seconds.
    gives_way : callable
        Whether trainings are to give way to something more urgent.
    """

    def __init__(
        self,
        limits: Limits,
        catalog: Catalog,
        clock: Callable[[], float] = time.monotonic,
        gives_way: Callable[[], bool] = lambda: False,
    ) -> None:
        self.limits, self.catalog, self._clock = limits, catalog, clock
        self.line = TrainingQueue(limits.live_trainings, gives_way)
        self._sessions: OrderedDict[str, Session] = OrderedDict()  # the longest idle first

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._sessions)

    def enter(self, key: str | None) -> Session:
        """Return the session of a browser, a new one where it has none.

        Parameters
        ----------
        key : str or None
            That it showed.

        Returns
        -------
        Session
            Seen now.

        Raises
        ------
        FullError
            If there is no room for a new one.
        """
        now = self._clock()
        self._drop_idle(now)
        session = self._sessions.get(key or "")
        if session is None:
            if len(self._sessions) >= self.limits.sessions:
                self._make_room(now)
            session = Session(secrets.token_urlsafe(18), now, self.limits.burst)
            self._sessions[session.key] = session
        spent = (now - session.seen) * self.limits.requests_per_second
        session.allowance = min(self.limits.burst, session.allowance + spent)
        session.seen = now
        self._sessions.move_to_end(session.key)
        return session

    def spend(self, session: Session) -> bool:
        """Count a request.

        Parameters
        ----------
        session : Session
            Whose.

        Returns
        -------
        bool
            False where it comes too soon after many others.
        """
        if session.allowance < 1:
            return False
        session.allowance -= 1
        return True

    def keep_trace(self, session: Session, step: Trace) -> str:
        """Keep a trace; the oldest of too many goes.

        Parameters
        ----------
        session : Session
            Whose.
        step : Trace
            New.

        Returns
        -------
        str
            Its name.

        Raises
        ------
        ConfigError
            If it is too large.
        """
        if size_of(step) > self.limits.trace_bytes:
            raise ConfigError(
                f"network: with {size_of(step) // 1_000_000} MB a step of it is too large to be "
                f"kept ({self.limits.trace_bytes // 1_000_000} MB); choose a smaller one"
            )
        name = f"step-{next(session.numbers)}"
        session.traces[name] = step
        while len(session.traces) > self.limits.traces:
            session.traces.popitem(last=False)
        return name

    def start_training(self, session: Session, knobs: TrainingOptions) -> LiveRun:
        """Make a training, and let it wait for its turn.

        Parameters
        ----------
        session : Session
            Whose.
        knobs : TrainingOptions
            What was chosen.

        Returns
        -------
        LiveRun
            New.

        Raises
        ------
        FullError
            If there is no room for its snapshots.
        ConfigError, DataNotFoundError
            If it cannot be trained.
        """
        self._make_room_for_training(session)
        used = sum(
            self._size(one)
            for other in list(self._sessions.values())
            for one in list(other.trainings.values())
        )
        if used + self.limits.training_bytes > self.limits.all_training_bytes:
            raise FullError("the memory for trainings is taken; halted ones go when they are left")
        dataset = self.catalog.to_learn(knobs.n_train, knobs.seed)
        name = f"training-{next(session.numbers)}"
        training = LiveRun(name, knobs, dataset, self.limits.training_bytes)
        session.trainings[name] = training
        self.line.enter(training)
        return training

    def end_training(self, session: Session, name: str) -> None:
        """Halt a training and forget it.

        Parameters
        ----------
        session : Session
            Whose.
        name : str
            Its name; one that is gone already is no mistake.
        """
        training = session.trainings.pop(name, None)
        if training is not None:
            self.line.leave(training)

    def model(self, session: Session, name: str) -> Model:
        """Return a network by its name: of the catalog, or one that is being trained.

        Parameters
        ----------
        session : Session
            Whose trainings.
        name : str
            As on the catalog, or ``training:NAME`` or ``training:NAME@STEP``.

        Returns
        -------
        Model
            Of digits of 28 x 28 pixels.

        Raises
        ------
        ConfigError
            If there is none.
        """
        if not name.startswith(TRAINING):
            return self.catalog.model(name)
        training, _, step = name.removeprefix(TRAINING).partition("@")
        if training not in session.trainings or (step and not step.isdecimal()):
            raise ConfigError(f"network: there is no training {training!r} any more")
        return session.trainings[training].model(int(step) if step else None)

    def close(self) -> None:
        """Halt all trainings."""
        self.line.close()

    def _size(self, training: LiveRun) -> int:
        """Return what a training will take: its snapshots, and its images where they are copies."""
        images = training.training.images
        return training.history.reserved + (0 if self.catalog.has(images) else images.nbytes)

    def _make_room_for_training(self, session: Session) -> None:
        over = [name for name, one in session.trainings.items() if one.status in HALTED]
        while len(session.trainings) >= self.limits.trainings:
            if not over:
                raise FullError(
                    f"{self.limits.trainings} trainings run or wait already; halt one first"
                )
            self.end_training(session, over.pop(0))

    def _drop_idle(self, now: float) -> None:
        for session in list(self._sessions.values()):
            if now - session.seen <= self.limits.idle_seconds:
                return
            self._drop(session)

    def _make_room(self, now: float) -> None:
        sessions = list(self._sessions.values())
        for session in [*(one for one in sessions if one.is_empty), *sessions]:
            is_idle = now - session.seen >= self.limits.spare_seconds
            if session.is_empty or (is_idle and not session.is_training):
                self._drop(session)
                return
        raise FullError(f"{self.limits.sessions} people are here already; try again in a minute")

    def _drop(self, session: Session) -> None:
        for name in list(session.trainings):
            self.end_training(session, name)
        del self._sessions[session.key]
