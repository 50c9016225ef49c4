"""Compare glassnet with other libraries: python -m benchmarks.bench [--quick] [--out FOLDER].

Writes results.json, including a description of the machine, results.md and steps.png. Parts that
need MNIST look for it in $GLASSNET_DATA; without it they are skipped with a message.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.augmenting import measure_augmenting
from benchmarks.cold_starts import measure_cold_starts
from benchmarks.report import plot_steps, to_markdown
from benchmarks.shares import measure_shares
from benchmarks.small import measure_loading, measure_prediction, measure_start
from benchmarks.steps import FULL, QUICK, measure_growth, measure_steps
from glassnet.compute.gflops import measure_without
from glassnet.compute.machine import SETTINGS, describe_cpu

err = Console(stderr=True, highlight=False)


def main() -> None:
    """Measure all parts; write the results after each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="measure less, within 3 minutes")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="output folder")
    parser.add_argument("--only", default="", help="parts to measure again, such as steps,cold")
    options = parser.parse_args()
    effort, rounds = (QUICK, 2) if options.quick else (FULL, 7)
    started = time.perf_counter()
    path = options.out / "results.json"
    results: dict[str, Any] = (
        json.loads(path.read_text(encoding="utf-8")) if options.only and path.is_file() else {}
    )
    results["machine"] = {
        "when": datetime.now(UTC).strftime("%Y-%m-%d"),
        **describe_cpu(),
        **measure_without(SETTINGS),
    }
    parts: dict[str, Callable[[], Any]] = {
        "start": lambda: measure_start(rounds),
        "prediction": lambda: measure_prediction(rounds),
        "loading": lambda: measure_loading(min(rounds, 3)),
        "cold": lambda: measure_cold_starts(1 if options.quick else 5),
        "shares": measure_shares,
        "augmenting": lambda: measure_augmenting(min(rounds, 3)),
        "steps": lambda: _collect(measure_steps(effort)),
        "growth": lambda: _collect(measure_growth()) if effort.with_growth else None,
    }
    selected = options.only.split(",") if options.only else list(parts)
    if unknown := set(selected) - set(parts):
        parser.error(
            f"--only: needs names among {', '.join(parts)}; got {', '.join(sorted(unknown))}"
        )
    options.out.mkdir(parents=True, exist_ok=True)
    for name in selected:
        err.print(f"{time.perf_counter() - started:5.0f} s  {name} ...")
        results[name] = parts[name]()
        if results[name] is None and name in ("loading", "cold"):
            err.print(f"         {name}: skipped, because it needs MNIST in $GLASSNET_DATA")
        path.write_text(json.dumps(results, indent=1), encoding="utf-8")
    table = to_markdown(results)
    (options.out / "results.md").write_text(table, encoding="utf-8")
    if results.get("steps"):
        plot_steps(results["steps"], options.out / "steps.png")
    sys.stdout.write(table)
    err.print(f"{time.perf_counter() - started:5.0f} s  wrote {options.out}")


def _collect(cells: Any) -> list[dict[str, Any]]:
    """Collect the cells and print each when it is measured."""
    collected = []
    for cell in cells:
        task = cell["task"]
        fastest = ", ".join(
            f"{name} {figures['min']:,.0f}" if "min" in figures else f"{name} failed"
            for name, figures in cell["backends"].items()
        )
        err.print(
            f"  {'-'.join(map(str, task['sizes']))}, batch {task['batch_size']}, "
            f"{task['optimizer']}: {fastest} us"
        )
        collected.append(cell)
    return collected


if __name__ == "__main__":
    main()
