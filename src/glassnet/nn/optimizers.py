"""Optimisers: parameter updates computed from gradients.

An optimiser has two methods. ``init(params)`` allocates its state: a step count, arrays shaped
like the parameters, and scratch space. ``update(params, grads, state, learning_rate=...)`` takes
one step, in place: it allocates no array of the parameters' size and does not modify the gradients.
Weight decay acts on weights (matrices), never on biases. In the formulas theta is a parameter, g
its gradient and eta the learning rate.
"""

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from glassnet.errors import ConfigError, check_positive, check_range
from glassnet.types import Array, Arrays

State = dict[str, Any]

SCRATCH = ("scratch", "decayed")  # parts of a state that are not needed after a step


class Optimizer(Protocol):
    """Protocol for optimisers."""

    def init(self, params: Arrays) -> State:
        """Allocate the state: ``step`` (0) and dictionaries shaped like `params`."""

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Update `params` and `state` by one step, in place; `grads` are not modified."""


def check_optimizer(optimizer: object) -> None:
    """Raise ConfigError for a class, or for an object without ``init`` and ``update``."""
    is_complete = hasattr(optimizer, "init") and hasattr(optimizer, "update")
    if isinstance(optimizer, type) or not is_complete:
        raise ConfigError(
            f"optimizer: needs an object with init and update, such as gn.Adam(), got {optimizer!r}"
        )


def is_decayed(theta: Array) -> bool:
    """Return whether weight decay applies to a parameter (to matrices, not to biases)."""
    return theta.ndim > 1


def add_weight_decay(g: Array, theta: Array, weight_decay: float, name: str, state: State) -> Array:
    """Add the gradient of the L2 penalty lambda/2 |W|^2 to that of the loss: g + lambda W.

    The sum is written to ``state["decayed"][name]``. For a bias, or if `weight_decay`, lambda,
    is 0, return g itself.
    """
    if not weight_decay or not is_decayed(theta):
        return g
    decayed: Array = np.multiply(theta, weight_decay, out=state["decayed"][name])
    decayed += g  # equation 25
    return decayed


def zeros(params: Arrays) -> dict[str, Array]:
    """Allocate an array of zeros for each parameter."""
    return {name: np.zeros_like(theta) for name, theta in params.items()}


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent, plain or with momentum.

    theta <- theta - eta g. With momentum: v <- mu v + g, theta <- theta - eta v (as in PyTorch, the
    learning rate is not part of v).

    Parameters
    ----------
    momentum : float
        mu, in [0, 1); 0 for plain gradient descent.
    nesterov : bool
        Whether to step by g + mu v instead of v; needs momentum.
    weight_decay : float
        lambda of the L2 penalty lambda/2 |W|^2: g <- g + lambda W.

    References
    ----------
    Sutskever, Martens, Dahl and Hinton 2013, "On the importance of initialization and momentum
    in deep learning".

    Examples
    --------
    Two steps, by eta v with v = g and then v = 1.9 g:

    >>> import numpy as np, glassnet as gn
    >>> params, grads = {"W1": np.array([[1.0, 2.0]])}, {"W1": np.array([[0.5, -1.0]])}
    >>> optimizer = gn.SGD(momentum=0.9)
    >>> state = optimizer.init(params)
    >>> for _ in range(2):
    ...     optimizer.update(params, grads, state, learning_rate=0.1)
    >>> params["W1"].round(3)
    array([[0.855, 2.29 ]])
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
        """Allocate the state, with v = 0."""
        return {
            "step": 0,
            "velocity": zeros(params) if self.momentum else {},
            "scratch": zeros(params),
            "decayed": zeros(params) if self.weight_decay else {},
        }

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Update the parameters and the state by one step, in place."""
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
    """Adam: gradient descent with a step size adapted to each parameter.

    m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2; the bias-corrected moments m^
    and v^ give the step theta <- theta - eta m^ / (sqrt(v^) + eps). The first steps are about
    as large as the learning rate, for small and for large gradients.

    Parameters
    ----------
    beta1, beta2 : float
        Decay rates of m, the mean gradient, and of v, the mean squared gradient; in [0, 1).
    eps : float
        Term added to the root of v^, for numerical stability; at least 0.
    weight_decay : float
        lambda of the L2 penalty lambda/2 |W|^2: g <- g + lambda W, before the moments.

    References
    ----------
    Kingma and Ba 2015, "Adam: a method for stochastic optimization", arXiv 1412.6980,
    algorithm 1.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> params, grads = {"b1": np.zeros(3)}, {"b1": np.array([0.001, -1.0, 1000.0])}
    >>> optimizer = gn.Adam()
    >>> optimizer.update(params, grads, optimizer.init(params), learning_rate=0.1)
    >>> params["b1"].round(3)
    array([-0.1,  0.1, -0.1])
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
        """Allocate the state, with both moments, m and v, set to 0."""
        return {
            "step": 0,
            "m_sum": zeros(params),
            "v_sum": zeros(params),
            "scratch": zeros(params),
            "decayed": zeros(params) if self.weight_decay else {},
        }

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Update the parameters and the state by one step, in place."""
        state["step"] += 1
        t = state["step"]
        # The state holds the sums m / (1 - beta1) and v / (1 - beta2), which saves a pass over the
        # weights for each. The factors are applied here, together with the bias corrections:
        # m^ = m_factor m_sum, and sqrt(v^) = v_root sqrt(v_sum).
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
            # Equation 24: theta <- theta - eta m^ / (sqrt(v^) + eps), with numerator and
            # denominator divided by v_root.
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
        Decay rates and eps of `Adam`.
    weight_decay : float
        lambda, the decay rate of the weights; at least 0.

    References
    ----------
    Loshchilov and Hutter 2019, "Decoupled weight decay regularization", arXiv 1711.05101,
    algorithm 2, with the decay scaled by the learning rate, as in PyTorch.

    Examples
    --------
    Without gradients only weights decay, by 0.5 x 0.1, and biases do not:

    >>> import numpy as np, glassnet as gn
    >>> params = {"W1": np.ones((1, 2)), "b1": np.ones(2)}
    >>> grads = {"W1": np.zeros((1, 2)), "b1": np.zeros(2)}
    >>> optimizer = gn.AdamW(weight_decay=0.1)
    >>> optimizer.update(params, grads, optimizer.init(params), learning_rate=0.5)
    >>> params
    {'W1': array([[0.95, 0.95]]), 'b1': array([1., 1.])}
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
        """Update the parameters and the state by one step, in place."""
        for theta in params.values():
            if is_decayed(theta):
                theta *= 1 - learning_rate * self.weight_decay  # equation 26
        self._adam().update(params, grads, state, learning_rate=learning_rate)

    def _adam(self) -> Adam:
        return Adam(self.beta1, self.beta2, self.eps)


