"""Speed of matrix products; ``python -m glassnet.compute.gflops`` prints it as JSON.

Training spends most of its time on matrix products. Their speed is measured in a separate process,
since a BLAS reads its environment variables only once, when it is loaded.
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

# (m, k, n): the forward pass of the first layer of 784-128-10 and the gradient of its weights, for
# a batch of 128, and one large product for the peak speed of the processor.
SHAPES = ((128, 784, 128), (784, 128, 128), (1024, 1024, 1024))
SECONDS = 0.15  # per shape


def measure() -> dict[str, Any]:
    """Measure the speed of matrix products in this process.

    Returns
    -------
    dict
        The result of `glassnet.compute.describe`, and ``gflops``, a list: for each of ``SHAPES``
        the best of many float32 products, in 1e9 operations per second. A product of m x k by
        k x n takes 2 m k n operations.
    """
    rng = np.random.default_rng(0)
    speeds = []
    for m, k, n in SHAPES:
        # The gradient of the weights is x^T dz (equation 14), whose left operand is transposed.
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
    """Run `measure` in a new process without the given environment variables.

    Raises
    ------
    GlassnetError
        If the process fails.
    """
    removed = set(variables)
    environment = {name: value for name, value in os.environ.items() if name not in removed}
    # -P: do not import modules from the current folder.
    command = [sys.executable, "-P", "-m", "glassnet.compute.gflops"]
    result = subprocess.run(  # noqa: S603 - this module
        command, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        last_line = (result.stderr.strip().splitlines() or ["no output"])[-1]
        cause = "; perhaps a kernel that this processor cannot run" * (result.returncode < 0)
        raise GlassnetError(
            f"measuring: the process exited with code {result.returncode} ({last_line}){cause}. "
            "To run it alone: python -m glassnet.compute.gflops"
        )
    measured: dict[str, Any] = json.loads(result.stdout)
    return measured


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()))
