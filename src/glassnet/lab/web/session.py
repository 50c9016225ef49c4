"""Session: what the Lab remembers of one browser."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from glassnet.lab.training.live_run import LiveRun
from glassnet.nn.tracing.trace import Trace

HALTED = ("paused", "done", "failed")  # states of a training that makes room for another


@dataclass(eq=False)
class Session:
    """What the Lab remembers of one browser.

    Parameters
    ----------
    key : str
        That the browser shows.
    seen : float
        When it last came, in seconds of the clock.
    allowance : float
        Requests that it may still make at once.
    traces : OrderedDict
        By name, the oldest first.
    trainings : OrderedDict
        The same.
    numbers : iterator of int
        For the names of what is made next.
    """

    key: str
    seen: float
    allowance: float
    traces: OrderedDict[str, Trace] = field(default_factory=OrderedDict)
    trainings: OrderedDict[str, LiveRun] = field(default_factory=OrderedDict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def trace(self, name: str) -> Trace:
        """Return a trace of this session.

        Parameters
        ----------
        name : str
            As it was given out.

        Returns
        -------
        Trace
            The same.

        Raises
        ------
        KeyError
            If it is no longer kept.
        """
        found = self.traces[name]
        with suppress(KeyError):  # it may go in this very moment; it has been found
            self.traces.move_to_end(name)
        return found

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing would be lost with it.

        Returns
        -------
        bool
            Whether it has neither traces nor trainings.
        """
        return not self.traces and not self.trainings

    @property
    def is_training(self) -> bool:
        """Tell whether a training runs or waits.

        Returns
        -------
        bool
            False where all are halted or over.
        """
        return any(one.status in ("running", "waiting") for one in self.trainings.values())