@dataclass(frozen=True)
class MaxNorm:
    """Max-norm constraint on the weights w of each unit: w <- w min(1, c / |w|).

    The constraint is applied after each step of another optimiser.

    Parameters
    ----------
    optimizer : Optimizer
        The optimiser that takes the steps, such as ``SGD()``.
    limit : float
        c, the maximum norm of a column of a weight matrix; above 0.

    References
    ----------
    Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting",
    section 5.1.

    Examples
    --------
    Of the columns (3, 4) and (0.3, 0.4), only the first has a norm above 2:

    >>> import numpy as np, glassnet as gn
    >>> params, grads = {"W1": np.array([[3.0, 0.3], [4.0, 0.4]])}, {"W1": np.zeros((2, 2))}
    >>> optimizer = gn.MaxNorm(gn.SGD(), limit=2.0)
    >>> optimizer.update(params, grads, optimizer.init(params), learning_rate=0.1)
    >>> params["W1"].round(3)
    array([[1.2, 0.3],
           [1.6, 0.4]])
    """

    optimizer: Optimizer
    limit: float

    def __post_init__(self) -> None:
        """Validate the hyper-parameters."""
        check_optimizer(self.optimizer)
        check_positive("limit", self.limit)

    def init(self, params: Arrays) -> State:
        """Allocate the state of the wrapped optimiser."""
        return self.optimizer.init(params)

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Update the parameters and the state by one step, in place."""
        self.optimizer.update(params, grads, state, learning_rate=learning_rate)
        for theta in params.values():
            if is_decayed(theta):
                length = np.sqrt(np.einsum("ij,ij->j", theta, theta))
                theta *= self.limit / np.maximum(length, self.limit)  # equation 48


def update_ema(average: Arrays, newest: Arrays, decay: float, step: int) -> None:
    """Update an exponential moving average in place: average <- d average + (1 - d) theta.

    Parameters
    ----------
    decay : float
        d, in [0, 1). Early steps use a smaller d, (1 + t) / (10 + t), so that the initial
        values are forgotten.
    step : int
        t, the number of the step, from 0.

    References
    ----------
    Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging"; the
    exponential form and its start as in TensorFlow's ``ExponentialMovingAverage``.
    """
    d = min(decay, (1 + step) / (10 + step))
    for name, mean in average.items():
        # Equation 44 as theta + d (average - theta): in place, and equal values stay equal bit
        # for bit.
        mean -= newest[name]
        mean *= d
        mean += newest[name]
