"""scikit-learn's MLPClassifier, an epoch over so many images at a time."""

import math
import warnings
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.backends.task import EPS, Deck, Task


class ScikitLearn:
    """`partial_fit`, which shuffles, gathers and trains one pass over what it is given."""

    def __init__(self, task: Task) -> None:
        warnings.simplefilter("ignore")
        self.task, self.deck = task, Deck(task)
        self.images = task.images[: task.n_images].astype(np.float32)
        self.images /= 255  # it takes floats only
        self.model: Any = MLPClassifier(
            task.sizes[1:-1],
            solver=task.optimizer,
            alpha=0,
            batch_size=task.batch_size,
            learning_rate_init=task.learning_rate,
            momentum=0,
            nesterovs_momentum=False,
            random_state=0,
        )
        # A first step makes its arrays; then they are given the common start.
        first = slice(0, task.batch_size)
        self.model.partial_fit(self.images[first], task.labels[first], classes=np.arange(10))
        params = task.parameters()
        for number in range(1, len(task.sizes)):
            self.model.coefs_[number - 1][...] = params[f"W{number}"]
            self.model.intercepts_[number - 1][...] = params[f"b{number}"]
        del self.model._optimizer
        self.step = 0

    def train(self, n_steps: int) -> list[float]:
        """Make so many steps."""
        if n_steps == 1:
            # It adds eps before it corrects the root of v for its start: so its eps is ours.
            self.step += 1
            self.model.epsilon = EPS * math.sqrt(1 - 0.999**self.step)
            if self.step > 1 and self.task.optimizer == "adam":
                self.model._optimizer.epsilon = self.model.epsilon
            rows = self.deck.deal(1)[0]
            self.model.partial_fit(self.images[rows], self.task.labels[rows])
            return [self.model.loss_]
        n = n_steps * self.task.batch_size
        start = int(self.deck.rng.integers(self.task.n_images - n + 1))
        some = slice(start, start + n)
        self.model.partial_fit(self.images[some], self.task.labels[some])
        return []
