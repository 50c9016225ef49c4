"""Gradient descent, plain, with momentum, and in Nesterov's form."""

from dataclasses import dataclass

import numpy as np

from glassnet.errors import ConfigError
from glassnet.nn.optimizers import Arrays, State, check_range, penalise, zeros


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
        check_range("momentum", self.momentum, below=1)
        check_range("weight_decay", self.weight_decay)
        if self.nesterov and not self.momentum:
            raise ConfigError("nesterov: needs momentum above 0, got momentum 0")

    def init(self, params: Arrays) -> State:
        """Make the state: velocities of zero."""
        return {
            "step": 0,
            "velocity": zeros(params) if self.momentum else {},
            "scratch": zeros(params),
            "penalised": zeros(params) if self.weight_decay else {},
        }

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step, in place."""
        state["step"] += 1
        for name, theta in params.items():
            scratch = state["scratch"][name]
            g = penalise(grads[name], theta, self.weight_decay, name, state)
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
