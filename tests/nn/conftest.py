"""What the tests of the network share."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[Any]


@pytest.fixture(autouse=True)
def _floating_point_faults_are_errors() -> Iterator[None]:
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        yield


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20)


@pytest.fixture
def frozen() -> Callable[[Array], Array]:
    """Make an array read-only, so that writing to an input fails."""

    def freeze(array: Array) -> Array:
        array.flags.writeable = False
        return array

    return freeze
