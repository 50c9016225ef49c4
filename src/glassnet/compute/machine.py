"""Machine: the processor, the BLAS, its kernel for this processor, and its threads.

The same seed gives the same bits only on the same of these, so a run writes them down.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import ConfigError

# Each BLAS and NumPy have variables with which a user chooses their code or their threads.
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
    """Describe the conditions that affect the bits of a result.

    Returns
    -------
    dict
        ``python``, ``numpy``, ``machine``; and of the BLAS that NumPy loaded ``blas``,
        ``kernel`` and ``threads``, None where it does not tell.
    """
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    # OpenCV and SciPy bring a BLAS of their own.
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
    """Describe the conditions that affect a benchmark, in addition to `describe`.

    Returns
    -------
    dict
        ``cpu``, its name; ``cores``, how many of them this process may use; ``settings``, the
        environment variables that are set and bear on speed.
    """
    return {
        "cpu": cpu_name(),
        "cores": n_cores(),
        "settings": {name: os.environ[name] for name in SETTINGS if name in os.environ},
    }


def load() -> float | None:
    """Return the system's load average.

    Returns
    -------
    float or None
        The mean over the last minute; None where the system does not tell, as on Windows.
    """
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


def cpu_name() -> str:
    """Return the name of the processor.

    Returns
    -------
    str
        As its maker wrote it, or the kind of machine where the system does not tell.
    """
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
    """Return the number of cores that this process may use.

    Returns
    -------
    int
        At least 1.
    """
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # as on macOS and Windows
        return os.cpu_count() or 1


def check_memory(n_parameters: int) -> None:
    """Raise if a network is too large to train in this machine's memory.

    Parameters
    ----------
    n_parameters : int
        Of the network.

    Raises
    ------
    ConfigError
        If its training needs more than all of the memory; where the system does not tell how
        much that is, never.
    """
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # as on Windows
        return
    needed = BYTES_PER_PARAMETER * n_parameters
    if needed > memory:
        raise ConfigError(
            f"hidden: needs {needed / 1e9:,.0f} GB to train {n_parameters:,} parameters, this "
            f"machine has {memory / 1e9:,.0f} GB; choose smaller layers"
        )
