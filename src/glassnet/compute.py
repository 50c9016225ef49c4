"""What NumPy computes on: its BLAS, the kernel that the BLAS chose for this CPU, its threads.

The same seed gives the same bits only on the same of these, so a run writes them down.
"""

import platform
from typing import Any

import numpy as np


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
