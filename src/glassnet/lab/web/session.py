"""Session: the traces and runs of a browser."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from glassnet.lab.training.live_run import LiveRun
from glassnet.nn.tracing.trace import Trace

STOPPED = ("paused", "done", "failed")  # runs that may be deleted to make room for others


@dataclass(eq=False, kw_only=True)
class Session:
    """The traces and runs of a browser.

    Parameters
    ----------
    key : str
        Value of the browser's cookie.
    last_seen : float
        Time of the last request, in seconds of the clock.
    allowance : float
        Number of requests that it may send at once.
    traces, runs : OrderedDict
        Traces and runs by name, oldest first.
    numbers : iterator of int
        Numbers for the names of new traces and runs.
    """

    key: str
    last_seen: float
    allowance: float
    traces: OrderedDict[str, Trace] = field(default_factory=OrderedDict)
    runs: OrderedDict[str, LiveRun] = field(default_factory=OrderedDict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def trace(self, name: str) -> Trace:
        """Return a trace by name.

        Raises
        ------
        KeyError
            If it no longer exists.
        """
        found = self.traces[name]
        with suppress(KeyError):  # another thread may have deleted it
            self.traces.move_to_end(name)
        return found

    @property
    def is_empty(self) -> bool:
        """Whether there are neither traces nor runs."""
        return not self.traces and not self.runs

    @property
    def is_training(self) -> bool:
        """Whether a run is training or waiting."""
        return any(run.status in ("running", "waiting") for run in self.runs.values())
