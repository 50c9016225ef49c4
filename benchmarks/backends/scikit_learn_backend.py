"""scikit-learn backend: MLPClassifier, one epoch over the images of the given steps."""

import math
import warnings
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.backends.task import EPS, Deck, Task


class ScikitLearn:
    """Backend with `partial_fit`, which shuffles, gathers and trains for one epoch."""

    def __init__(self, task: Task) -> None:
        warnings.simplefilter("ignore")
        self.task, self.deck = task, Deck(task)
        self.images = task.images[: task.n_images].astype(np.float32)
        self.images /= 255  # MLPClassifier accepts floats only
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
        # A first step creates the arrays, which then receive the common initial values.
        first = slice(0, task.batch_size)
        self.model.partial_fit(self.images[first], task.labels[first], classes=np.arange(10))
        params = task.parameters()
        for number in range(1, len(task.sizes)):
            self.model.coefs_[number - 1][...] = params[f"W{number}"]
            self.model.intercepts_[number - 1][...] = params[f"b{number}"]
        del self.model._optimizer
        self.step = 0

    def train(self, n_steps: int) -> list[float]:
        """Make `n_steps` steps; return the loss of a single step."""
        if n_steps == 1:
            # scikit-learn adds eps before the bias correction of v; this eps compensates for it.
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
