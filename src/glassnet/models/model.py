"""Model: a trained network, and what one must know to use it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.errors import ShapeError
from glassnet.nn.network import Network

Array = NDArray[Any]


@dataclass(frozen=True)
class Model:
    """A network together with the kind of image that it reads.

    Parameters
    ----------
    network : Network
        Trained.
    image_shape : tuple of int or None
        Height and width of its images; None where only their number of pixels is known.
    """

    network: Network
    image_shape: tuple[int, int] | None = None

    def predict_proba(self, X: ArrayLike) -> Array:
        """Tell how probable each class is.

        Parameters
        ----------
        X : array-like, (n, height, width) or (n, n_in)
            Whole numbers 0 to 255, or floats in [0, 1].

        Returns
        -------
        ndarray, (n, n_classes)
            Probabilities; each row sums to 1.

        Raises
        ------
        ShapeError, DataError
            If `X` is not such images.
        """
        shape = np.shape(X)
        if self.image_shape and len(shape) == 3 and shape[1:] != self.image_shape:
            needed, came = (" x ".join(map(str, size)) for size in (self.image_shape, shape[1:]))
            raise ShapeError(f"images: the model reads images of {needed}, got {came}")
        return self.network.predict_proba(X)

    def predict(self, X: ArrayLike) -> Array:
        """Name the most probable class.

        Parameters
        ----------
        X : array-like, (n, height, width) or (n, n_in)
            Whole numbers 0 to 255, or floats in [0, 1].

        Returns
        -------
        ndarray of int, (n,)
            Classes.
        """
        classes: Array = self.predict_proba(X).argmax(axis=1)
        return classes
