"""glassnet backend: the public `train`, including its records."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import glassnet as gn
from benchmarks.backends.task import EPS, Task


class Glassnet:
    """Backend that calls `glassnet.train`."""

    def __init__(self, task: Task) -> None:
        network = gn.mlp(task.sizes, rng=0)
        for name, theta in task.parameters().items():
            network.params[name][...] = theta
        self.training = gn.train(
            network,
            (task.images, task.labels),
            optimizer=gn.SGD() if task.optimizer == "sgd" else gn.Adam(eps=EPS),
            learning_rate=task.learning_rate,
            epochs=1_000_000,
            batch_size=task.batch_size,
            rng=0,
        )
        self.steps: Iterator[Any] = self.training.steps()
        self.batch_size = task.batch_size

    def train(self, n_steps: int) -> list[float]:
        """Make `n_steps` steps; return the loss of a single step."""
        if n_steps == 1:
            before = self.training.monitor.stats.total_loss
            record = next(self.steps)
            # The total is reset after each epoch, whose record holds the mean.
            after = (
                self.training.monitor.stats.total_loss
                if record is None
                else record.train_loss * len(self.training.images)
            )
            return [(after - before) / self.batch_size]
        for _ in islice(self.steps, n_steps):
            pass
        return []
