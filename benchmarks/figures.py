"""Measure the accuracies that the README states: python -m benchmarks.figures.

Trains every set-up in the table below and prints it as Markdown. MNIST and Fashion-MNIST are
looked for in $GLASSNET_DATA; what is not there is left out and said so.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from glassnet.data.sources.locate import find
from glassnet.errors import DataNotFoundError


@dataclass(frozen=True)
class Setup:
    """One row: what to type after ``glassnet train``, with which seeds, and what is needed."""

    data: str
    options: str
    seeds: tuple[int, ...]
    least: float

    @property
    def arguments(self) -> str:
        """What stands after ``glassnet train``."""
        return f"--data {self.data} {self.options}".strip()


SETUPS = (
    Setup("sample", "", (0, 1, 2, 3, 4), 0.935),
    Setup("mnist", "", (0, 1, 2), 0.980),
    Setup("mnist", "--recipe textbook", (0,), 0.950),
    Setup("mnist", "--hidden none", (0,), 0.920),
    Setup("mnist", "--activation sigmoid", (0,), 0.970),
    Setup("mnist", "--activation tanh", (0,), 0.970),
    Setup("fashion-mnist-t10k", "", (0,), 0.840),
)


def measure(setup: Setup, seed: int, folder: Path) -> dict[str, Any] | None:
    """Train once in a process of its own; return its metrics, or None without the data.

    Raises
    ------
    subprocess.CalledProcessError
        If the training fails for any other reason.
    """
    command = [sys.executable, "-m", "glassnet", "train", *setup.arguments.split()]
    command += ["--seed", str(seed), "--json", "--no-pictures", "--out", str(folder / "run")]
    try:
        find(setup.data)
    except DataNotFoundError:
        return None
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    metrics: dict[str, Any] = json.loads(done.stdout)
    return metrics


def main() -> int:
    """Print the table; return 1 if a figure is below what is needed."""
    out, err = Console(soft_wrap=True), Console(stderr=True)
    out.print("| `glassnet train` | test images | accuracy by seed | mean | needed |")
    out.print("|---|---|---|---|---|")
    is_good = True
    for setup in SETUPS:
        found = []
        for seed in setup.seeds:
            with (
                tempfile.TemporaryDirectory() as folder,
                err.status(f"{setup.arguments} --seed {seed}"),
            ):
                found.append(measure(setup, seed, Path(folder)))
        known = [metrics for metrics in found if metrics is not None]
        if len(known) < len(found):
            err.print(f"left out, its data is not in $GLASSNET_DATA: {setup.arguments}")
            continue
        accuracies = [metrics["test_accuracy"] for metrics in known]
        mean = sum(accuracies) / len(accuracies)
        is_good &= mean >= setup.least
        out.print(
            f"| `{setup.arguments}` | {known[0]['n_test']:,} | "
            f"{', '.join(f'{accuracy:.2%}' for accuracy in accuracies)} | {mean:.2%} | "
            f"{setup.least:.1%} |"
        )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
