"""Times other than training: prediction, reading data, and startup."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness import default_environment
from benchmarks.predicting import PROGRAMS
from glassnet.data.sources.locate import find
from glassnet.errors import DataNotFoundError

IMPORT_NUMPY = "import time; t = time.perf_counter(); import numpy; print(time.perf_counter() - t)"
IMPORT_AFTER = (
    "import numpy, time; t = time.perf_counter(); import glassnet; print(time.perf_counter() - t)"
)
USE_AFTER = IMPORT_AFTER.replace("import glassnet;", "import glassnet as gn; gn.mlp; gn.train;")
# Prints the seconds of the fastest call of read(); the first calls fill the file cache.
FASTEST_READ = """
import sys, time
best = 1e9
for _ in range({n_calls}):
    started = time.perf_counter()
    read(sys.argv[1])
    best = min(best, time.perf_counter() - started)
print(best)
"""
READ = """
from glassnet.data.sources.load import load_dataset
def read(source):
    load_dataset(source, validation=0, test=None if source == "mnist" else 0).image_hashes
""" + FASTEST_READ.format(n_calls=5)
READ_WITH_POLARS = """
import polars as pl
def read(source):
    table = pl.read_csv(source, schema_overrides=[pl.UInt8] * 785)
    table["label"].to_numpy(), table.drop("label").to_numpy()
""" + FASTEST_READ.format(n_calls=5)
READ_WITH_NUMPY = """
import numpy as np
def read(source):
    np.loadtxt(source, np.uint8, delimiter=",", skiprows=1)
""" + FASTEST_READ.format(n_calls=2)


def measure_prediction(n_rounds: int) -> dict[str, Any]:
    """Measure prediction of one and of 10,000 images with three programs, in separate processes.

    Return microseconds: the smallest minimum and the median of the medians.
    """
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in PROGRAMS}
    for _ in range(n_rounds):
        for name, results in rounds.items():
            results.append(json.loads(_python("-m", "benchmarks.predicting", name)))
    first = {name: results[0]["first"] for name, results in rounds.items()}
    pairs = [
        (a, b)
        for other in first.values()
        for a, b in zip(_flat(other), _flat(first["glassnet"]), strict=True)
    ]
    if (difference := max(abs(a - b) for a, b in pairs)) > 1e-4:
        raise ValueError(f"the programs' probabilities differ by {difference:.1e}")
    return {
        "largest_difference": difference,
        "microseconds": {
            name: {
                size: {
                    "min": min(result[size]["min"] for result in results),
                    "median": statistics.median(result[size]["median"] for result in results),
                }
                for size in ("one", "many")
            }
            for name, results in rounds.items()
        },
    }


def measure_start(n_rounds: int) -> dict[str, Any]:
    """Measure the seconds of imports and of ``glassnet --help``."""
    return {
        "import numpy": _fastest(n_rounds, "-c", IMPORT_NUMPY),
        "import glassnet after numpy": _fastest(n_rounds, "-c", IMPORT_AFTER),
        "import glassnet after numpy, and load mlp and train": _fastest(n_rounds, "-c", USE_AFTER),
        "glassnet --help": _wall(n_rounds, [sys.executable, "-m", "glassnet", "--help"]),
        "python -c pass": _wall(n_rounds, [sys.executable, "-c", "pass"]),
    }


def measure_loading(n_rounds: int) -> dict[str, Any] | None:
    """Measure the seconds to read Kaggle's train.csv and MNIST's files; None without MNIST."""
    try:
        folder = find("mnist")
    except DataNotFoundError:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "train.csv"
        write_table(folder, table)
        return {
            "bytes": table.stat().st_size,
            "train.csv, with hashes": _fastest(n_rounds, "-c", READ, str(table)),
            "train.csv, polars without checks": _fastest(
                n_rounds, "-c", READ_WITH_POLARS, str(table)
            ),
            "train.csv, numpy.loadtxt": _fastest(1, "-c", READ_WITH_NUMPY, str(table)),
            "the four MNIST files, with hashes": _fastest(n_rounds, "-c", READ, "mnist"),
        }


def write_table(folder: Path, path: Path) -> None:
    """Write 42,000 MNIST images in the format of Kaggle's train.csv."""
    import numpy as np
    import polars as pl

    from benchmarks.cold.mnist import read_mnist

    images, labels, _, _ = read_mnist(str(folder))
    columns: Mapping[str, Any] = {"label": labels[:42_000]} | {
        f"pixel{number}": np.ascontiguousarray(images[:42_000, number]) for number in range(784)
    }
    pl.DataFrame(columns).write_csv(path)


def _fastest(n_rounds: int, *arguments: str) -> dict[str, float]:
    seconds = [float(_python(*arguments)) for _ in range(n_rounds)]
    return {"min": min(seconds), "median": statistics.median(seconds)}


def _wall(n_rounds: int, command: Sequence[str]) -> dict[str, float]:
    seconds = []
    for _ in range(n_rounds):
        started = time.perf_counter()
        subprocess.run(command, env=default_environment(), stdout=subprocess.DEVNULL, check=True)
        seconds.append(time.perf_counter() - started)
    return {"min": min(seconds), "median": statistics.median(seconds)}


def _python(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, *arguments],
        env=default_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def _flat(rows: Sequence[Sequence[float]]) -> list[float]:
    return [value for row in rows for value in row]
