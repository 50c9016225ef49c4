"""Trace: one step of training with every value kept: forward, loss, backward, update."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from glassnet.errors import ConfigError, did_you_mean, lookup, whole_number
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.layer import Layer
from glassnet.nn.losses import LOSSES, Loss, mean_squared_error
from glassnet.nn.network import Network
from glassnet.nn.tracing.consumers import find_consumers
from glassnet.nn.tracing.explanation import (
    Explanation,
    Index,
    Step,
    Symbol,
    TracedLayer,
    keep_largest,
)
from glassnet.nn.tracing.formulas import (
    FORMULAS,
    SQUARED,
    Formula,
    Source,
    find_definition,
    find_source,
)
from glassnet.nn.tracing.inputs import find_inputs
from glassnet.nn.tracing.perturbation import Perturbation, perturb_parameter
from glassnet.nn.tracing.recording import record_step
from glassnet.nn.tracing.table import to_html, to_text
from glassnet.nn.validation import check_examples, to_unit
from glassnet.types import Array


@dataclass(frozen=True, eq=False, kw_only=True)
class Quantity:
    """One array of a step.

    Parameters
    ----------
    symbol : Symbol
        Letter, layer, and whether it is computed after the step.
    phase : str
        ``"given"``, ``"forward"``, ``"loss"``, ``"backward"`` or ``"update"``.
    value : ndarray
        Read-only.
    formula : Formula
        How it is computed.
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
        """Return the name, such as ``"W1_after"``."""
        return str(self.symbol)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Trace:
    """One step with every value kept. Made by `trace`.

    Parameters
    ----------
    network : Network
        The network before the step, as inference computes it.
    step : Step
        All arrays.
    loss : callable
        The loss function.
    labels : ndarray
        Labels as the loss takes them.
    is_fused : bool
        Whether batch normalisation, scale or noise was fused or removed.
    """

    network: Network
    step: Step
    loss: Loss
    labels: Array
    is_fused: bool

    def __getitem__(self, name: str) -> Array:
        """Return one array, read-only."""
        return self.step.arrays[self.find(name)]

    def __repr__(self) -> str:
        """Return a table of all arrays."""
        return to_text(self.quantities, self.is_fused)

    def _repr_html_(self) -> str:
        return to_html(self.quantities, self.is_fused)

    def find(self, name: str) -> Symbol:
        """Return the symbol of an array.

        Parameters
        ----------
        name : str
            Such as ``"z1"``, ``"dW2"`` or ``"W1_after"``.

        Returns
        -------
        Symbol
            A key of ``step.arrays``.

        Raises
        ------
        ConfigError
            If the step has no such array.
        """
        if name not in self._symbols:
            known = tuple(self._symbols)
            raise ConfigError(
                f"trace: there is no {name!r}.{did_you_mean(name, known)} Known: {', '.join(known)}"
            )
        return self._symbols[name]

    @cached_property
    def _symbols(self) -> dict[str, Symbol]:
        return {str(symbol): symbol for symbol in self.step.arrays}

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """Return every array with its formula, in the order of computation.

        Returns
        -------
        tuple of Quantity
            From x to the loss after the step.
        """
        return tuple(self._quantity(symbol) for symbol in self.step.arrays)

    def _quantity(self, symbol: Symbol) -> Quantity:
        formula, source = self._formula(symbol)
        return Quantity(
            symbol=symbol,
            phase="update" if symbol.is_after else formula.phase,
            value=self.step.arrays[symbol],
            formula=formula,
            source=source,
        )

    def _formula(self, symbol: Symbol) -> tuple[Formula, Source]:
        traced = _find_layer(self.step, symbol)
        formulas = {**FORMULAS, **SQUARED} if self.step.is_squared else FORMULAS
        loss = self.loss.__name__
        if traced is None:
            return formulas[symbol.letter], find_source(symbol.letter, loss=loss)
        reader = self.step.reader(traced.output)
        if not traced.is_dense:
            return self._formula_by_layer(symbol, traced)
        if symbol.letter == "da" and reader is not None and not reader.is_dense:
            return self._formula_by_layer(symbol, reader)
        kind = symbol.letter
        if symbol == self.step.logits.gradient():
            kind = "dlogits"
        elif kind in ("W", "b") and symbol.is_after:
            kind = f"{kind}_after"
        layer = self._layer(traced)
        activation = layer.activation if isinstance(layer, Dense) else "identity"
        source = traced.input
        latex = f"{source.letter}_{{{source.layer}}}" if source.layer else source.letter
        formula = formulas[kind].fill(traced.number, latex, reader.number if reader else 0)
        return formula, find_source(kind, activation, loss)

    def _formula_by_layer(self, symbol: Symbol, traced: TracedLayer) -> tuple[Formula, Source]:
        """Return the name and the code of a layer that has no formula."""
        cls, name = type(self._layer(traced)), str(symbol)
        phase = "backward" if symbol.letter.startswith("d") else "forward"
        formula = Formula(name, name, f"computed by the layer {cls.__name__}", phase)
        return formula, find_definition(cls.forward)

    def _layer(self, traced: TracedLayer) -> Layer:
        return self.network.layers[self.step.layers.index(traced)]

    def explain(
        self, name: str, index: int | Sequence[int] = (), *, n_inputs: int = 24
    ) -> Explanation:
        """Explain one value: its inputs and its consumers.

        Parameters
        ----------
        name : str
            Name of an array.
        index : int or sequence of int
            Place in it.
        n_inputs : int
            Number of inputs and of consumers to keep; the smaller ones are summed.

        Returns
        -------
        Explanation
            Inputs largest first.

        Raises
        ------
        ConfigError
            If there is no such value, or `n_inputs` is not a count.
        """
        symbol, place = self._locate(name, index)
        inputs, is_sum = find_inputs(self.step, symbol, place)
        n_inputs = whole_number("n_inputs", n_inputs, 0)
        kept, n_rest, rest = keep_largest(inputs, n_inputs)
        consumers = find_consumers(self.step, symbol, place)
        shown = set(sorted(consumers, key=lambda value: -abs(value.value))[:n_inputs])
        quantity = self._quantity(symbol)
        return Explanation(
            value=self.step.value(symbol, *place),
            shape=quantity.value.shape,
            formula=quantity.formula,
            source=quantity.source,
            inputs=kept,
            n_rest=n_rest,
            rest=rest,
            is_sum=is_sum,
            consumers=tuple(value for value in consumers if value in shown),
            n_more=len(consumers) - len(shown),
        )

    def perturb(self, name: str, index: int | Sequence[int], eps: float = 1e-4) -> Perturbation:
        """Move one parameter down and up by `eps`, and compute the loss.

        Parameters
        ----------
        name : str
            Name of a parameter: ``"W1"``, ``"b2"``.
        index : int or sequence of int
            Place in it.
        eps : float
            Size of the move, above 0.

        Returns
        -------
        Perturbation
            Computed in float64.

        Raises
        ------
        ConfigError
            If there is no such parameter, or `eps` is out of range.
        """
        symbol, place = self._locate(name, index)
        if name not in self.network.params:
            raise ConfigError(
                f"perturb: {name} is computed, not learned; choose one of "
                f"{', '.join(self.network.params)}"
            )
        if not 0 < eps < float("inf"):
            raise ConfigError(f"eps: needs a number above 0, got {eps}")
        return perturb_parameter(
            self.network,
            self["x"],
            self.labels,
            self.loss,
            symbol=symbol,
            index=place,
            eps=eps,
            gradient=float(self.step.arrays[symbol.gradient()][place]),
        )

    def _locate(self, name: str, index: int | Sequence[int]) -> tuple[Symbol, Index]:
        symbol = self.find(name)
        shape = self.step.arrays[symbol].shape
        place = np.atleast_1d(index) if np.size(index) else np.empty(0, int)
        is_place = place.dtype.kind in "iu" and place.shape == (len(shape),)
        if not is_place or not all(0 <= i < n for i, n in zip(place, shape, strict=True)):
            needed = ", ".join(f"0 to {n - 1}" for n in shape) or "none"
            raise ConfigError(f"trace: {name} has indices {needed}, got {index!r}")
        return symbol, tuple(map(int, place))


