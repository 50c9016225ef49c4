"""Consumers: the values in a step that are computed from a given value."""

import numpy as np

from glassnet.nn.tracing.step import Index, Step, Symbol, TracedLayer, Value


def find_consumers(step: Step, symbol: Symbol, index: Index) -> list[Value]:
    """Find the values computed from an element of an array, in order of computation."""
    owner = step.owner(symbol)
    if owner is not None:
        return _of_parameter(step, owner, symbol, index)
    producer = step.producer(symbol)
    is_output = producer is not None or symbol.letter == "x"
    if is_output and symbol.before() != step.logits:
        return _of_output(step, symbol, index)
    if is_output:
        return step.row(Symbol("p", is_after=symbol.is_after), index[0])
    letter, layer = symbol.letter, symbol.layer
    match letter:
        case "z":
            slope = [] if symbol.is_after else [step.value(Symbol("slope", layer), *index)]
            return [step.value(symbol._replace(letter="a"), *index), *slope]
        case "y" | "p":
            return _of_probability(step, symbol, index)
        case "da" | "slope":
            return [step.value(Symbol("dz", layer), *index)]
        case "dz":
            return _of_dz(step, layer, index)
        case "loss":
            return []
    parameter = symbol._replace(letter=letter[1:])
    if step.owner(parameter) is not None:
        return [step.value(parameter.after(), *index)]
    output = step.producer(parameter)
    return [] if output is None else _of_output_gradient(step, output, index)


def _of_parameter(step: Step, owner: TracedLayer, symbol: Symbol, index: Index) -> list[Value]:
    if not owner.is_dense:
        output = owner.output._replace(is_after=symbol.is_after)
        values = [value for i in step.samples for value in step.row(output, i)]
        return values if symbol.is_after else [*values, step.value(symbol.after(), *index)]
    sums = step.column(symbol._replace(letter="z"), index[-1])
    if symbol.is_after:
        return sums
    is_first = owner.input.letter == "x"
    back = owner.input.gradient()
    gradients = [] if symbol.letter == "b" or is_first else step.column(back, index[0])
    return [*sums, *gradients, step.value(symbol.after(), *index)]


def _of_output(step: Step, symbol: Symbol, index: Index) -> list[Value]:
    reader = step.reader(symbol)
    if reader is None:
        return []
    i, k = index
    output = Symbol("z", reader.number) if reader.is_dense else reader.output
    values = step.row(output._replace(is_after=symbol.is_after), i)
    if symbol.is_after:
        return values
    gradients = step.row(Symbol("dW", reader.number), k) if reader.is_dense else []
    again = step.row(output.after(), i) if symbol.letter == "x" else []
    return [*values, *gradients, *again]


def _of_probability(step: Step, symbol: Symbol, index: Index) -> list[Value]:
    losses = [Symbol("loss"), Symbol("loss", is_after=True)]
    used = losses if symbol.letter == "y" else [Symbol("loss", is_after=symbol.is_after)]
    # Cross-entropy depends on the probability of the label only, the squared error on all.
    is_used = step.is_squared or bool(step.arrays[Symbol("y")][index])
    values = [step.value(loss) for loss in used if is_used]
    if symbol.is_after:
        return values
    back = step.row(step.logits.gradient(), index[0])
    return [*values, *(back if step.is_squared else back[index[1] : index[1] + 1])]


def _of_dz(step: Step, layer: int, index: Index) -> list[Value]:
    i, j = index
    dense = step.dense(layer)
    back = [] if dense.input.letter == "x" else step.row(dense.input.gradient(), i)
    return [*step.column(Symbol("dW", layer), j), step.value(Symbol("db", layer), j), *back]


def _of_output_gradient(step: Step, layer: TracedLayer, index: Index) -> list[Value]:
    """Return the consumers of the output gradient for a layer without a formula."""
    gradients = [
        value
        for letter in layer.params
        for value in _all(step, Symbol(letter, layer.number).gradient())
    ]
    back = layer.input.gradient()
    return [*gradients, *(step.row(back, index[0]) if back in step.arrays else [])]


def _all(step: Step, symbol: Symbol) -> list[Value]:
    return [step.value(symbol, *place) for place in np.ndindex(step.arrays[symbol].shape)]
