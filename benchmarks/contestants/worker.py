"""The process of one contestant: python -m benchmarks.contestants.worker NAME.

Reads one JSON request a line from standard input and answers each with one line.
"""

import importlib
import json
import sys
import time
from typing import Any

from benchmarks.contestants.task import Task

NAMES = {
    "glassnet": ("of_glassnet", "Glassnet"),
    "products": ("of_products", "Products"),
    "pytorch": ("of_pytorch", "PyTorch"),
    "pytorch-compiled": ("of_pytorch", "PyTorchCompiled"),
    "jax": ("of_jax", "Jax"),
    "scikit-learn": ("of_scikit_learn", "ScikitLearn"),
}


def main() -> None:
    """Serve until there is nothing more to read."""
    module, name = NAMES[sys.argv[1]]
    kind = getattr(importlib.import_module(f"benchmarks.contestants.{module}"), name)
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
