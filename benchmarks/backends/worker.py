"""The process of one contestant: python -m benchmarks.backends.worker NAME.

Reads one JSON request a line from standard input and answers each with one line.
"""

import importlib
import json
import sys
import time
from typing import Any

from benchmarks.backends.task import Task

NAMES = {
    "glassnet": ("glassnet_backend", "Glassnet"),
    "products": ("matmul_only", "Products"),
    "pytorch": ("pytorch_backend", "PyTorch"),
    "pytorch-compiled": ("pytorch_backend", "PyTorchCompiled"),
    "jax": ("jax_backend", "Jax"),
    "scikit-learn": ("scikit_learn_backend", "ScikitLearn"),
}


def main() -> None:
    """Serve until there is nothing more to read."""
    module, name = NAMES[sys.argv[1]]
    kind = getattr(importlib.import_module(f"benchmarks.backends.{module}"), name)
    contestant: Any = None
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, Any] = {}
        if "task" in request:
            contestant = kind(Task(**request["task"] | {"sizes": tuple(request["task"]["sizes"])}))
        else:
            started = time.perf_counter()
            answer["losses"] = contestant.train(request["n_steps"])
            answer["seconds"] = time.perf_counter() - started
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
