"""Where a step's time goes: python -m benchmarks.shares OPTIMIZER prints it as JSON.

The profiler counts the time of every function; those of one step of 784-128-10, batches of 128,
are put together under the names of what they do.
"""

import cProfile
import json
import pstats
import subprocess
import sys

from benchmarks.backends.glassnet_backend import Glassnet
from benchmarks.backends.task import Task
from benchmarks.harness import unforced

N_STEPS = 2_000
# (end of the file's name, function) -> what it does, with the functions that it calls.
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
    """Measure both optimisers, each in its own process; microseconds a step by part."""
    return {
        optimizer: json.loads(
            subprocess.run(
                [sys.executable, "-m", "benchmarks.shares", optimizer],
                env=unforced(),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
        )
        for optimizer in ("sgd", "adam")
    }


def main() -> None:
    """Measure one optimiser."""
    contestant = Glassnet(Task((784, 128, 10), 128, sys.argv[1], 51_200))
    contestant.train(200)
    profile = cProfile.Profile()
    profile.runcall(contestant.train, N_STEPS)
    parts = dict.fromkeys([*PARTS.values(), "other: gathering, Python, records"], 0.0)
    total = 0.0
    for (file, _, name), (_, _, own, cumulative, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        total += own
        for (suffix, function), part in PARTS.items():
            is_it = file.endswith(suffix) and function in ("", name)
            # A dense layer's own way back calls the affine one: only the latter is counted.
            if is_it and not (suffix == "nn/layers/dense.py" and own < cumulative / 2):
                parts[part] += cumulative if function else own
    rest = total - sum(parts.values())
    parts["other: gathering, Python, records"] = rest
    sys.stdout.write(
        json.dumps({part: seconds / N_STEPS * 1e6 for part, seconds in parts.items() if seconds})
    )


if __name__ == "__main__":
    main()
