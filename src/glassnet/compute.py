"""What NumPy computes on: its BLAS, the kernel that the BLAS chose for this CPU, its threads.

The same seed gives the same bits only on the same of these, so a run writes them down.
"""

import os
import platform
from typing import Any

import numpy as np

from glassnet.errors import ConfigError

BYTES_PER_PARAMETER = 4 * 6  # float32: parameters, gradients, two moments, scratch, a saved copy


def describe() -> dict[str, Any]:
    """Describe what matters to the bits of a result.

    Returns
    -------
    dict
        ``python``, ``numpy``, ``machine``; and of the BLAS that NumPy loaded ``blas``,
        ``kernel`` and ``threads``, None where it does not tell.
    """
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    pool = pools[0] if pools else {}
    version = pool.get("version")
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "blas": f"{pool['internal_api']} {version}" if version else pool.get("internal_api"),
        "kernel": pool.get("architecture"),
        "threads": pool.get("num_threads"),
    }


def check_memory(n_parameters: int) -> None:
    """Refuse a network that cannot be trained in this machine's memory.

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
            f"hidden: a network of {n_parameters:,} parameters needs {needed / 1e9:,.0f} GB to "
            f"train, this machine has {memory / 1e9:,.0f} GB; choose smaller widths"
        )
