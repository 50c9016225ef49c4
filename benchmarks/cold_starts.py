"""Time of a process that trains, evaluates and saves: glassnet's `fast`, PyTorch, scikit-learn."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import default_environment
from glassnet.data.sources.locate import find
from glassnet.errors import DataNotFoundError

PROGRAMS = ("glassnet", "pytorch", "scikit-learn")


def measure_cold_starts(n_seeds: int) -> dict[str, Any] | None:
    """Run the programs in turn, once for each seed; return None without MNIST.

    For each program, return the seconds of the process and of its training, the accuracies on
    t10k, and the peak memory in MB.
    """
    try:
        folder = find("mnist")
    except DataNotFoundError:
        return None
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in PROGRAMS}
    for seed in range(n_seeds):
        for name, results in runs.items():
            with tempfile.TemporaryDirectory() as scratch:
                results.append(_run(_command(name, folder, seed, Path(scratch))))
    return {
        name: {
            "accuracies": [result["accuracy"] for result in results],
            "accuracy": statistics.median(result["accuracy"] for result in results),
            "seconds": _summary([result["seconds"] for result in results]),
            "training": _summary([result["training"] for result in results]),
            "peak_mb": max(result["peak_mb"] for result in results),
        }
        for name, results in runs.items()
    }


def _command(name: str, folder: Path, seed: int, scratch: Path) -> list[str]:
    if name == "glassnet":
        return [
            *(sys.executable, "-m", "glassnet", "train", "--data", "mnist"),
            *("--seed", str(seed), "--no-pictures", "--json", "--out", str(scratch / "run")),
        ]
    script = f"benchmarks.cold.with_{name.replace('-', '_')}"
    return [sys.executable, "-m", script, str(folder), str(seed), str(scratch / "model")]


def _run(command: list[str]) -> dict[str, float]:
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=default_environment(), stdout=subprocess.PIPE, text=True
    )
    output = process.stdout.read() if process.stdout else ""
    # wait4, not wait: it returns the resource usage of this process.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    result = json.loads(output)
    return {
        "accuracy": result.get("test_accuracy", result.get("accuracy")),
        "training": result.get("seconds", result.get("training")),
        "seconds": seconds,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def _summary(values: list[float]) -> dict[str, float]:
    return {"min": min(values), "median": statistics.median(values)}
