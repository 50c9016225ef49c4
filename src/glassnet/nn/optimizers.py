"""Optimisers: what to do with a gradient.

An optimiser is two functions. ``init(params)`` makes its state: a step count, arrays shaped like
the parameters, and scratch space. ``update(params, grads, state, learning_rate=...)`` makes one
step downhill, in place: after ``init`` nothing of the parameters' size is allocated, and the
gradients are only read. Weight decay acts on weights (matrices), never on biases.
"""

import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import ConfigError

Array = NDArray[Any]
Arrays = Mapping[str, Array]
State = dict[str, Any]

SCRATCH = ("scratch", "penalised")  # parts of a state that carry nothing from step to step


class Optimizer(Protocol):
    """What `train` asks of an optimiser."""

    def init(self, params: Arrays) -> State:
        """Make the state with which training starts.

        Parameters
        ----------
        params : mapping of str to ndarray
            What will be trained.

        Returns
        -------
        dict
            ``step``, the number of updates made, and dictionaries shaped like `params`.
        """

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step, in place.

        Parameters
        ----------
        params, grads : mapping of str to ndarray
            Parameters, written to, and their gradients, only read.
        state : dict
            From `init`.
        learning_rate : float
            eta.
        """


def check_optimizer(optimizer: object) -> None:
    """Refuse what is no optimiser, such as a class or a name.

    Parameters
    ----------
    optimizer : object
        What came.

    Raises
    ------
    ConfigError
        If it has no ``update``, or is not made yet.
    """
    if isinstance(optimizer, type) or not hasattr(optimizer, "update"):
        raise ConfigError(f"optimizer: needs an object such as gn.Adam(), got {optimizer!r}")


def is_decayed(theta: Array) -> bool:
    """Tell whether weight decay acts on a parameter: on matrices, not on biases.

    Parameters
    ----------
    theta : ndarray
        A parameter.

    Returns
    -------
    bool
        True for a matrix of weights.
    """
    return theta.ndim > 1


def penalise(g: Array, theta: Array, weight_decay: float, name: str, state: State) -> Array:
    """Add the gradient of the L2 penalty lambda/2 |W|^2 to a gradient.

    Parameters
    ----------
    g, theta : ndarray
        A parameter's gradient, only read, and the parameter.
    weight_decay : float
        The lambda of the penalty.
    name : str
        Of the parameter.
    state : dict
        With an array for the sum under ``state["penalised"][name]``.

    Returns
    -------
    ndarray
        The gradient itself where nothing is to be added, else g + lambda W (equation 25).
    """
    if not weight_decay or not is_decayed(theta):
        return g
    penalised: Array = np.multiply(theta, weight_decay, out=state["penalised"][name])
    penalised += g
    return penalised


def zeros(params: Arrays) -> dict[str, Array]:
    """Allocate an array of zeros for each parameter.

    Parameters
    ----------
    params : mapping of str to ndarray
        What to copy the shapes and dtypes of.

    Returns
    -------
    dict of str to ndarray
        Zeros.
    """
    return {name: np.zeros_like(theta) for name, theta in params.items()}


def check_range(name: str, value: float, below: float = math.inf) -> None:
    """Refuse a hyper-parameter that cannot work.

    Parameters
    ----------
    name : str
        What the message calls it.
    value : float
        What came.
    below : float
        It must be smaller than this, and at least 0.

    Raises
    ------
    ConfigError
        If it is not.
    """
    if not 0 <= value < below:
        bound = "" if below == math.inf else f" and below {below:g}"
        raise ConfigError(f"{name}: needs a finite number, at least 0{bound}, got {value}")
