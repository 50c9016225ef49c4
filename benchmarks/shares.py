"""Profile of a training step: python -m benchmarks.shares OPTIMIZER prints it as JSON.

The profiler measures every function of a step of 784-128-10 with batch size 128; the times are
summed by purpose.
"""

import cProfile
import json
import pstats
import subprocess
import sys

from benchmarks.backends.glassnet_backend import Glassnet
from benchmarks.backends.task import Task
from benchmarks.harness import default_environment

N_STEPS = 2_000
# (end of the file's path, function) -> purpose, including the functions that it calls.
PARTS = {
    ("nn/layers/dense.py", "affine"): "forward: products and biases",
    ("nn/layers/dense.py", "backward"): "backward: products and sums",
    ("nn/activations.py", ""): "ReLU, forward and backward",
    ("nn/losses.py", "cross_entropy"): "softmax and loss",
    ("nn/validation.py", "to_unit"): "bytes to floats",
    ("nn/monitoring/evaluation.py", "count_correct"): "counting correct answers",
    ("nn/optimizers.py", "update"): "update",
}


def measure_shares() -> dict[str, dict[str, float]]:
    """Return the microseconds per step by purpose for both optimisers, each in its own process."""
    return {
        optimizer: json.loads(
            subprocess.run(
                [sys.executable, "-m", "benchmarks.shares", optimizer],
                env=default_environment(),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
        )
        for optimizer in ("sgd", "adam")
    }


def main() -> None:
    """Profile one optimiser and print the result as JSON."""
    backend = Glassnet(Task((784, 128, 10), 128, sys.argv[1], 51_200))
    backend.train(200)
    profile = cProfile.Profile()
    profile.runcall(backend.train, N_STEPS)
    parts = dict.fromkeys([*PARTS.values(), "other: gathering, Python, records"], 0.0)
    total = 0.0
    for (file, _, name), (_, _, own, cumulative, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        total += own
        for (suffix, function), part in PARTS.items():
            matches = file.endswith(suffix) and function in ("", name)
            # The backward function of a dense layer calls that of affine; only the latter counts.
            if matches and not (suffix == "nn/layers/dense.py" and own < cumulative / 2):
                parts[part] += cumulative if function else own
    rest = total - sum(parts.values())
    parts["other: gathering, Python, records"] = rest
    sys.stdout.write(
        json.dumps({part: seconds / N_STEPS * 1e6 for part, seconds in parts.items() if seconds})
    )


if __name__ == "__main__":
    main()
