"""Adam, and AdamW, which keeps weight decay out of the moments."""

import math
from dataclasses import dataclass

import numpy as np

from glassnet.nn.optimizers import Arrays, State, check_range, is_decayed, penalise, zeros


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
        check_range("beta1", self.beta1, below=1)
        check_range("beta2", self.beta2, below=1)
        check_range("eps", self.eps)
        check_range("weight_decay", self.weight_decay)

    def init(self, params: Arrays) -> State:
        """Make the state: both moments zero, each without its factor."""
        return {
            "step": 0,
            "m_sum": zeros(params),
            "v_sum": zeros(params),
            "scratch": zeros(params),
            "penalised": zeros(params) if self.weight_decay else {},
        }

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step, in place."""
        state["step"] += 1
        t = state["step"]
        # The state holds the sums m / (1 - beta1) and v / (1 - beta2), which take one pass over
        # the weights less each. Here the factors come back, with the corrections for the start:
        # m^ = m_factor m_sum, and sqrt(v^) = v_root sqrt(v_sum).
        m_factor = (1 - self.beta1) / (1 - self.beta1**t)
        v_root = math.sqrt((1 - self.beta2) / (1 - self.beta2**t))
        for name, theta in params.items():
            m_sum, v_sum = state["m_sum"][name], state["v_sum"][name]
            scratch = state["scratch"][name]
            g = penalise(grads[name], theta, self.weight_decay, name, state)
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
        check_range("weight_decay", self.weight_decay)
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
