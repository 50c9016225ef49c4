"""Explanation: one value of a step, the values it is computed from, and those computed from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from glassnet.nn.tracing.formulas import Formula, Source
from glassnet.types import Array

Index = tuple[int, ...]

# How an input enters a value, where the two are not simply multiplied.
INPUT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "": "product of its factors",
        "activation": "phi(z)",
        "bias": "the bias",
        "cross_entropy": "-y log p / n",
        "exponential": "exp(z - max z)",
        "gradient_step": "-eta times the gradient",
        "layer": "input of a layer without a formula",
        "label": "-y / n",
        "previous": "the value before the step",
        "probability": "p / n",
        "slope": "phi'(z)",
        "softmax_own": "p (p - y) / n",
        "softmax_shared": "-p times a class's p (p - y) / n",
        "squared_error": "(p - y)^2 / 2n",
    }
)


class Symbol(NamedTuple):
    """The name of an array of a step, in parts.

    Parameters
    ----------
    letter : str
        ``"W"``, ``"z"``, ``"dW"``, ``"loss"``, ...
    layer : int
        Number of its layer, from 1; 0 for none.
    is_after : bool
        Whether it is computed with the updated parameters.
    """

    letter: str
    layer: int = 0
    is_after: bool = False

    def __str__(self) -> str:
        """Return ``"W1_after"``."""
        return f"{self.letter}{self.layer or ''}{'_after' * self.is_after}"

    def after(self) -> "Symbol":
        """Return the symbol of the same array after the step."""
        return self._replace(is_after=True)

    def gradient(self) -> "Symbol":
        """Return the symbol of the gradient, such as dW1 for W1."""
        return self._replace(letter=f"d{self.letter}")


@dataclass(frozen=True)
class Value:
    """One element of an array of a step.

    Parameters
    ----------
    symbol : Symbol
        The array.
    index : tuple of int
        Place in it.
    value : float
        The number.
    """

    symbol: Symbol
    index: Index
    value: float

    @property
    def name(self) -> str:
        """Return the name of the array."""
        return str(self.symbol)

    def to_dict(self) -> dict[str, Any]:
        """Return name, letter, layer, index and value, for JSON."""
        return {
            "name": self.name,
            "letter": self.symbol.letter,
            "layer": self.symbol.layer,
            "is_after": self.symbol.is_after,
            "index": list(self.index),
            "value": self.value,
        }

    def __str__(self) -> str:
        """Return ``"W1[401, 17]"``."""
        return f"{self.name}[{', '.join(map(str, self.index))}]" if self.index else self.name


@dataclass(frozen=True)
class Input:
    """One term of a value.

    Parameters
    ----------
    value : float
        The amount that it adds.
    factors : tuple of Value
        The values that it is computed from.
    kind : str
        A key of ``INPUT_KINDS``; empty for the product of the factors.
    """

    value: float
    factors: tuple[Value, ...]
    kind: str = ""

    @property
    def description(self) -> str:
        """Return how it is computed from its factors."""
        return INPUT_KINDS[self.kind]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The terms that a value is computed from, and the values computed from it.

    Parameters
    ----------
    value : Value
        The value explained.
    shape : tuple of int
        Shape of its array.
    formula : Formula
        How it is computed.
    source : Source
        The line that computes it.
    inputs : tuple of Input
        Its terms, largest first.
    n_rest, rest : int, float
        Number of further terms, and their sum.
    is_sum : bool
        Whether terms and rest add up to the value; a softmax divides one by their sum.
    consumers : tuple of Value
        Values computed from it.
    n_more : int
        Number of further consumers.
    """

    value: Value
    shape: Index
    formula: Formula
    source: Source
    inputs: tuple[Input, ...]
    n_rest: int
    rest: float
    is_sum: bool
    consumers: tuple[Value, ...]
    n_more: int


@dataclass(frozen=True)
class TracedLayer:
    """A layer of a traced network, with the symbols of its input and its output.

    Parameters
    ----------
    number : int
        From 1.
    input, output : Symbol
        The arrays that it reads and computes.
    is_dense : bool
        False for a layer of which only the input, the output and the parameters are known.
    params : tuple of str
        Letters of its parameters.
    """

    number: int
    input: Symbol
    output: Symbol
    is_dense: bool
    params: tuple[str, ...] = ("W", "b")


@dataclass(frozen=True, kw_only=True)
class Step:
    """All arrays of a step, and how they are connected.

    Parameters
    ----------
    arrays : mapping of Symbol to ndarray
        x, y, W1, b1, z1, a1, ..., p, loss, dz2, dW2, ..., in the order of their computation.
    layers : tuple of TracedLayer
        From input to output.
    learning_rate : float
        eta.
    is_squared : bool
        Whether the loss is the mean squared error.
    """

    arrays: Mapping[Symbol, Array]
    layers: tuple[TracedLayer, ...]
    learning_rate: float
    is_squared: bool

    @property
    def logits(self) -> Symbol:
        """Return the symbol of the logits."""
        return self.layers[-1].output

    @property
    def samples(self) -> range:
        """Return the rows of the batch."""
        return range(len(self.arrays[Symbol("x")]))

    def value(self, symbol: Symbol, *index: int) -> Value:
        """Return one element with its place."""
        return Value(symbol, tuple(map(int, index)), float(self.arrays[symbol][index]))

    def row(self, symbol: Symbol, i: int) -> list[Value]:
        """Return the elements of a row."""
        return [self.value(symbol, i, j) for j in range(self.arrays[symbol].shape[1])]

    def column(self, symbol: Symbol, j: int) -> list[Value]:
        """Return the elements of a column."""
        return [self.value(symbol, i, j) for i in range(self.arrays[symbol].shape[0])]

    def producer(self, symbol: Symbol) -> TracedLayer | None:
        """Return the layer that computes an array, before or after the step."""
        before = symbol._replace(is_after=False)
        return next((layer for layer in self.layers if layer.output == before), None)

    def reader(self, symbol: Symbol) -> TracedLayer | None:
        """Return the layer that reads an array, before or after the step."""
        before = symbol._replace(is_after=False)
        return next((layer for layer in self.layers if layer.input == before), None)

    def owner(self, symbol: Symbol) -> TracedLayer | None:
        """Return the layer that has a parameter."""
        return next(
            (
                layer
                for layer in self.layers
                if layer.number == symbol.layer and symbol.letter in layer.params
            ),
            None,
        )

    def dense(self, number: int) -> TracedLayer:
        """Return the dense layer of a number."""
        return next(layer for layer in self.layers if layer.is_dense and layer.number == number)


def keep_largest(inputs: Sequence[Input], n: int) -> tuple[tuple[Input, ...], int, float]:
    """Return the largest inputs, the number of the others, and their sum."""
    ordered = sorted(inputs, key=lambda term: -abs(term.value))
    rest = ordered[n:]
    return tuple(ordered[:n]), len(rest), sum(term.value for term in rest)
