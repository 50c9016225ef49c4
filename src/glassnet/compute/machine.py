"""Machine: the processor, the BLAS, its kernel and its threads.

The same seed gives bit-identical results only if all of these are the same, so runs record them.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import ConfigError

# Environment variables that select the kernels of NumPy and of each BLAS, and their threads.
FORCING = (
    "OPENBLAS_CORETYPE",
    "MKL_ENABLE_INSTRUCTIONS",
    "BLIS_ARCH_TYPE",
    "NPY_DISABLE_CPU_FEATURES",
)
THREADS = (
    "OPENBLAS_NUM_THREADS",
    "GOTO_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "OMP_NUM_THREADS",
)
SETTINGS = FORCING + THREADS

BYTES_PER_PARAMETER = 4 * 6  # float32: parameters, gradients, two moments, scratch, a saved copy


def describe() -> dict[str, Any]:
    """Describe NumPy, its BLAS and the number of threads, all of which affect rounding.

    Returns
    -------
    dict
        ``python``, ``numpy``, ``machine``, and for the BLAS loaded by NumPy ``blas``, ``kernel``
        and ``threads``, each None if unknown.
    """
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    # OpenCV and SciPy load their own BLAS.
    of_numpy = [pool for pool in pools if "numpy" in pool["filepath"]]
    pool: dict[str, Any] = next(iter(of_numpy or pools), {})
    version = pool.get("version")
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "blas": f"{pool['internal_api']} {version}" if version else pool.get("internal_api"),
        "kernel": pool.get("architecture"),
        "threads": pool.get("num_threads"),
    }


def describe_cpu() -> dict[str, Any]:
    """Describe the processor and the environment variables that affect speed.

    Returns
    -------
    dict
        ``cpu``, the name of the processor; ``cores``, the number available to this process;
        ``settings``, the environment variables that are set and affect speed.
    """
    return {
        "cpu": cpu_name(),
        "cores": n_cores(),
        "settings": {name: os.environ[name] for name in SETTINGS if name in os.environ},
    }


def load() -> float | None:
    """Return the load average over the last minute, or None if unavailable (e.g. on Windows)."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


def cpu_name() -> str:
    """Return the vendor's name for the processor, or the machine type if unavailable."""
    try:
        if sys.platform == "darwin":
            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            name = subprocess.run(  # noqa: S603 - a fixed command
                command, capture_output=True, text=True, check=True
            ).stdout.strip()
            return name or platform.machine()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.lower().startswith("model name"):
                return line.partition(":")[2].strip()
    except (OSError, subprocess.SubprocessError):
        pass
    return platform.processor() or platform.machine()


def n_cores() -> int:
    """Return the number of cores available to this process (at least 1)."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # on macOS and Windows
        return os.cpu_count() or 1


def check_memory(n_parameters: int) -> None:
    """Raise `ConfigError` if training a network needs more memory than this machine has.

    Nothing is checked if the amount of memory is unknown, as on Windows.
    """
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # on Windows
        return
    needed = BYTES_PER_PARAMETER * n_parameters
    if needed > memory:
        raise ConfigError(
            f"hidden: needs {needed / 1e9:,.0f} GB to train {n_parameters:,} parameters, this "
            f"machine has {memory / 1e9:,.0f} GB; choose smaller layers"
        )
