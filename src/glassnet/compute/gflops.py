"""Speed of matrix products: python -m glassnet.compute.gflops prints it as JSON.

Most of the time of training goes into matrix products. Their speed is measured in a separate
process, since a BLAS reads its environment variables once, when it is loaded.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from glassnet.compute.machine import describe
from glassnet.errors import GlassnetError

# The first layer of 784-128-10 forward and its weights' gradient, for a batch of 128, and one
# large product, which shows what the processor can do.
SHAPES = ((128, 784, 128), (784, 128, 128), (1024, 1024, 1024))
SECONDS = 0.15  # spent on each shape


def measure() -> dict[str, Any]:
    """Measure the matrix products of this process.

    Returns
    -------
    dict
        What `glassnet.compute.describe` tells, and ``gflops``, a list: for each of ``SHAPES`` the
        fastest of many products in float32, in 1e9 operations a second; m x k by k x n takes
        2 m k n operations.
    """
    rng = np.random.default_rng(0)
    speeds = []
    for m, k, n in SHAPES:
        # The weights' gradient is x^T dz (equation 14): its left side is a transposed view.
        is_gradient = k < m
        a = rng.random((k, m) if is_gradient else (m, k), dtype=np.float32)
        a = a.T if is_gradient else a
        b, out = rng.random((k, n), dtype=np.float32), np.empty((m, n), np.float32)
        best, ends = np.inf, time.perf_counter() + SECONDS
        while time.perf_counter() < ends or not np.isfinite(best):
            started = time.perf_counter()
            np.matmul(a, b, out=out)
            best = min(best, time.perf_counter() - started)
        speeds.append(2 * m * k * n / best / 1e9)
    return {**describe(), "gflops": speeds}


def measure_without(variables: Iterable[str]) -> dict[str, Any]:
    """Measure in a new process, without some environment variables.

    Parameters
    ----------
    variables : iterable of str
        Their names; none, to measure things as they are.

    Returns
    -------
    dict
        As `measure`.

    Raises
    ------
    GlassnetError
        If that process fails.
    """
    left_out = set(variables)
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    # -P: files in the folder where the user happens to be are not to be imported.
    command = [sys.executable, "-P", "-m", "glassnet.compute.gflops"]
    ended = subprocess.run(  # noqa: S603 - this very file
        command, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        last = (ended.stderr.strip().splitlines() or ["it said nothing"])[-1]
        why = "; a kernel that this processor cannot run does that" * (ended.returncode < 0)
        raise GlassnetError(
            f"measuring: the process ended with code {ended.returncode} ({last}){why}. "
            "python -m glassnet.compute.gflops runs it alone"
        )
    measured: dict[str, Any] = json.loads(ended.stdout)
    return measured


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()))
