"""Training queue: runs waiting for a thread."""

import logging
import threading
from collections.abc import Callable

from glassnet.lab.training.live_run import LiveRun

log = logging.getLogger("glassnet.lab")


class TrainingQueue:
    """Threads that train queued runs in first-come, first-served order.

    Parameters
    ----------
    n_live : int
        Number of runs trained at a time.
    should_yield : callable
        Called after each step; returns whether a classification is pending.
    """

    def __init__(self, n_live: int, should_yield: Callable[[], bool] = lambda: False) -> None:
        self._n_live, self._should_yield = n_live, should_yield
        self._waiting: list[LiveRun] = []
        self._changed = threading.Condition()
        self._is_open = True
        self._threads: list[threading.Thread] = []

    def enter(self, run: LiveRun) -> None:
        """Queue a new or paused run."""
        with self._changed:
            if run.status in ("waiting", "paused") and run not in self._waiting:
                run.status = "waiting"
                self._waiting.append(run)
                self._start_thread()
                self._changed.notify()

    def leave(self, run: LiveRun) -> None:
        """Pause a run that is waiting or running."""
        with self._changed:
            if run in self._waiting:
                self._waiting.remove(run)
            run.pause()

    def place(self, run: LiveRun) -> int:
        """Return the position of a run in the queue, from 1, or 0 if it is not waiting."""
        with self._changed:
            return self._waiting.index(run) + 1 if run in self._waiting else 0

    def close(self) -> None:
        """Stop all runs and end the threads."""
        with self._changed:
            self._is_open = False
            self._waiting.clear()
            self._changed.notify_all()

    def _start_thread(self) -> None:
        if len(self._threads) < self._n_live:
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._is_open and not self._waiting:
                    self._changed.wait()
                if not self._is_open:
                    return
                run = self._waiting.pop(0)
                turn = run.begin()
            try:
                run.run(turn, lambda: self._is_open, self._should_yield)
            except Exception as error:  # the thread continues with other runs
                log.exception("a run failed")
                run.status, run.message = "failed", f"unexpected {error!r}"
