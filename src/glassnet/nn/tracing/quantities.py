"""Quantities: the arrays of a step, each with its formula and the line that computes it."""

from dataclasses import dataclass

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
    """

    symbol: Symbol
    phase: str
    value: Array
    formula: Formula
    source: Source

    @property
    def name(self) -> str:
        """Name of the array, such as ``"W1_after"``."""
        return str(self.symbol)


def describe_quantity(step: Step, symbol: Symbol) -> Quantity:
    """Return an array of a step with its formula and source."""
    formula, source = _find_formula(step, symbol)
    return Quantity(
        symbol=symbol,
        phase="update" if symbol.is_after else formula.phase,
        value=step.arrays[symbol],
        formula=formula,
        source=source,
    )


def _find_formula(step: Step, symbol: Symbol) -> tuple[Formula, Source]:
    traced = _find_layer(step, symbol)
    formulas = {**FORMULAS, **SQUARED} if step.is_squared else FORMULAS
    loss = step.loss.__name__
    if traced is None:
        return formulas[symbol.letter], find_source(symbol.letter, loss=loss)
    reader = step.reader(traced.output)
    if not traced.is_dense:
        return _name_layer(symbol, traced)
    if symbol.letter == "da" and reader is not None and not reader.is_dense:
        return _name_layer(symbol, reader)
    kind = symbol.letter
    if symbol == step.logits.gradient():
        kind = "dlogits"
    elif kind in ("W", "b") and symbol.is_after:
        kind = f"{kind}_after"
    activation = traced.layer.activation if isinstance(traced.layer, Dense) else "identity"
    source = traced.input
    latex = f"{source.letter}_{{{source.layer}}}" if source.layer else source.letter
    formula = formulas[kind].fill(traced.number, latex, reader.number if reader else 0)
    return formula, find_source(kind, activation, loss)


def _name_layer(symbol: Symbol, traced: TracedLayer) -> tuple[Formula, Source]:
    """Return the name and the code of a layer that has no formula."""
    layer_class, name = type(traced.layer), str(symbol)
    phase = "backward" if symbol.letter.startswith("d") else "forward"
    formula = Formula(name, name, f"computed by the layer {layer_class.__name__}", phase)
    return formula, find_definition(layer_class.forward)


def _find_layer(step: Step, symbol: Symbol) -> TracedLayer | None:
    """Return the layer of an array, or of the array whose gradient it is."""
    differentiated = symbol._replace(letter=symbol.letter.removeprefix("d"))
    for candidate in (symbol.before(), differentiated.before()):
        found = step.owner(candidate) or step.producer(candidate)
        if found is not None:
            return found
    numbered = (layer for layer in step.layers if layer.number == symbol.layer)
    return next((layer for layer in numbered if layer.is_dense), None)
