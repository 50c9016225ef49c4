"""Optimisers: what to do with a gradient.

An optimiser is two functions. ``init(params)`` makes its state: a step count, arrays shaped like
the parameters, and scratch space. ``update(params, grads, state, learning_rate=...)`` makes one
step downhill, in place: after ``init`` nothing of the parameters' size is allocated, and the
gradients are only read. Weight decay acts on weights (matrices), never on biases.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import ConfigError

Array = NDArray[Any]
Arrays = Mapping[str, Array]
State = dict[str, Any]


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


@dataclass(frozen=True)
class SGD:
    """Gradient descent, plain or with momentum.

    v <- mu v + g, theta <- theta - eta v (PyTorch's convention: the rate stays outside v);
    Nesterov's form steps by g + mu v. Without momentum, theta <- theta - eta g.

    Parameters
    ----------
    momentum : float
        mu, from 0 (none) to below 1.
    nesterov : bool
        Whether to look ahead; needs momentum.
    weight_decay : float
        lambda of the L2 penalty lambda/2 |W|^2: g <- g + lambda W.

    References
    ----------
    Sutskever, Martens, Dahl and Hinton 2013, "On the importance of initialization and momentum
    in deep learning".
    """

    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _check_range("momentum", self.momentum, below=1)
        _check_range("weight_decay", self.weight_decay)
        if self.nesterov and not self.momentum:
            raise ConfigError("nesterov: needs momentum above 0, got momentum 0")

    def init(self, params: Arrays) -> State:
        """Make the state: velocities of zero."""
        return {
            "step": 0,
            "velocity": _zeros(params) if self.momentum else {},
            "scratch": _zeros(params),
            "penalised": _zeros(params) if self.weight_decay else {},
        }

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step, in place."""
        state["step"] += 1
        for name, theta in params.items():
            scratch = state["scratch"][name]
            g = _penalise(grads[name], theta, self.weight_decay, name, state)
            if self.momentum:
                v = state["velocity"][name]
                v *= self.momentum
                v += g  # equation 21: v <- mu v + g
                if self.nesterov:
                    np.multiply(v, self.momentum, out=scratch)
                    scratch += g  # equation 22: the step is g + mu v
                    g = scratch
                else:
                    g = v
            theta -= np.multiply(g, learning_rate, out=scratch)  # equation 20


@dataclass(frozen=True)
class Adam:
    """Adam: a step of about the learning rate for every parameter, whatever its gradient's size.

    m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2, both corrected for their
    start at zero; theta <- theta - eta m^ / (sqrt(v^) + eps), with eps outside the root.

    Parameters
    ----------
    beta1, beta2 : float
        Memory of the mean and of the mean square, from 0 to below 1.
    eps : float
        Keeps the quotient finite.
    weight_decay : float
        lambda of the L2 penalty lambda/2 |W|^2: g <- g + lambda W, before the moments.

    References
    ----------
    Kingma and Ba 2015, "Adam: a method for stochastic optimization", arXiv 1412.6980,
    algorithm 1.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _check_range("beta1", self.beta1, below=1)
        _check_range("beta2", self.beta2, below=1)
        _check_range("eps", self.eps)
        _check_range("weight_decay", self.weight_decay)

    def init(self, params: Arrays) -> State:
        """Make the state: both moments zero."""
        return {
            "step": 0,
            "m": _zeros(params),
            "v": _zeros(params),
            "scratch": _zeros(params),
            "penalised": _zeros(params) if self.weight_decay else {},
        }

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step, in place."""
        state["step"] += 1
        t = state["step"]
        for name, theta in params.items():
            m, v, scratch = state["m"][name], state["v"][name], state["scratch"][name]
            g = _penalise(grads[name], theta, self.weight_decay, name, state)
            # Equation 23: the moments.
            m *= self.beta1
            m += np.multiply(g, 1 - self.beta1, out=scratch)
            np.multiply(g, g, out=scratch)
            scratch *= 1 - self.beta2
            v *= self.beta2
            v += scratch
            # Equation 24: eta / (1 - beta1^t)  m / (sqrt(v / (1 - beta2^t)) + eps)
            np.sqrt(v, out=scratch)
            scratch /= math.sqrt(1 - self.beta2**t)
            scratch += self.eps
            np.divide(m, scratch, out=scratch)
            scratch *= learning_rate / (1 - self.beta1**t)
            theta -= scratch


@dataclass(frozen=True)
class AdamW:
    """Adam with decoupled weight decay: W <- (1 - eta lambda) W, then Adam's step.

    Parameters
    ----------
    beta1, beta2 : float
        As for `Adam`.
    eps : float
        As for `Adam`.
    weight_decay : float
        lambda.

    References
    ----------
    Loshchilov and Hutter 2019, "Decoupled weight decay regularization", arXiv 1711.05101,
    algorithm 2, with the decay scaled by the learning rate as PyTorch does.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 1e-2

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _check_range("weight_decay", self.weight_decay)
        self._adam()

    def init(self, params: Arrays) -> State:
        """Make the state, which is Adam's."""
        return self._adam().init(params)

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step, in place."""
        for theta in params.values():
            if is_decayed(theta):
                theta *= 1 - learning_rate * self.weight_decay  # equation 26
        self._adam().update(params, grads, state, learning_rate=learning_rate)

    def _adam(self) -> Adam:
        return Adam(self.beta1, self.beta2, self.eps)


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


def _penalise(g: Array, theta: Array, weight_decay: float, name: str, state: State) -> Array:
    """Return g, or g + lambda W in an array of its own (equation 25)."""
    if not weight_decay or not is_decayed(theta):
        return g
    penalised: Array = np.multiply(theta, weight_decay, out=state["penalised"][name])
    penalised += g
    return penalised


def _zeros(params: Arrays) -> dict[str, Array]:
    return {name: np.zeros_like(theta) for name, theta in params.items()}


def _check_range(name: str, value: float, below: float = math.inf) -> None:
    if not 0 <= value < below:
        bound = "" if below == math.inf else f" and below {below:g}"
        raise ConfigError(f"{name}: needs a finite number, at least 0{bound}, got {value}")


OPTIMIZERS: dict[str, type[SGD] | type[Adam] | type[AdamW]] = {
    "adam": Adam,
    "adamw": AdamW,
    "sgd": SGD,
}
