"""Optimisers: update the parameters, given their gradients.

An optimiser is two functions. ``init(params)`` allocates its state: a step count, arrays shaped
like the parameters, and scratch space. ``update(params, grads, state, learning_rate=...)`` makes
one step, in place: after ``init`` nothing of the parameters' size is allocated, and the gradients
are only read. Weight decay acts on weights (matrices), never on biases. In the formulas theta is a
parameter, g its gradient and eta the learning rate.
"""

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from glassnet.errors import ConfigError, check_positive, check_range
from glassnet.types import Array, Arrays

State = dict[str, Any]

SCRATCH = ("scratch", "decayed")  # parts of a state that carry nothing from step to step


class Optimizer(Protocol):
    """The two functions of an optimiser."""

    def init(self, params: Arrays) -> State:
        """Allocate the state: ``step``, 0, and dictionaries shaped like `params`."""

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step: write to `params` and `state`, only read `grads`."""


def check_optimizer(optimizer: object) -> None:
    """Raise ConfigError unless an object, not a class, has ``init`` and ``update``."""
    is_complete = hasattr(optimizer, "init") and hasattr(optimizer, "update")
    if isinstance(optimizer, type) or not is_complete:
        raise ConfigError(
            f"optimizer: needs an object with init and update, such as gn.Adam(), got {optimizer!r}"
        )


def is_decayed(theta: Array) -> bool:
    """Return whether weight decay acts on a parameter: on matrices, not on biases."""
    return theta.ndim > 1


def add_weight_decay(g: Array, theta: Array, weight_decay: float, name: str, state: State) -> Array:
    """Return g + lambda W, the gradient with that of the L2 penalty lambda/2 |W|^2.

    The sum is written to ``state["decayed"][name]``. Return g itself, which is only read, for a
    bias, and where `weight_decay`, lambda, is 0.
    """
    if not weight_decay or not is_decayed(theta):
        return g
    decayed: Array = np.multiply(theta, weight_decay, out=state["decayed"][name])
    decayed += g  # equation 25
    return decayed


def zeros(params: Arrays) -> dict[str, Array]:
    """Allocate zeros shaped like each parameter."""
    return {name: np.zeros_like(theta) for name, theta in params.items()}


@dataclass(frozen=True)
class SGD:
    """Gradient descent, plain or with momentum.

    theta <- theta - eta g. With momentum: v <- mu v + g, theta <- theta - eta v (PyTorch's
    convention: the rate stays outside v); Nesterov's form, also with momentum, steps by g + mu v.

    Parameters
    ----------
    momentum : float
        mu, from 0 to below 1; 0 for plain gradient descent.
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
        """Validate the hyper-parameters."""
        check_range("momentum", self.momentum, below=1)
        check_range("weight_decay", self.weight_decay)
        if self.nesterov and not self.momentum:
            raise ConfigError("nesterov: needs momentum above 0, got momentum 0")

    def init(self, params: Arrays) -> State:
        """Allocate the state: v is 0."""
        return {
            "step": 0,
            "velocity": zeros(params) if self.momentum else {},
            "scratch": zeros(params),
            "decayed": zeros(params) if self.weight_decay else {},
        }

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step, in place."""
        state["step"] += 1
        for name, theta in params.items():
            scratch = state["scratch"][name]
            g = add_weight_decay(grads[name], theta, self.weight_decay, name, state)
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
        Decay of m, the mean of the gradients, and of v, the mean of their squares; from 0 to
        below 1.
    eps : float
        At least 0; keeps the quotient finite.
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
        """Validate the hyper-parameters."""
        check_range("beta1", self.beta1, below=1)
        check_range("beta2", self.beta2, below=1)
        check_range("eps", self.eps)
        check_range("weight_decay", self.weight_decay)

    def init(self, params: Arrays) -> State:
        """Allocate the state: m and v, without their factors 1 - beta, are 0."""
        return {
            "step": 0,
            "m_sum": zeros(params),
            "v_sum": zeros(params),
            "scratch": zeros(params),
            "decayed": zeros(params) if self.weight_decay else {},
        }

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step, in place."""
        state["step"] += 1
        t = state["step"]
        # The state holds the sums m / (1 - beta1) and v / (1 - beta2), each of which saves one
        # pass over the weights. The factors are multiplied here, with the corrections for the
        # start: m^ = m_factor m_sum, and sqrt(v^) = v_root sqrt(v_sum).
        m_factor = (1 - self.beta1) / (1 - self.beta1**t)
        v_root = math.sqrt((1 - self.beta2) / (1 - self.beta2**t))
        for name, theta in params.items():
            m_sum, v_sum = state["m_sum"][name], state["v_sum"][name]
            scratch = state["scratch"][name]
            g = add_weight_decay(grads[name], theta, self.weight_decay, name, state)
            # Equation 23, divided by the factors.
            m_sum *= self.beta1
            m_sum += g
            v_sum *= self.beta2
            v_sum += np.multiply(g, g, out=scratch)
            # Equation 24: theta <- theta - eta m^ / (sqrt(v^) + eps), both sides of the fraction
            # divided by v_root.
            np.sqrt(v_sum, out=scratch)
            scratch += self.eps / v_root
            np.divide(m_sum, scratch, out=scratch)
            scratch *= learning_rate * m_factor / v_root
            theta -= scratch


