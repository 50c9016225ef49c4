"""Inputs: the terms that a value in a step is computed from."""

from collections.abc import Callable, Iterable

import numpy as np

from glassnet.nn.tracing.explanation import Input
from glassnet.nn.tracing.step import Index, Step, Symbol, Value


def find_inputs(step: Step, symbol: Symbol, index: Index) -> tuple[list[Input], bool]:
    """Find the terms that an element is computed from, and whether they add up to its value."""
    if step.owner(symbol) is not None:
        return (_updated(step, symbol, index), True) if symbol.is_after else ([], False)
    if symbol == step.logits.gradient():
        return _dlogits(step, *index), True
    layer = step.producer(symbol)
    if layer is not None and not layer.is_dense:
        input_ = layer.input._replace(is_after=symbol.is_after and layer.input.letter != "x")
        return _opaque(step.row(input_, index[0])), False
    parameter = step.owner(symbol._replace(letter=symbol.letter[1:]))
    if parameter is not None and not parameter.is_dense:
        gradient = parameter.output.gradient()
        return _opaque(value for i in step.samples for value in step.row(gradient, i)), False
    upstream = step.reader(symbol._replace(letter=symbol.letter[1:]))
    if upstream is not None and symbol.letter.startswith("d") and not upstream.is_dense:
        return _opaque(step.row(upstream.output.gradient(), index[0])), False
    if symbol.letter.startswith("d") and upstream is not None:
        return _da(step, upstream.number, *index), True
    if symbol.letter not in _FINDERS:  # given
        return [], False
    return _FINDERS[symbol.letter](step, symbol, *index), symbol.letter != "p"


def _opaque(values: Iterable[Value]) -> list[Input]:
    return [Input(value.value, (value,), "layer") for value in values]


def _products(pairs: Iterable[tuple[Value, Value]]) -> list[Input]:
    return [Input(left.value * right.value, (left, right)) for left, right in pairs]


def _z(step: Step, symbol: Symbol, i: int, j: int) -> list[Input]:
    W, b = symbol._replace(letter="W"), symbol._replace(letter="b")
    source = step.dense(symbol.layer).input
    source = source.after() if symbol.is_after and source.letter != "x" else source
    values = zip(step.row(source, i), step.column(W, j), strict=True)
    bias = step.value(b, j)
    return [*_products(values), Input(bias.value, (bias,), "bias")]


def _a(step: Step, symbol: Symbol, i: int, j: int) -> list[Input]:
    z = step.value(symbol._replace(letter="z"), i, j)
    return [Input(step.value(symbol, i, j).value, (z,), "activation")]


def _p(step: Step, symbol: Symbol, i: int, _k: int) -> list[Input]:
    logits = step.logits._replace(is_after=symbol.is_after)
    powers = np.exp(step.arrays[logits][i] - step.arrays[logits][i].max())
    return [
        Input(float(power), (step.value(logits, i, j),), "exponential")
        for j, power in enumerate(powers)
    ]


def _loss(step: Step, symbol: Symbol) -> list[Input]:
    y, inputs = step.arrays[Symbol("y")], []
    logits = step.arrays[step.logits._replace(is_after=symbol.is_after)]
    for i, k in np.ndindex(y.shape):
        label, p = step.value(Symbol("y"), i, k), step.value(symbol._replace(letter="p"), i, k)
        if step.is_squared:
            distance = (p.value - label.value) ** 2
            inputs.append(Input(distance / (2 * len(y)), (p, label), "squared_error"))
        elif label.value:
            # By log-sum-exp, since p may have been rounded to 0.
            shifted = logits[i] - logits[i].max()
            surprise = float(np.log(np.exp(shifted).sum()) - shifted[k])
            inputs.append(Input(label.value * surprise / len(y), (p, label), "cross_entropy"))
    return inputs


def _dlogits(step: Step, i: int, k: int) -> list[Input]:
    n = len(step.samples)
    p, y = step.value(Symbol("p"), i, k), step.value(Symbol("y"), i, k)
    if not step.is_squared:
        return [Input(p.value / n, (p,), "probability"), Input(-y.value / n, (y,), "label")]
    inputs = [Input(p.value * (p.value - y.value) / n, (p, y), "softmax_own")]
    for other, label in zip(step.row(Symbol("p"), i), step.row(Symbol("y"), i), strict=True):
        along = other.value * (other.value - label.value) / n
        inputs.append(Input(-p.value * along, (p, other, label), "softmax_shared"))
    return inputs


def _dW(step: Step, symbol: Symbol, k: int, j: int) -> list[Input]:
    source, dz = step.dense(symbol.layer).input, symbol._replace(letter="dz")
    return _products(zip(step.column(source, k), step.column(dz, j), strict=True))


def _db(step: Step, symbol: Symbol, j: int) -> list[Input]:
    return [Input(dz.value, (dz,)) for dz in step.column(symbol._replace(letter="dz"), j)]


def _da(step: Step, reader: int, i: int, k: int) -> list[Input]:
    """Return the terms of the gradient with respect to a dense layer's input."""
    return _products(
        zip(step.row(Symbol("dz", reader), i), step.row(Symbol("W", reader), k), strict=True)
    )


def _slope(step: Step, symbol: Symbol, i: int, j: int) -> list[Input]:
    z = step.value(symbol._replace(letter="z"), i, j)
    return [Input(step.value(symbol, i, j).value, (z,), "slope")]


def _dz(step: Step, symbol: Symbol, i: int, j: int) -> list[Input]:
    da, slope = (step.value(symbol._replace(letter=letter), i, j) for letter in ("da", "slope"))
    return _products([(da, slope)])


def _updated(step: Step, symbol: Symbol, index: Index) -> list[Input]:
    before = symbol.before()
    theta, gradient = step.value(before, *index), step.value(before.gradient(), *index)
    change = -step.learning_rate * gradient.value
    return [
        Input(theta.value, (theta,), "previous"),
        Input(change, (gradient,), "gradient_step"),
    ]


_FINDERS: dict[str, Callable[..., list[Input]]] = {
    "z": _z,
    "a": _a,
    "p": _p,
    "loss": _loss,
    "dW": _dW,
    "db": _db,
    "slope": _slope,
    "dz": _dz,
}
