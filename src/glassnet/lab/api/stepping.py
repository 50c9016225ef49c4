"""Stepping: a trace as the page shows it, by name, by place, and as pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.errors import ConfigError
from glassnet.lab.encoding import finite, pack_floats, tell_layers
from glassnet.models.model import Model
from glassnet.nn.network import Network
from glassnet.nn.tracing.explanation import Explanation
from glassnet.nn.tracing.step import Index, Value
from glassnet.nn.tracing.trace import Trace, trace
from glassnet.types import Array

INLINE = 4_096  # numbers of an array that is sent with the trace; larger ones are asked for
IN_FULL = 300_000  # parameters of a network that is traced in float64
LARGEST = 1_000.0  # of a number that a visitor may set


@dataclass(frozen=True)
class Change:
    """A weight or bias that the visitor has set.

    Parameters
    ----------
    name, index : str, tuple of int
        Which.
    value : float
        What it is to be.
    """

    name: str
    index: Index
    value: float


def trace_step(
    model: Model, seen: Array, label: int, learning_rate: float, changes: Sequence[Change] = ()
) -> Trace:
    """Take one step with one image.

    Parameters
    ----------
    model : Model
        Of one network.
    seen : ndarray of uint8, (28, 28)
        The image.
    label : int
        What it shows.
    learning_rate : float
        eta.
    changes : sequence of Change
        Weights that are set beforehand.

    Returns
    -------
    Trace
        In float64, but for large networks.

    Raises
    ------
    ConfigError
        If there is no such weight, or a number is out of range.
    """
    network = _copy(model.network)
    for change in changes:
        theta = network.params.get(change.name)
        if theta is None or len(change.index) != theta.ndim:
            place = ", ".join(map(str, change.index))
            raise ConfigError(f"changes: there is no {change.name}[{place}]")
        if not all(0 <= i < n for i, n in zip(change.index, theta.shape, strict=True)):
            raise ConfigError(
                f"changes: {change.name} has the shape {theta.shape}, got {change.index}"
            )
        if not abs(change.value) <= LARGEST:
            raise ConfigError(f"changes: need numbers up to {LARGEST:g}, got {change.value}")
        theta[change.index] = change.value
    view = model.members[0].preprocessing
    return trace(network, view(seen[None]).reshape(1, -1), label, learning_rate)


def _copy(network: Network) -> Network:
    folded = network.for_inference()
    n_parameters = sum(theta.size for theta in folded.params.values())
    dtype = np.float64 if n_parameters <= IN_FULL else folded.dtype
    return folded.astype(dtype)


def size_of(step: Trace) -> int:
    """Tell how much memory a trace takes.

    Parameters
    ----------
    step : Trace
        Any.

    Returns
    -------
    int
        Bytes.
    """
    return sum(array.nbytes for array in step.step.arrays.values())


def tell_trace(step: Trace) -> dict[str, Any]:
    """Tell all quantities of a trace, and the numbers of the small ones.

    Parameters
    ----------
    step : Trace
        Any.

    Returns
    -------
    dict
        ``layers``, ``folded`` and ``quantities``, in the order of their computation.
    """
    return {
        "is_fused": step.is_fused,
        "learning_rate": step.step.learning_rate,
        "layers": tell_layers(step.network),
        "quantities": [
            {
                "name": one.name,
                "letter": one.symbol.letter,
                "layer": one.symbol.layer,
                "is_after": one.symbol.is_after,
                "phase": one.phase,
                "shape": list(one.value.shape),
                "description": one.formula.description,
                "rows": one.formula.latex(),
                "columns": one.formula.latex(columns=True),
                "source": {"place": str(one.source), "text": one.source.text},
                "largest": finite(float(np.abs(one.value).max())),
                "numbers": pack_floats(one.value) if one.value.size <= INLINE else None,
            }
            for one in step.quantities
        ],
    }


def tell_derivation(told: Explanation) -> dict[str, Any]:
    """Tell where a number comes from and where it goes.

    Parameters
    ----------
    told : Explanation
        Of one number.

    Returns
    -------
    dict
        As `Explanation`, for JSON.
    """
    return {
        "value": _value(told.value),
        "shape": list(told.shape),
        "description": told.formula.description,
        "rows": told.formula.latex(),
        "columns": told.formula.latex(columns=True),
        "source": {"place": str(told.source), "text": told.source.text},
        "inputs": [
            {
                "value": finite(term.value),
                "factors": [_value(factor) for factor in term.factors],
                "kind": term.kind,
            }
            for term in told.inputs
        ],
        "n_rest": told.n_rest,
        "rest": finite(told.rest),
        "is_sum": told.is_sum,
        "consumers": [_value(value) for value in told.consumers],
        "n_more": told.n_more,
    }


def _value(value: Value) -> dict[str, Any]:
    return value.to_dict() | {"value": finite(value.value)}
