"""Array types used throughout the package."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = dict[str, Array]  # by name: parameters, gradients, buffers
Labels = Array  # (n,) int, or rows of a distribution (n, n_classes)
Rng = np.random.Generator
