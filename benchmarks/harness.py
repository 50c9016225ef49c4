"""Contestants side by side: started together, checked against each other, timed in turn."""

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
TOLERANCE = 1e-4  # of the losses, relative to glassnet's
UNIT_SECONDS = 0.06
PAUSE = 0.12  # after which the waiting threads of a BLAS have gone to sleep


class Contender:
    """A contestant's process.

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
            env=unforced(),
        )

    def __enter__(self) -> Self:
        """Stay until the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Send it home."""
        self._process.kill()
        self._process.communicate()

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request, and wait for the answer.

        Raises
        ------
        ChildProcessError
            If it died; what it said stands on standard error.
        """
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        if pipe_in is None or pipe_out is None:
            raise ChildProcessError(f"{self.name} has no pipes")
        try:
            pipe_in.write(json.dumps(request) + "\n")
            pipe_in.flush()
        except BrokenPipeError:
            pass
        line = pipe_out.readline()
        if not line:
            raise ChildProcessError(f"{self.name} died")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def time(self, n_steps: int) -> float:
        """Make so many steps; return the microseconds of one."""
        seconds: float = self.ask(n_steps=n_steps)["seconds"]
        return seconds / n_steps * 1e6


def unforced() -> dict[str, str]:
    """Return the environment without what forces a kernel or a number of threads."""
    return {name: value for name, value in os.environ.items() if name not in SETTINGS}


def compete(contenders: Sequence[Contender], task: Task, n_units: int) -> dict[str, Any]:
    """Measure one task.

    Parameters
    ----------
    contenders : sequence of Contender
        The first is glassnet.
    task : Task
        What all do.
    n_units : int
        Units of each, in turn: A B C A B C.

    Returns
    -------
    dict
        The task; how far the losses differ; and for each contender the microseconds a step,
        ``min``, ``median`` and all units, or ``failed`` with the reason: it died, or the losses
        of its first steps are not glassnet's.
    """
    times: dict[str, list[float]] = {}
    steps: dict[str, int] = {}
    losses: dict[str, list[float]] = {}
    result: dict[str, Any] = {"task": asdict(task), "backends": {}, "largest_difference": {}}
    for contender in contenders:
        try:
            contender.ask(task=asdict(task))
            losses[contender.name] = [
                loss for _ in range(CHECKED_STEPS) for loss in contender.ask(n_steps=1)["losses"]
            ]
            # Twice: whoever compiles does it for each new number of steps.
            per_step = contender.time(CHECKED_STEPS)
            per_step = min(per_step, contender.time(CHECKED_STEPS))
            n_most = task.n_images // task.batch_size
            n_steps = min(n_most, max(2, round(UNIT_SECONDS * 1e6 / per_step)))
            contender.time(n_steps)
        except ChildProcessError as error:
            result["backends"][contender.name] = {"failed": str(error)}
            continue
        times[contender.name], steps[contender.name] = [], n_steps
    for name, difference in compare_losses(losses).items():
        if not difference <= TOLERANCE:
            times.pop(name, None)
            result["backends"][name] = {
                "failed": f"its losses differ from glassnet's by {difference:.1e}"
            }
        result["largest_difference"][name] = difference
    for _ in range(n_units):
        for contender in contenders:
            if contender.name in times:
                time.sleep(PAUSE)
                try:
                    times[contender.name].append(contender.time(steps[contender.name]))
                except ChildProcessError as error:
                    del times[contender.name]
                    result["backends"][contender.name] = {"failed": str(error)}
    for name, units in times.items():
        result["backends"][name] = {
            "min": min(units),
            "median": statistics.median(units),
            "n_steps": steps[name],
            "units": [round(unit, 1) for unit in units],
        }
    return result


def compare_losses(losses: dict[str, list[float]]) -> dict[str, float]:
    """Return how far, relative to glassnet's, the losses of the first steps differ at most.

    The bare products, which have no losses, are left out.
    """
    ours = losses.get("glassnet", [])
    return {
        name: max(abs(b - a) / abs(a) for a, b in zip(ours, theirs, strict=True))
        for name, theirs in losses.items()
        if name != "glassnet" and ours and theirs
    }