def _find_layer(step: Step, symbol: Symbol) -> TracedLayer | None:
    """Return the layer that an array, or the array whose gradient it is, belongs to."""
    of_gradient = symbol._replace(letter=symbol.letter.removeprefix("d"), is_after=False)
    for candidate in (symbol._replace(is_after=False), of_gradient):
        found = step.owner(candidate) or step.producer(candidate)
        if found is not None:
            return found
    dense = (layer for layer in step.layers if layer.is_dense and layer.number == symbol.layer)
    return next(dense, None)


def trace(
    network: Network,
    x: ArrayLike,
    label: ArrayLike,
    learning_rate: float,
    *,
    loss: str = "cross_entropy",
) -> Trace:
    """Take one step of plain gradient descent, and keep every value.

    The network's own forward and backward run, and copies of their arrays are kept. The network
    is left as it is.

    Parameters
    ----------
    network : Network
        Trained or not. Batch normalisation and scale are fused into the weights, and noise is
        removed, as for inference. Of a user-defined layer the input, the output, the parameters
        and the gradients are kept, under names such as ``negate1``.
    x : array-like, (n, n_in), (height, width) or (n_in,)
        One image, or a small batch: integers 0 to 255, or floats in [0, 1].
    label : int or array-like, (n,) int or (n, n_classes)
        The correct class.
    learning_rate : float
        eta, above 0.
    loss : str
        A key of ``LOSSES``.

    Returns
    -------
    Trace
        From x to the loss after the step.

    Raises
    ------
    ShapeError, DataError, ConfigError
        If an argument cannot be used.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> step = gn.trace(gn.mlp([2, 3, 2], dtype="f8", rng=0), np.array([0.5, 1.0]), 1, 0.1)
    >>> bool(step["loss_after"] < step["loss"])
    True
    >>> str(step.explain("z1", (0, 2)).inputs[0].factors[0])
    'x[0, 1]'
    """
    if not 0 < learning_rate < float("inf"):
        raise ConfigError(f"learning_rate: needs a number above 0, got {learning_rate}")
    loss_function = lookup("loss", LOSSES, loss)
    images, labels = np.asarray(x), np.atleast_1d(np.asarray(label))
    if images.ndim < 2 or images.size == network.n_in:
        images = images.reshape(1, -1)
    rows, labels = check_examples((images, labels), network.n_in, network.n_classes)
    fused = network.for_inference()
    if any(layer.activation == "softmax" for layer in fused.dense):
        raise ConfigError("trace: needs element-wise activations, got a softmax in a layer")
    before = fused.copy()
    arrays, layers = record_step(
        before, to_unit(rows, network.dtype), labels, learning_rate, loss_function
    )
    for array in (*arrays.values(), *before.params.values()):
        array.flags.writeable = False
    step = Step(
        arrays=arrays,
        layers=layers,
        learning_rate=learning_rate,
        is_squared=loss_function is mean_squared_error,
    )
    return Trace(
        network=before,
        step=step,
        loss=loss_function,
        labels=labels,
        is_fused=fused is not network,
    )
