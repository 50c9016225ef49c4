"""Step: the arrays of one training step, and the layers that connect them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.layer import Layer
from glassnet.nn.losses import Loss, mean_squared_error
from glassnet.types import Array

Index = tuple[int, ...]


class Symbol(NamedTuple):
    """Name of an array: its letter, its layer, and whether it is before or after the update.

    Parameters
    ----------
    letter : str
        Name without the number: ``"W"``, ``"z"``, ``"dW"``, ``"loss"``, ...
    layer : int
        Number of the layer, from 1; 0 for an array without a layer.
    is_after : bool
        Whether the array belongs to the network after the update.
    """

    letter: str
    layer: int = 0
    is_after: bool = False

    def __str__(self) -> str:
        """Return a name such as ``"W1_after"``."""
        return f"{self.letter}{self.layer or ''}{'_after' * self.is_after}"

    def before(self) -> "Symbol":
        """Return the symbol of the same array before the step."""
        return self._replace(is_after=False)

    def after(self) -> "Symbol":
        """Return the symbol of the same array after the step."""
        return self._replace(is_after=True)

    def gradient(self) -> "Symbol":
        """Return the symbol of the array's gradient, such as dW1 for W1."""
        return self._replace(letter=f"d{self.letter}")


@dataclass(frozen=True)
class Value:
    """One element of an array in a step."""

    symbol: Symbol
    index: Index
    value: float

    @property
    def name(self) -> str:
        """Name of the array."""
        return str(self.symbol)

    def to_dict(self) -> dict[str, Any]:
        """Return name, letter, layer, index and value in JSON-serialisable form."""
        return {
            "name": self.name,
            "letter": self.symbol.letter,
            "layer": self.symbol.layer,
            "is_after": self.symbol.is_after,
            "index": list(self.index),
            "value": self.value,
        }

    def __str__(self) -> str:
        """Return the name and index, such as ``"W1[401, 17]"``."""
        return f"{self.name}[{', '.join(map(str, self.index))}]" if self.index else self.name


@dataclass(frozen=True, kw_only=True)
class TracedLayer:
    """A layer of a traced network, with the symbols of its input and its output.

    Parameters
    ----------
    input, output : Symbol
        Names of the layer's input and output.
    params : tuple of str
        Short names of the layer's parameters.
    """

    layer: Layer
    number: int
    input: Symbol
    output: Symbol
    params: tuple[str, ...]

    @property
    def is_dense(self) -> bool:
        """Whether the layer is dense; other layers are recorded, but have no formulas."""
        return isinstance(self.layer, Dense)


@dataclass(frozen=True, kw_only=True)
class Step:
    """The arrays of one training step, and the layers that connect them.

    Parameters
    ----------
    arrays : mapping of Symbol to ndarray
        x, y, W1, b1, z1, a1, ..., p, loss, dz2, dW2, ..., in order of computation.
    layers : tuple of TracedLayer
        Layers from input to output.
    """

    arrays: Mapping[Symbol, Array]
    layers: tuple[TracedLayer, ...]
    learning_rate: float
    loss: Loss

    @property
    def is_squared(self) -> bool:
        """Whether the loss is the mean squared error."""
        return self.loss is mean_squared_error

    @property
    def logits(self) -> Symbol:
        """Symbol of the logits."""
        return self.layers[-1].output

    @property
    def samples(self) -> range:
        """Row numbers in the batch."""
        return range(len(self.arrays[Symbol("x")]))

    def value(self, symbol: Symbol, *index: int) -> Value:
        """Return one element, with its index."""
        return Value(symbol, tuple(map(int, index)), float(self.arrays[symbol][index]))

    def row(self, symbol: Symbol, i: int) -> list[Value]:
        """Return the elements in a row."""
        return [self.value(symbol, i, j) for j in range(self.arrays[symbol].shape[1])]

    def column(self, symbol: Symbol, j: int) -> list[Value]:
        """Return the elements in a column."""
        return [self.value(symbol, i, j) for i in range(self.arrays[symbol].shape[0])]

    def producer(self, symbol: Symbol) -> TracedLayer | None:
        """Return the layer that computes an array, before or after the step."""
        return next((layer for layer in self.layers if layer.output == symbol.before()), None)

    def reader(self, symbol: Symbol) -> TracedLayer | None:
        """Return the layer that reads an array, before or after the step."""
        return next((layer for layer in self.layers if layer.input == symbol.before()), None)

    def owner(self, symbol: Symbol) -> TracedLayer | None:
        """Return the layer that a parameter belongs to."""
        numbered = (layer for layer in self.layers if layer.number == symbol.layer)
        return next((layer for layer in numbered if symbol.letter in layer.params), None)

    def dense(self, number: int) -> TracedLayer:
        """Return the dense layer with a given number."""
        return next(layer for layer in self.layers if layer.is_dense and layer.number == number)
