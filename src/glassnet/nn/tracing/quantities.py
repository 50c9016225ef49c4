"""Quantities: the arrays of a step, each with its formula and the line that computes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from glassnet.nn.activations import Activation
from glassnet.nn.layers.dense import Dense
from glassnet.nn.tracing.formulas import (
    FORMULAS,
    SQUARED,
    Formula,
    Source,
    find_definition,
    find_source,
)
from glassnet.nn.tracing.step import Step, Symbol, TracedLayer
from glassnet.types import Array

# By kind of array.
DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        **{kind: formula.description for kind, formula in FORMULAS.items()},
        **{f"{kind}_squared": formula.description for kind, formula in SQUARED.items()},
        "layer": "computed by the {layer} layer",
    }
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Quantity:
    """One array of a step, with its formula.

    Parameters
    ----------
    phase : str
        ``"given"``, ``"forward"``, ``"loss"``, ``"backward"`` or ``"update"``.
    value : ndarray
        The array, which is read-only.
    source : Source
        The line that computes it.
    kind : str
        A key of ``DESCRIPTIONS``.
    layer_type : str
        Class of the layer, where it has no formula.
    """

    symbol: Symbol
    phase: str
    value: Array
    formula: Formula
    source: Source
    kind: str
    layer_type: str = ""

    @property
    def name(self) -> str:
        """Name of the array, such as ``"W1_after"``."""
        return str(self.symbol)


def describe_quantity(step: Step, symbol: Symbol) -> Quantity:
    """Return an array of a step together with its formula and source."""
    traced = _find_layer(step, symbol)
    reader = None if traced is None else step.reader(traced.output)
    if traced is not None and not traced.is_dense:
        return _describe_layer(step, symbol, traced)
    if symbol.letter == "da" and reader is not None and not reader.is_dense:
        return _describe_layer(step, symbol, reader)
    kind = symbol.letter
    if symbol == step.logits.gradient():
        kind = "dlogits"
    elif kind in ("W", "b") and symbol.is_after:
        kind = f"{kind}_after"
    is_squared = step.is_squared and kind in SQUARED
    formula = SQUARED[kind] if is_squared else FORMULAS[kind]
    activation: str | Activation = "identity"
    if traced is not None:
        if isinstance(traced.layer, Dense):
            activation = traced.layer.activation
        source = traced.input
        latex = f"{source.letter}_{{{source.layer}}}" if source.layer else source.letter
        formula = formula.fill(traced.number, latex, reader.number if reader else 0)
    return Quantity(
        symbol=symbol,
        phase="update" if symbol.is_after else formula.phase,
        value=step.arrays[symbol],
        formula=formula,
        source=find_source(kind, activation, step.loss.__name__),
        kind=f"{kind}_squared" if is_squared else kind,
    )


def _describe_layer(step: Step, symbol: Symbol, traced: TracedLayer) -> Quantity:
    """Return an array of a layer that has no formula, with the layer's name and code."""
    layer_class, name = type(traced.layer), str(symbol)
    phase = "backward" if symbol.letter.startswith("d") else "forward"
    description = DESCRIPTIONS["layer"].format(layer=layer_class.__name__)
    return Quantity(
        symbol=symbol,
        phase="update" if symbol.is_after else phase,
        value=step.arrays[symbol],
        formula=Formula(name, name, description, phase),
        source=find_definition(layer_class.forward),
        kind="layer",
        layer_type=layer_class.__name__,
    )


def _find_layer(step: Step, symbol: Symbol) -> TracedLayer | None:
    """Return the layer to which an array (or, for a gradient, its array) belongs."""
    differentiated = symbol._replace(letter=symbol.letter.removeprefix("d"))
    for candidate in (symbol.before(), differentiated.before()):
        found = step.owner(candidate) or step.producer(candidate)
        if found is not None:
            return found
    numbered = (layer for layer in step.layers if layer.number == symbol.layer)
    return next((layer for layer in numbered if layer.is_dense), None)
