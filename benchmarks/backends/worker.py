"""Process of a backend: python -m benchmarks.backends.worker NAME.

Reads JSON requests from standard input, one per line, and writes a line of JSON for each.
"""

import importlib
import json
import sys
import time
from typing import Any

from benchmarks.backends.task import Task

NAMES = {
    "glassnet": ("glassnet_backend", "Glassnet"),
    "products": ("matmul_only", "MatmulOnly"),
    "pytorch": ("pytorch_backend", "PyTorch"),
    "pytorch-compiled": ("pytorch_backend", "PyTorchCompiled"),
    "jax": ("jax_backend", "Jax"),
    "scikit-learn": ("scikit_learn_backend", "ScikitLearn"),
}


def main() -> None:
    """Process requests until standard input ends."""
    module, name = NAMES[sys.argv[1]]
    kind = getattr(importlib.import_module(f"benchmarks.backends.{module}"), name)
    backend: Any = None
    for line in sys.stdin:
        request = json.loads(line)
        response: dict[str, Any] = {}
        if "task" in request:
            backend = kind(Task(**request["task"] | {"sizes": tuple(request["task"]["sizes"])}))
        else:
            started = time.perf_counter()
            response["losses"] = backend.train(request["n_steps"])
            response["seconds"] = time.perf_counter() - started
        sys.stdout.write(json.dumps(response) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
