"""Report of the results: Markdown tables with targets, and a plot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

Results = dict[str, Any]
# Smallest ratio of a backend's time to glassnet's that is acceptable, by optimiser and batch size;
# None stands for all.
TARGETS: dict[str, dict[tuple[str | None, int | None], float]] = {
    "pytorch": {(None, None): 1.4},
    "scikit-learn": {(None, None): 2.0},
    "jax": {
        ("sgd", 128): 0.8,
        ("sgd", 512): 0.8,
        ("adam", 128): 0.7,
        ("adam", 512): 0.7,
        (None, 32): 0.5,
    },
}
NAMES = {
    "glassnet": "glassnet",
    "products": "matrix products only",
    "pytorch": "PyTorch",
    "pytorch-compiled": "PyTorch, compiled",
    "jax": "JAX, jitted",
    "scikit-learn": "scikit-learn",
    "onnxruntime": "onnxruntime",
}


def target(name: str, task: dict[str, Any]) -> float:
    """Return the target for the ratio of a backend on a task; 0 if there is none."""
    for (optimizer, batch_size), least in TARGETS.get(name, {}).items():
        if optimizer in (None, task["optimizer"]) and batch_size in (None, task["batch_size"]):
            return least
    return 0.0


def ratio(cell: dict[str, Any], name: str) -> float | None:
    """Return the ratio of a backend's fastest step to glassnet's; None if it did not run."""
    figures = cell["backends"].get(name, {})
    if "min" not in figures:
        return None
    value: float = figures["min"] / cell["backends"]["glassnet"]["min"]
    return value


def to_markdown(results: Results) -> str:
    """Return all results as Markdown tables."""
    parts = ["# Benchmark results", "", *_machine(results["machine"])]
    for title, key, write in (
        ("One training step", "steps", _steps),
        ("Profile of a training step", "shares", _shares),
        ("Scaling of a training step", "growth", _growth),
        ("Whole process: read, train, evaluate, save", "cold", _cold),
        ("Prediction", "prediction", _prediction),
        ("Reading data", "loading", _seconds),
        ("Startup", "start", _seconds),
        ("Augmentation", "augmenting", _augmenting),
    ):
        if results.get(key):
            parts += ["", f"## {title}", "", *write(results[key])]
    return "\n".join(parts) + "\n"


def _machine(machine: dict[str, Any]) -> Iterator[str]:
    speeds = ", ".join(f"{speed:.0f}" for speed in machine["gflops"])
    yield (
        f"Measured on {machine['when']}: {machine['cpu']}, {machine['cores']} cores, Python "
        f"{machine['python']}, NumPy {machine['numpy']}, {machine['blas']}, kernel "
        f"{machine['kernel']}, {machine['threads']} threads, {speeds} GFLOP/s for 128x784x128, "
        "784x128x128 and 1024x1024x1024."
    )


def _steps(cells: list[dict[str, Any]]) -> Iterator[str]:
    names = [name for name in NAMES if any(name in cell["backends"] for cell in cells)]
    others = [name for name in names if name != "glassnet"]
    yield (
        "glassnet: microseconds of the fastest step. Other columns: the fastest step over "
        "glassnet's, and in brackets the ratio of the medians; above 1, glassnet is faster. "
        "! marks a ratio below the target: 1.4 for PyTorch, 2 for scikit-learn; for JAX 0.8 "
        "(gradient descent, batches of 128 and 512), 0.7 (Adam, batches of 128 and 512) and 0.5 "
        "(batches of 32)."
    )
    yield ""
    yield (
        "| network | batch size | optimiser | glassnet | "
        + " | ".join(NAMES[name] for name in others)
        + " |"
    )
    yield "|---|---|---|" + "---|" * len(names)
    for cell in cells:
        task, ours = cell["task"], cell["backends"]["glassnet"]
        row = [
            "-".join(map(str, task["sizes"])),
            str(task["batch_size"]),
            task["optimizer"],
            f"{ours['min']:,.0f}",
        ]
        for name in others:
            value = ratio(cell, name)
            if value is None:
                row.append("failed" if name in cell["backends"] else "")
                continue
            median = cell["backends"][name]["median"] / ours["median"]
            mark = " !" if value < target(name, task) else ""
            row.append(f"{value:.2f} ({median:.2f}){mark}")
        yield "| " + " | ".join(row) + " |"


def _shares(found: dict[str, dict[str, float]]) -> Iterator[str]:
    yield (
        "784-128-10, batches of 128: microseconds per step, under a profiler, which slows down "
        "Python code but not the matrix products."
    )
    yield ""
    yield "| | gradient descent | Adam |"
    yield "|---|---|---|"
    for part in found["sgd"]:
        yield f"| {part} | {found['sgd'][part]:,.0f} | {found['adam'].get(part, 0):,.0f} |"
    totals = [sum(found[optimizer].values()) for optimizer in ("sgd", "adam")]
    yield f"| total | {totals[0]:,.0f} | {totals[1]:,.0f} |"


def _growth(cells: list[dict[str, Any]]) -> Iterator[str]:
    yield "784-width-10, gradient descent; microseconds per image, fastest step."
    yield ""
    yield "| varied | width | batch | images | glassnet | PyTorch | JAX |"
    yield "|---|---|---|---|---|---|---|"
    for cell in cells:
        task = cell["task"]
        costs = [
            f"{figures['min'] / task['batch_size']:.2f}" if "min" in figures else "failed"
            for figures in (cell["backends"][name] for name in ("glassnet", "pytorch", "jax"))
        ]
        yield (
            f"| {cell['along']} | {task['sizes'][1]:,} | {task['batch_size']:,} "
            f"| {task['n_images']:,} | {' | '.join(costs)} |"
        )


def _cold(programs: dict[str, Any]) -> Iterator[str]:
    yield (
        "Compare the times of the whole process. glassnet's training time covers the steps only; "
        "that of the others also includes the code around the steps."
    )
    yield ""
    yield "| | accuracy on t10k, median (each seed) | training, s | whole process, s | peak MB |"
    yield "|---|---|---|---|---|"
    for name, found in programs.items():
        each = ", ".join(f"{100 * accuracy:.2f}" for accuracy in found["accuracies"])
        yield (
            f"| {NAMES[name]} | {100 * found['accuracy']:.2f}% ({each}) "
            f"| {found['training']['median']:.2f} (min {found['training']['min']:.2f}) "
            f"| {found['seconds']['median']:.2f} (min {found['seconds']['min']:.2f}) "
            f"| {found['peak_mb']:.0f} |"
        )


def _prediction(found: dict[str, Any]) -> Iterator[str]:
    yield "784-128-10 in float32: microseconds, median (min)."
    yield ""
    yield "| | one image | 10,000 images |"
    yield "|---|---|---|"
    for name, sizes in found["microseconds"].items():
        cells = (f"{sizes[s]['median']:,.0f} ({sizes[s]['min']:,.0f})" for s in ("one", "many"))
        yield f"| {NAMES[name]} | {' | '.join(cells)} |"


def _seconds(found: dict[str, Any]) -> Iterator[str]:
    yield "| | median, ms | min, ms |"
    yield "|---|---|---|"
    for name, figures in found.items():
        if isinstance(figures, dict):
            yield f"| {name} | {1e3 * figures['median']:,.0f} | {1e3 * figures['min']:,.0f} |"


def _augmenting(found: dict[str, Any]) -> Iterator[str]:
    shares = ", ".join(f"{name} {100 * share:.0f}%" for name, share in found["shares"].items())
    yield f"Images of 28 x 28 per second. Share of a recipe's training steps: {shares}."
    yield ""
    yield "| | median | max |"
    yield "|---|---|---|"
    for name, figures in found["images_per_second"].items():
        yield f"| {name} | {figures['median']:,.0f} | {figures['max']:,.0f} |"


def plot_steps(cells: list[dict[str, Any]], path: Path) -> None:
    """Plot the ratio of each backend's fastest step to glassnet's."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    labels = [
        f"{'-'.join(map(str, cell['task']['sizes']))}, {cell['task']['batch_size']}, "
        f"{cell['task']['optimizer']}"
        for cell in cells
    ]
    styles = {
        "products": ("|", "0.35"),
        "jax": ("s", "#8c510a"),
        "pytorch": ("o", "#d6604d"),
        "pytorch-compiled": ("D", "#f4a582"),
        "scikit-learn": ("^", "#4393c3"),
    }
    figure, axes = plt.subplots(figsize=(8, 1.2 + 0.3 * len(cells)), layout="constrained")
    at = list(range(len(cells)))
    for name, (marker, colour) in styles.items():
        values = [ratio(cell, name) for cell in cells]
        if any(values):
            xs = [value if value else float("nan") for value in values]
            axes.plot(
                xs, at, marker, color=colour, ms=7, mew=2 if marker == "|" else 0, label=NAMES[name]
            )
    axes.axvline(1, color="black", lw=1)
    axes.set_xscale("log", base=2)
    ticks = [0.25, 0.5, 1, 2]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks(at, labels)
    axes.invert_yaxis()
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    axes.set_xlabel("time of a step / time of glassnet's step (above 1: glassnet is faster)")
    axes.set_xlim(0.2, 3.2)
    figure.legend(loc="outside upper center", ncols=5, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
