"""Task of a backend: network, batch size, optimiser, images and initial parameters."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from glassnet.types import Array

LEARNING_RATES = {"sgd": 0.05, "adam": 1e-4}
# Of Adam. With the usual 1e-8, weights whose gradients are almost zero are updated by the sign of a
# rounding error, which differs between backends.
EPS = 1e-6


@dataclass(frozen=True)
class Task:
    """Task for all backends: one cell of the table.

    Parameters
    ----------
    sizes : tuple of int
        Inputs, hidden units of each layer, classes.
    batch_size : int
        Images per update.
    optimizer : str
        ``"sgd"`` (plain) or ``"adam"``.
    n_images : int
        Images in memory, from which batches are gathered; a multiple of the batch size.
    """

    sizes: tuple[int, ...]
    batch_size: int
    optimizer: str
    n_images: int

    @property
    def learning_rate(self) -> float:
        """Constant learning rate."""
        return LEARNING_RATES[self.optimizer]

    @cached_property
    def images(self) -> Array:
        """Images (n, 784), uint8: the sample dataset, repeated."""
        return np.resize(sample().train.images.reshape(-1, 784), (self.n_images, 784))

    @cached_property
    def labels(self) -> Array:
        """Labels (n,), int64."""
        return np.resize(sample().train.labels.astype(np.int64), self.n_images)

    def parameters(self) -> dict[str, Array]:
        """Return the initial parameters: He initialisation, float32, seed 0."""
        rng = np.random.default_rng(0)
        params: dict[str, Array] = {}
        for number, (n_in, n_out) in enumerate(pairwise(self.sizes), start=1):
            weights = rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)
            params[f"W{number}"] = weights.astype(np.float32)
            params[f"b{number}"] = np.zeros(n_out, np.float32)
        return params

    def epoch(self, rng: np.random.Generator) -> Array:
        """Return the row numbers of all batches of an epoch, shuffled, (n_batches, batch_size)."""
        return rng.permutation(self.n_images).reshape(-1, self.batch_size)


class Deck:
    """Row numbers of batches, reshuffled after each epoch."""

    def __init__(self, task: Task) -> None:
        self.task, self.rng = task, np.random.default_rng(0)
        self.rows, self.at = np.empty((0, task.batch_size), np.int64), 0

    def deal(self, n_steps: int) -> Array:
        """Return the rows of the next batches, (n_steps, batch_size)."""
        dealt = []
        while n_steps:
            if self.at == len(self.rows):
                self.rows, self.at = self.task.epoch(self.rng), 0
            dealt.append(self.rows[self.at : self.at + n_steps])
            self.at += len(dealt[-1])
            n_steps -= len(dealt[-1])
        return dealt[0] if len(dealt) == 1 else np.concatenate(dealt)


class Backend(Protocol):
    """Protocol of a backend."""

    def __init__(self, task: Task) -> None: ...

    def train(self, n_steps: int) -> list[float]:
        """Make `n_steps` steps: shuffle, gather, forward, loss, backward, update.

        Return the loss of each step, or an empty list if there are no losses.
        """


def sample() -> Any:
    """Load the sample dataset."""
    from glassnet.data.sources.load import load_dataset

    return load_dataset("sample", validation=0, test=0)
