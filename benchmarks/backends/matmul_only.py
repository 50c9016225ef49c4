"""Lower bound: only the matrix products of a step, in NumPy, on preallocated arrays."""

from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.backends.task import Task


class MatmulOnly:
    """Backend with x W, x^T dz and dz W^T per layer, without dz W^T of the first layer."""

    def __init__(self, task: Task) -> None:
        rng = np.random.default_rng(0)

        def draw(*shape: int) -> Any:
            return rng.random(shape, dtype=np.float32)

        n, self.layers = task.batch_size, []
        for n_in, n_out in pairwise(task.sizes):
            x, W, dz = draw(n, n_in), draw(n_in, n_out), draw(n, n_out)
            self.layers.append((x, W, dz, draw(n, n_out), draw(n_in, n_out), draw(n, n_in)))

    def train(self, n_steps: int) -> list[float]:
        """Make the products of `n_steps` steps; there are no losses."""
        for _ in range(n_steps):
            for x, W, _, z, _, _ in self.layers:
                np.matmul(x, W, out=z)
            for number in range(len(self.layers) - 1, -1, -1):
                x, W, dz, _, dW, dx = self.layers[number]
                np.matmul(x.T, dz, out=dW)
                if number:
                    np.matmul(dz, W.T, out=dx)
        return []
