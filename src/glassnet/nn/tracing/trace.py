"""Trace: one training step (forward, loss, backward, update) with every value recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from glassnet.errors import ConfigError, check_positive, did_you_mean, lookup, whole_number
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import Network
from glassnet.nn.tracing.consumers import find_consumers
from glassnet.nn.tracing.explanation import Explanation, keep_largest
from glassnet.nn.tracing.inputs import find_inputs
from glassnet.nn.tracing.perturbation import Perturbation, perturb_parameter
from glassnet.nn.tracing.quantities import Quantity, describe_quantity
from glassnet.nn.tracing.recording import record_step
from glassnet.nn.tracing.step import Index, Step, Symbol
from glassnet.nn.tracing.table import to_html, to_text
from glassnet.nn.validation import check_examples, to_unit
from glassnet.types import Array


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Trace:
    """One training step with every value recorded, created by `trace`.

    Parameters
    ----------
    network : Network
        Network before the step, fused for inference.
    step : Step
        Arrays of the step, and the layers that connect them.
    labels : ndarray, (n,) int or (n, n_classes)
        Validated labels of the batch.
    is_fused : bool
        Whether batch normalisation or scaling was fused, or noise layers were removed.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> net = gn.mlp([2, 2], dtype="f8", rng=0)
    >>> net.params["W1"][...] = [[1.0, 2.0], [3.0, 4.0]]
    >>> step = gn.trace(net, np.array([0.5, 1.0]), 1, learning_rate=0.1)
    >>> step["z1"]
    array([[3.5, 5. ]])
    >>> [quantity.name for quantity in step.quantities if quantity.phase == "backward"]
    ['dW1', 'db1']
    >>> str(step.explain("z1", (0, 1)).source.text)
    'z = x @ W  # equation 1'
    """

    network: Network
    step: Step
    labels: Array
    is_fused: bool

    def __getitem__(self, name: str) -> Array:
        """Return the array with a name such as ``"z1"``; it is read-only."""
        return self.step.arrays[self.find(name)]

    def __repr__(self) -> str:
        """Return a table of all arrays."""
        return to_text(self.quantities, self.is_fused)

    def _repr_html_(self) -> str:
        return to_html(self.quantities, self.is_fused)

    def find(self, name: str) -> Symbol:
        """Return the symbol for a name such as ``"z1"``, ``"dW2"`` or ``"W1_after"``.

        Symbols are the keys of ``step.arrays``.

        Raises
        ------
        ConfigError
            If the step has no such array.
        """
        if name not in self._symbols:
            hint = did_you_mean(name, self._symbols)
            raise ConfigError(
                f"name: needs one of {', '.join(self._symbols)}, got {name!r}"
                f"{'.' if hint else ''}{hint}"
            )
        return self._symbols[name]

    @cached_property
    def _symbols(self) -> dict[str, Symbol]:
        return {str(symbol): symbol for symbol in self.step.arrays}

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """All arrays with their formulas, in order of computation."""
        return tuple(describe_quantity(self.step, symbol) for symbol in self.step.arrays)

    def explain(
        self, name: str, index: int | Sequence[int] = (), *, n_inputs: int = 24
    ) -> Explanation:
        """Explain one value: the terms it is computed from and the values computed from it.

        Parameters
        ----------
        name : str
            Name of the array, such as ``"z1"``.
        index : int or sequence of int
            Index of the value in the array; empty for a scalar such as the loss.
        n_inputs : int
            Maximum number of inputs, and of consumers, to return; the largest are kept.

        Raises
        ------
        ConfigError
            If there is no such value, or `n_inputs` is not an integer of at least 0.

        Examples
        --------
        >>> import numpy as np, glassnet as gn
        >>> net = gn.mlp([2, 2], dtype="f8", rng=0)
        >>> net.params["W1"][...] = [[1.0, 2.0], [3.0, 4.0]]
        >>> step = gn.trace(net, np.array([0.5, 1.0]), 1, learning_rate=0.1)
        >>> explanation = step.explain("z1", (0, 1))
        >>> for term in explanation.inputs:
        ...     print(term.value, *term.factors)
        4.0 x[0, 1] W1[1, 1]
        1.0 x[0, 0] W1[0, 1]
        0.0 b1[1]
        >>> print(*explanation.consumers)
        p[0, 0] p[0, 1]
        """
        symbol, place = self.locate(name, index)
        inputs, is_sum = find_inputs(self.step, symbol, place)
        n_inputs = whole_number("n_inputs", n_inputs, 0)
        kept, n_rest, rest = keep_largest(inputs, n_inputs)
        consumers = find_consumers(self.step, symbol, place)
        shown = set(sorted(consumers, key=lambda value: -abs(value.value))[:n_inputs])
        quantity = describe_quantity(self.step, symbol)
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
        """Compute the loss with one parameter decreased and increased by `eps`, in float64.

        Raises
        ------
        ConfigError
            If there is no such parameter, or `eps` is not above 0.

        Examples
        --------
        >>> import numpy as np, glassnet as gn
        >>> step = gn.trace(gn.mlp([2, 3, 2], rng=0), np.array([0.5, 1.0]), 1, learning_rate=0.1)
        >>> perturbation = step.perturb("W2", (0, 1))
        >>> abs(perturbation.slope - perturbation.gradient) < 1e-6
        True
        """
        symbol, place = self.locate(name, index)
        if name not in self.network.params:
            raise ConfigError(
                f"name: needs a parameter, one of {', '.join(self.network.params)}, got {name!r}"
            )
        check_positive("eps", eps)
        return perturb_parameter(
            self.network,
            self["x"],
            self.labels,
            self.step.loss,
            symbol=symbol,
            index=place,
            eps=eps,
            gradient=float(self.step.arrays[symbol.gradient()][place]),
        )

    def locate(self, name: str, index: int | Sequence[int]) -> tuple[Symbol, Index]:
        """Return the symbol of an array and a validated index into it, or raise ConfigError."""
        symbol = self.find(name)
        shape = self.step.arrays[symbol].shape
        place = np.atleast_1d(index) if np.size(index) else np.empty(0, int)
        is_place = place.dtype.kind in "iu" and place.shape == (len(shape),)
        if not is_place or not all(0 <= i < n for i, n in zip(place, shape, strict=True)):
            needed = ", ".join(f"0 to {n - 1}" for n in shape) or "nothing"
            raise ConfigError(f"index: {name} needs {needed}, got {index!r}")
        return symbol, tuple(map(int, place))


def trace(
    network: Network,
    x: ArrayLike,
    label: ArrayLike,
    learning_rate: float,
    *,
    loss: str = "cross_entropy",
) -> Trace:
    """Take one step of plain gradient descent on a copy of a network, and record every value.

    The network's own forward and backward functions run, and copies of their arrays are kept.

    Parameters
    ----------
    network : Network
        Network to trace, which is not modified. Batch normalisation and scaling are fused into the
        weights, and noise is removed, as for inference. For a user-defined layer, the input, the
        output, the parameters and the gradients are recorded, under names such as ``negate1``.
    x : array-like, (n, n_in), (height, width) or (n_in,)
        One image, or a small batch: integers from 0 to 255, or floats in [0, 1].
    label : int or array-like, (n,) int or (n, n_classes)
        The correct class, or a distribution, of each image.
    learning_rate : float
        eta, a finite number above 0.
    loss : str
        Name of the loss: ``"cross_entropy"`` or ``"mean_squared_error"``.

    Raises
    ------
    ShapeError, DataError, ConfigError
        If an argument is invalid.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> step = gn.trace(gn.mlp([2, 3, 2], dtype="f8", rng=0), np.array([0.5, 1.0]), 1, 0.1)
    >>> bool(step["loss_after"] < step["loss"])
    True
    >>> str(step.explain("z1", (0, 2)).inputs[0].factors[0])
    'x[0, 1]'
    """
    check_positive("learning_rate", learning_rate)
    loss_function = lookup("loss", LOSSES, loss)
    images, labels = np.asarray(x), np.atleast_1d(np.asarray(label))
    if images.ndim < 2 or images.size == network.n_in:
        images = images.reshape(1, -1)
    rows, labels = check_examples((images, labels), network.n_in, network.n_classes)
    fused = network.for_inference()
    if any(layer.activation == "softmax" for layer in fused.dense):
        raise ConfigError("network: needs element-wise activations, got a softmax in a layer")
    before = fused.copy()
    arrays, layers = record_step(
        before, to_unit(rows, network.dtype), labels, learning_rate, loss_function
    )
    for array in (*arrays.values(), *before.params.values()):
        array.flags.writeable = False
    step = Step(arrays=arrays, layers=layers, learning_rate=learning_rate, loss=loss_function)
    return Trace(network=before, step=step, labels=labels, is_fused=fused is not network)
