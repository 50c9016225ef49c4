"""Step: all arrays of one step of training, and how they are connected."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.layer import Layer
from glassnet.nn.losses import Loss, mean_squared_error
from glassnet.types import Array

Index = tuple[int, ...]


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

    def before(self) -> "Symbol":
        """Return the symbol of the same array before the step."""
        return self._replace(is_after=False)

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


@dataclass(frozen=True, kw_only=True)
class TracedLayer:
    """A layer of a traced network, with the symbols of its input and its output.

    Parameters
    ----------
    number : int
        From 1.
    input, output : Symbol
        The arrays that it reads and computes.
    params : tuple of str
        Letters of its parameters.
    """

    layer: Layer
    number: int
    input: Symbol
    output: Symbol
    params: tuple[str, ...]

    @property
    def is_dense(self) -> bool:
        """Return whether the layer has formulas; of any other only the arrays are known."""
        return isinstance(self.layer, Dense)


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
    """

    arrays: Mapping[Symbol, Array]
    layers: tuple[TracedLayer, ...]
    learning_rate: float
    loss: Loss

    @property
    def is_squared(self) -> bool:
        """Return whether the loss is the mean squared error."""
        return self.loss is mean_squared_error

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
        return next((layer for layer in self.layers if layer.output == symbol.before()), None)

    def reader(self, symbol: Symbol) -> TracedLayer | None:
        """Return the layer that reads an array, before or after the step."""
        return next((layer for layer in self.layers if layer.input == symbol.before()), None)

    def owner(self, symbol: Symbol) -> TracedLayer | None:
        """Return the layer that has a parameter."""
        numbered = (layer for layer in self.layers if layer.number == symbol.layer)
        return next((layer for layer in numbered if symbol.letter in layer.params), None)

    def dense(self, number: int) -> TracedLayer:
        """Return the dense layer of a number."""
        return next(layer for layer in self.layers if layer.is_dense and layer.number == number)
