"""Session: the traces and runs of one browser."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from glassnet.lab.training.live_run import LiveRun
from glassnet.nn.tracing.trace import Trace

STOPPED = ("paused", "done", "failed")  # states of a run that may be deleted for another


@dataclass(eq=False, kw_only=True)
class Session:
    """The traces and runs of one browser.

    Parameters
    ----------
    key : str
        Value of the browser's cookie.
    last_seen : float
        Time of its last request, in seconds of the clock.
    allowance : float
        Requests that it may make at once.
    traces, runs : OrderedDict
        By name, the oldest first.
    numbers : iterator of int
        For the names of the next traces and runs.
    """

    key: str
    last_seen: float
    allowance: float
    traces: OrderedDict[str, Trace] = field(default_factory=OrderedDict)
    runs: OrderedDict[str, LiveRun] = field(default_factory=OrderedDict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def trace(self, name: str) -> Trace:
        """Return a trace by its name.

        Raises
        ------
        KeyError
            If it is no longer kept.
        """
        found = self.traces[name]
        with suppress(KeyError):  # another thread may have dropped it meanwhile
            self.traces.move_to_end(name)
        return found

    @property
    def is_empty(self) -> bool:
        """Whether it has neither traces nor runs."""
        return not self.traces and not self.runs

    @property
    def is_training(self) -> bool:
        """Whether a run trains or waits."""
        return any(run.status in ("running", "waiting") for run in self.runs.values())
