"""A model with fixed probabilities, and random reports."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike

import glassnet as gn
from glassnet.types import Array


class FixedPredictor:
    def __init__(self, probabilities: ArrayLike) -> None:
        self.probabilities = np.asarray(probabilities)

    def predict_proba(self, X: ArrayLike) -> Array:
        return self.probabilities


@pytest.fixture
def make_predictor() -> Callable[[ArrayLike], FixedPredictor]:
    return FixedPredictor


@pytest.fixture
def drawn() -> Callable[..., tuple[gn.Report, gn.Split]]:
    """Return a function that makes a report on `n` random images of `n_classes`."""

    def draw(
        n_classes: int, n: int, *, shape: tuple[int, int] = (4, 4), is_correct: bool = False
    ) -> tuple[gn.Report, gn.Split]:
        rng = np.random.default_rng([n_classes, n])
        probabilities = rng.dirichlet(np.ones(n_classes), n)
        labels = probabilities.argmax(axis=1) if is_correct else rng.integers(0, n_classes, n)
        split = gn.Split(rng.integers(0, 256, (n, *shape), np.uint8), labels)
        return gn.evaluate(FixedPredictor(probabilities), split), split

    return draw
