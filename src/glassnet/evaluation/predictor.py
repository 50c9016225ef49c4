"""Predictor: the protocol for models that can be evaluated."""

from typing import Protocol

from numpy.typing import ArrayLike

from glassnet.types import Array


class Predictor(Protocol):
    """Object with ``predict_proba``, such as a `Network` or a `Model`."""

    def predict_proba(self, X: ArrayLike) -> Array:
        """Compute the class probabilities, (n, n_classes)."""
