"""TrainingQueue: trainings wait here for their turn; so many run at a time."""

import logging
import threading
from collections.abc import Callable

from glassnet.lab.training.live_run import LiveRun

log = logging.getLogger("glassnet.lab")


class TrainingQueue:
    """Threads that train whatever waits, first come, first served.

    Parameters
    ----------
    n_live : int
        Trainings that run at a time.
    gives_way : callable
        Asked after each step whether something more urgent is to be done.
    """

    def __init__(self, n_live: int, gives_way: Callable[[], bool] = lambda: False) -> None:
        self._n_live, self._gives_way = n_live, gives_way
        self._waiting: list[LiveRun] = []
        self._changed = threading.Condition()
        self._is_open = True
        self._threads: list[threading.Thread] = []

    def enter(self, training: LiveRun) -> None:
        """Let a training run as soon as there is room.

        Parameters
        ----------
        training : LiveRun
            New, or paused.
        """
        with self._changed:
            if training.status in ("waiting", "paused") and training not in self._waiting:
                training.status = "waiting"
                self._waiting.append(training)
                self._start()
                self._changed.notify()

    def leave(self, training: LiveRun) -> None:
        """Halt a training, whether it waits or runs.

        Parameters
        ----------
        training : LiveRun
            Any; one that is over stays so.
        """
        with self._changed:
            if training in self._waiting:
                self._waiting.remove(training)
            training.halt()

    def place(self, training: LiveRun) -> int:
        """Tell how many are to run before a training.

        Parameters
        ----------
        training : LiveRun
            Any.

        Returns
        -------
        int
            From 1 for the next; 0 for one that does not wait.
        """
        with self._changed:
            return self._waiting.index(training) + 1 if training in self._waiting else 0

    def close(self) -> None:
        """Halt all, and end the threads."""
        with self._changed:
            self._is_open = False
            self._waiting.clear()
            self._changed.notify_all()

    def _start(self) -> None:
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
                training = self._waiting.pop(0)
                turn = training.begin()
            try:
                training.run(turn, lambda: self._is_open, self._gives_way)
            except Exception as error:  # the thread has others to run
                log.exception("a training broke down")
                training.status, training.message = "failed", f"unexpected {error!r}"
