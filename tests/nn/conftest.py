"""Fixtures for the tests of the network."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from glassnet.types import Array


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
