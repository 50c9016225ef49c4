"""Steps: the trace of one step of gradient descent, as data for the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.errors import ConfigError
from glassnet.lab.encoding import describe_layers, finite, pack_floats
from glassnet.models.model import Model
from glassnet.nn.network import Network
from glassnet.nn.tracing.explanation import Explanation
from glassnet.nn.tracing.quantities import Quantity
from glassnet.nn.tracing.step import Index, Value
from glassnet.nn.tracing.trace import Trace, trace
from glassnet.types import Array

MAX_INLINE = 4_096  # values; larger arrays are not sent with the trace but on request
MAX_FLOAT64 = 300_000  # parameters; larger networks are not traced in float64
MAX_VALUE = 1_000.0  # largest absolute value to which a visitor can set a parameter


@dataclass(frozen=True)
class Change:
    """A change to a weight or bias made by the visitor: ``name[index] = value``."""

    name: str
    index: Index
    value: float


def trace_step(
    model: Model, image: Array, label: int, learning_rate: float, changes: Sequence[Change] = ()
) -> Trace:
    """Trace one step on one image, in float64 unless the network is large.

    Parameters
    ----------
    model : Model
        A single network, not an ensemble.
    image : ndarray of uint8, (28, 28)
        Grey values, before the model's preprocessing.
    label : int
    learning_rate : float
    changes : sequence of Change
        Parameters to set before the step.

    Raises
    ------
    ConfigError
        If there is no such parameter, or its value is out of range.
    """
    network = _copy(model.network)
    for change in changes:
        _apply(change, network)
    preprocessing = model.members[0].preprocessing
    return trace(network, preprocessing(image[None]).reshape(1, -1), label, learning_rate)


def _copy(network: Network) -> Network:
    fused = network.for_inference()
    n_parameters = sum(theta.size for theta in fused.params.values())
    return fused.astype(np.float64 if n_parameters <= MAX_FLOAT64 else fused.dtype)


def _apply(change: Change, network: Network) -> None:
    theta = network.params.get(change.name)
    if theta is None or len(change.index) != theta.ndim:
        index = ", ".join(map(str, change.index))
        raise ConfigError(
            f"changes: needs a weight or bias of the network, got {change.name}[{index}]"
        )
    if not all(0 <= i < n for i, n in zip(change.index, theta.shape, strict=True)):
        raise ConfigError(
            f"changes: {change.name} has shape {theta.shape}, got index {change.index}"
        )
    if not abs(change.value) <= MAX_VALUE:
        raise ConfigError(
            f"changes: needs values from -{MAX_VALUE:g} to {MAX_VALUE:g}, got {change.value}"
        )
    theta[change.index] = change.value


def count_bytes(step: Trace) -> int:
    """Return the memory used by the arrays of a trace, in bytes."""
    return sum(array.nbytes for array in step.step.arrays.values())


def describe_trace(step: Trace) -> dict[str, Any]:
    """Return a trace's quantities in JSON-serialisable form, with the values of small arrays.

    Returns
    -------
    dict
        ``is_fused``, ``learning_rate``, ``layers`` and ``quantities``, in the order in which
        they are computed.
    """
    return {
        "is_fused": step.is_fused,
        "learning_rate": step.step.learning_rate,
        "layers": describe_layers(step.network),
        "quantities": [_describe_quantity(quantity) for quantity in step.quantities],
    }


def _describe_quantity(quantity: Quantity) -> dict[str, Any]:
    values, formula = quantity.value, quantity.formula
    return {
        "name": quantity.name,
        "letter": quantity.symbol.letter,
        "layer": quantity.symbol.layer,
        "is_after": quantity.symbol.is_after,
        "phase": quantity.phase,
        "shape": list(values.shape),
        "kind": quantity.kind,
        "layer_type": quantity.layer_type,
        "rows": formula.latex(),
        "columns": formula.latex(columns=True),
        "source": {"place": str(quantity.source), "text": quantity.source.text},
        "largest": finite(float(np.abs(values).max())),
        "numbers": pack_floats(values) if values.size <= MAX_INLINE else None,
    }


def describe_explanation(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation in JSON-serialisable form."""
    return {
        "value": _describe_value(explanation.value),
        "shape": list(explanation.shape),
        "rows": explanation.formula.latex(),
        "columns": explanation.formula.latex(columns=True),
        "source": {"place": str(explanation.source), "text": explanation.source.text},
        "inputs": [
            {
                "value": finite(term.value),
                "factors": [_describe_value(factor) for factor in term.factors],
                "kind": term.kind,
            }
            for term in explanation.inputs
        ],
        "n_rest": explanation.n_rest,
        "rest": finite(explanation.rest),
        "is_sum": explanation.is_sum,
        "consumers": [_describe_value(value) for value in explanation.consumers],
        "n_more": explanation.n_more,
    }


def _describe_value(value: Value) -> dict[str, Any]:
    return value.to_dict() | {"value": finite(value.value)}
