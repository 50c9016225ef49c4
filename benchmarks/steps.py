"""Time of a training step by network, batch size and optimiser, and its scaling."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from benchmarks.backends.task import Task
from benchmarks.harness import BackendProcess, time_backends

NETWORKS = ((784, 128, 10), (784, 256, 128, 10), (784, 800, 800, 10), (784, 1024, 512, 10))
BATCH_SIZES = (32, 128, 512)
OPTIMIZERS = ("sgd", "adam")
BACKENDS = ("glassnet", "products", "pytorch", "pytorch-compiled", "jax", "scikit-learn")
N_IMAGES = 51_200  # a multiple of every batch size


@dataclass(frozen=True, kw_only=True)
class Effort:
    """Extent of the measurement.

    Parameters
    ----------
    n_units : int
        Number of timings of each backend in each cell.
    networks : sequence of tuple of int
    batch_sizes : sequence of int
    backends : sequence of str
    with_growth : bool
        Whether to measure the scaling too.
    """

    n_units: int
    networks: Sequence[tuple[int, ...]]
    batch_sizes: Sequence[int]
    backends: Sequence[str]
    with_growth: bool


FULL = Effort(
    n_units=20, networks=NETWORKS, batch_sizes=BATCH_SIZES, backends=BACKENDS, with_growth=True
)
QUICK = Effort(
    n_units=20,
    networks=NETWORKS[:1],
    batch_sizes=(128,),
    backends=[name for name in BACKENDS if name != "pytorch-compiled"],
    with_growth=False,
)


def measure_steps(effort: Effort) -> Iterator[dict[str, Any]]:
    """Measure all cells; yield each result when it is available."""
    tasks = [
        Task(sizes, batch_size, optimizer, N_IMAGES)
        for sizes in effort.networks
        for batch_size in effort.batch_sizes
        for optimizer in OPTIMIZERS
    ]
    yield from _measure(tasks, effort.backends, effort.n_units)


def measure_growth() -> Iterator[dict[str, Any]]:
    """Measure the time per step by width, batch size and number of images."""
    tasks = {
        "width": [Task((784, width, 10), 128, "sgd", N_IMAGES) for width in (32, 128, 512, 2048)],
        "batch": [Task((784, 128, 10), size, "sgd", N_IMAGES) for size in (8, 32, 128, 512, 2048)],
        "images": [Task((784, 128, 10), 128, "sgd", n) for n in (1_280, 12_800, 128_000)],
    }
    for along, row in tasks.items():
        for result in _measure(row, ("glassnet", "pytorch", "jax"), 10):
            yield {"along": along, **result}


def _measure(tasks: Sequence[Task], names: Sequence[str], n_units: int) -> Iterator[dict[str, Any]]:
    for task in tasks:
        # torch.compile takes half a minute per cell; one batch size is enough.
        selected = [name for name in names if name != "pytorch-compiled" or task.batch_size == 128]
        # New processes for each task, because memory and compiled code would be kept.
        with ExitStack() as stack:
            backends = [stack.enter_context(BackendProcess(name)) for name in selected]
            yield time_backends(backends, task, n_units)
