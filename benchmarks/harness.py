"""Harness: backends are started together, their losses compared, and their steps timed in turn."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Self

from benchmarks.backends.task import Task
from glassnet.compute.machine import SETTINGS

CHECKED_STEPS = 20
TOLERANCE = 1e-4  # relative difference of the losses from glassnet's
UNIT_SECONDS = 0.06
PAUSE = 0.12  # seconds, after which idle BLAS threads sleep


class BackendProcess:
    """Process of a backend.

    Parameters
    ----------
    name : str
        A key of `benchmarks.backends.worker.NAMES`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.backends.worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=default_environment(),
        )

    def __enter__(self) -> Self:
        """Return the process."""
        return self

    def __exit__(self, *_: object) -> None:
        """Terminate the process."""
        self._process.kill()
        self._process.communicate()

    def request(self, **content: Any) -> dict[str, Any]:
        """Send a request and wait for the response.

        Raises
        ------
        ChildProcessError
            If the process has ended; its message is on standard error.
        """
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        if pipe_in is None or pipe_out is None:
            raise ChildProcessError(f"{self.name} has no pipes")
        try:
            pipe_in.write(json.dumps(content) + "\n")
            pipe_in.flush()
        except BrokenPipeError:
            pass
        line = pipe_out.readline()
        if not line:
            raise ChildProcessError(f"{self.name}: the process ended")
        response: dict[str, Any] = json.loads(line)
        return response

    def time(self, n_steps: int) -> float:
        """Make `n_steps` steps; return the microseconds per step."""
        seconds: float = self.request(n_steps=n_steps)["seconds"]
        return seconds / n_steps * 1e6


def default_environment() -> dict[str, str]:
    """Return the environment without variables that set a BLAS kernel or number of threads."""
    return {name: value for name, value in os.environ.items() if name not in SETTINGS}


def time_backends(backends: Sequence[BackendProcess], task: Task, n_units: int) -> dict[str, Any]:
    """Time all backends on a task.

    Parameters
    ----------
    backends : sequence of BackendProcess
        The first is glassnet.
    task : Task
    n_units : int
        Number of timings of each backend, in turn: A B C A B C.

    Returns
    -------
    dict
        The task; the largest difference of the losses; and for each backend the microseconds per
        step, ``min``, ``median`` and all timings, or ``failed`` with the reason: its process
        ended, or its losses differ from those of glassnet.
    """
    times: dict[str, list[float]] = {}
    steps: dict[str, int] = {}
    losses: dict[str, list[float]] = {}
    result: dict[str, Any] = {"task": asdict(task), "backends": {}, "largest_difference": {}}
    for backend in backends:
        try:
            backend.request(task=asdict(task))
            losses[backend.name] = [
                loss for _ in range(CHECKED_STEPS) for loss in backend.request(n_steps=1)["losses"]
            ]
            # Twice, because JAX compiles for each new number of steps.
            per_step = backend.time(CHECKED_STEPS)
            per_step = min(per_step, backend.time(CHECKED_STEPS))
            max_steps = task.n_images // task.batch_size
            n_steps = min(max_steps, max(2, round(UNIT_SECONDS * 1e6 / per_step)))
            backend.time(n_steps)
        except ChildProcessError as error:
            result["backends"][backend.name] = {"failed": str(error)}
            continue
        times[backend.name], steps[backend.name] = [], n_steps
    for name, difference in compare_losses(losses).items():
        if not difference <= TOLERANCE:
            times.pop(name, None)
            result["backends"][name] = {
                "failed": f"its losses differ from glassnet's by {difference:.1e}"
            }
        result["largest_difference"][name] = difference
    for _ in range(n_units):
        for backend in backends:
            if backend.name in times:
                time.sleep(PAUSE)
                try:
                    times[backend.name].append(backend.time(steps[backend.name]))
                except ChildProcessError as error:
                    del times[backend.name]
                    result["backends"][backend.name] = {"failed": str(error)}
    for name, units in times.items():
        result["backends"][name] = {
            "min": min(units),
            "median": statistics.median(units),
            "n_steps": steps[name],
            "units": [round(unit, 1) for unit in units],
        }
    return result


def compare_losses(losses: dict[str, list[float]]) -> dict[str, float]:
    """Return the largest relative difference of the losses from those of glassnet.

    Backends without losses are left out.
    """
    ours = losses.get("glassnet", [])
    return {
        name: max(abs(b - a) / abs(a) for a, b in zip(ours, theirs, strict=True))
        for name, theirs in losses.items()
        if name != "glassnet" and ours and theirs
    }