@dataclass(frozen=True)
class AdamW:
    """Adam with decoupled weight decay: W <- (1 - eta lambda) W, then Adam's step.

    Parameters
    ----------
    beta1, beta2, eps : float
        See `Adam`.
    weight_decay : float
        lambda, at least 0.

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
        """Validate the hyper-parameters."""
        check_range("weight_decay", self.weight_decay)
        self._adam()

    def init(self, params: Arrays) -> State:
        """Allocate Adam's state."""
        return self._adam().init(params)

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step, in place."""
        for theta in params.values():
            if is_decayed(theta):
                theta *= 1 - learning_rate * self.weight_decay  # equation 26
        self._adam().update(params, grads, state, learning_rate=learning_rate)

    def _adam(self) -> Adam:
        return Adam(self.beta1, self.beta2, self.eps)


@dataclass(frozen=True)
class MaxNorm:
    """A limit on each unit's weights w after each step of an optimiser: w <- w min(1, c / |w|).

    Parameters
    ----------
    optimizer : Optimizer
        Any other.
    limit : float
        c, the maximum norm of a column of a weight matrix; above 0.

    References
    ----------
    Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting",
    section 5.1.
    """

    optimizer: Optimizer
    limit: float

    def __post_init__(self) -> None:
        """Validate the hyper-parameters."""
        check_optimizer(self.optimizer)
        check_positive("limit", self.limit)

    def init(self, params: Arrays) -> State:
        """Allocate the optimiser's state."""
        return self.optimizer.init(params)

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step, in place."""
        self.optimizer.update(params, grads, state, learning_rate=learning_rate)
        for theta in params.values():
            if is_decayed(theta):
                length = np.sqrt(np.einsum("ij,ij->j", theta, theta))
                theta *= self.limit / np.maximum(length, self.limit)  # equation 48


def update_ema(average: Arrays, newest: Arrays, decay: float, step: int) -> None:
    """Move an average, in place, towards the newest values: average <- d average + (1 - d) theta.

    Parameters
    ----------
    decay : float
        d, from 0 to below 1. Early on d is smaller, (1 + t) / (10 + t) at step t, which forgets
        the values that training started from.
    step : int
        t, from 0.

    References
    ----------
    Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging"; the
    exponential form and its start as in TensorFlow's ``ExponentialMovingAverage``.
    """
    d = min(decay, (1 + step) / (10 + step))
    for name, mean in average.items():
        # Equation 44 as theta + d (average - theta): in place, and where the two agree, they
        # stay equal to the bit.
        mean -= newest[name]
        mean *= d
        mean += newest[name]
