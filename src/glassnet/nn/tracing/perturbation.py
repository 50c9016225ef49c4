"""Perturbation: the change in the loss caused by a small change in one parameter."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.nn.checking.finite_differences import Probe
from glassnet.nn.losses import Loss
from glassnet.nn.network import Network
from glassnet.nn.tracing.step import Index, Symbol, Value
from glassnet.types import Array


@dataclass(frozen=True, kw_only=True)
class Perturbation:
    """Loss with one parameter decreased and increased by a small amount.

    Parameters
    ----------
    symbol : Symbol
        Array that contains the parameter.
    index : tuple of int
        Index of the parameter in its array.
    eps : float
        Amount by which the parameter is changed.
    loss_below, loss_above : float
        Loss with the parameter decreased, and increased.
    slope : float
        Central difference (loss_above - loss_below) / (2 eps).
    gradient : float
        Derivative of the loss by backpropagation.
    """

    symbol: Symbol
    index: Index
    eps: float
    loss_below: float
    loss_above: float
    slope: float
    gradient: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in JSON-serialisable form; the symbol becomes the array's name."""
        fields = {name: value for name, value in vars(self).items() if name != "symbol"}
        return {"name": self.name, **fields, "index": list(self.index)}

    @property
    def name(self) -> str:
        """Name of the array."""
        return str(self.symbol)

    def __str__(self) -> str:
        """Return the parameter's name and index, such as ``"W1[401, 17]"``."""
        return str(Value(self.symbol, self.index, 0.0))


def perturb_parameter(
    network: Network,
    x: Array,
    labels: Array,
    loss: Loss,
    *,
    symbol: Symbol,
    index: Index,
    eps: float,
    gradient: float,
) -> Perturbation:
    """Compute the slope of the loss with respect to one parameter in float64 (equation 29).

    The loss on a batch `x`, (n, n_in), is computed with a copy of the network; the other arguments
    are fields of the `Perturbation`.
    """
    probe = Probe(
        network=network.astype(np.float64),
        x=x.astype(np.float64),
        labels=labels,
        loss=loss,
        eps=eps,
        training=False,
    )
    offset = np.zeros(network.params[str(symbol)].shape)
    offset[index] = eps
    below, above = probe.evaluate(str(symbol), -offset)[0], probe.evaluate(str(symbol), offset)[0]
    return Perturbation(
        symbol=symbol,
        index=index,
        eps=eps,
        loss_below=below,
        loss_above=above,
        slope=(above - below) / (2 * eps),
        gradient=gradient,
    )
