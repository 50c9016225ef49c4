"""The step: every network, batch size and optimiser, and how the cost of an epoch grows."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from benchmarks.backends.task import Task
from benchmarks.harness import Contender, compete

NETWORKS = ((784, 128, 10), (784, 256, 128, 10), (784, 800, 800, 10), (784, 1024, 512, 10))
BATCH_SIZES = (32, 128, 512)
OPTIMIZERS = ("sgd", "adam")
CONTESTANTS = ("glassnet", "products", "pytorch", "pytorch-compiled", "jax", "scikit-learn")
N_IMAGES = 51_200  # a multiple of every batch size


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much is measured.

    Parameters
    ----------
    n_units : int
        Of each contestant in each cell.
    networks : sequence of tuple of int
        Which networks.
    batch_sizes : sequence of int
        Which batch sizes.
    backends : sequence of str
        Who.
    with_growth : bool
        Whether to measure how the cost grows.
    """

    n_units: int
    networks: Sequence[tuple[int, ...]]
    batch_sizes: Sequence[int]
    backends: Sequence[str]
    with_growth: bool


FULL = Effort(
    n_units=20, networks=NETWORKS, batch_sizes=BATCH_SIZES, backends=CONTESTANTS, with_growth=True
)
QUICK = Effort(
    n_units=20,
    networks=NETWORKS[:1],
    batch_sizes=(128,),
    backends=[name for name in CONTESTANTS if name != "pytorch-compiled"],
    with_growth=False,
)


def measure_steps(effort: Effort) -> Iterator[dict[str, Any]]:
    """Measure each cell; yield its result as soon as it is there."""
    tasks = [
        Task(sizes, batch_size, optimizer, N_IMAGES)
        for sizes in effort.networks
        for batch_size in effort.batch_sizes
        for optimizer in OPTIMIZERS
    ]
    yield from _measure(tasks, effort.backends, effort.n_units)


def measure_growth() -> Iterator[dict[str, Any]]:
    """Measure how the cost of a step grows with width, batch and number of images."""
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
        # torch.compile takes half a minute for each cell: one batch size shows what it gains.
        who = [name for name in names if name != "pytorch-compiled" or task.batch_size == 128]
        # New processes for each task: memory and compiled code of the last one would stay.
        with ExitStack() as stack:
            contenders = [stack.enter_context(Contender(name)) for name in who]
            yield compete(contenders, task, n_units)
