"""Max-norm: keep the weights that enter a unit inside a ball."""

from dataclasses import dataclass

import numpy as np

from glassnet.errors import ConfigError
from glassnet.nn.optimizers import Arrays, Optimizer, State, check_optimizer, is_decayed


@dataclass(frozen=True)
class MaxNorm:
    """Any optimiser, and after each of its steps: w <- w min(1, c / |w|) for each unit's w.

    Parameters
    ----------
    optimizer : Optimizer
        Makes the steps.
    limit : float
        c, the longest that a column of a weight matrix may be; above 0.

    References
    ----------
    Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting",
    section 5.1.
    """

    optimizer: Optimizer
    limit: float

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        check_optimizer(self.optimizer)
        if not 0 < self.limit < np.inf:
            raise ConfigError(f"max_norm: needs a finite limit above 0, got {self.limit}")

    def init(self, params: Arrays) -> State:
        """Make the state, which is the optimiser's."""
        return self.optimizer.init(params)

    def update(self, params: Arrays, grads: Arrays, state: State, *, learning_rate: float) -> None:
        """Make one step, in place."""
        self.optimizer.update(params, grads, state, learning_rate=learning_rate)
        for theta in params.values():
            if is_decayed(theta):
                length = np.sqrt(np.einsum("ij,ij->j", theta, theta))
                theta *= self.limit / np.maximum(length, self.limit)  # equation 48
