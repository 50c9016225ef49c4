"""Trace: one step of training, with every number kept: forward, loss, backward, update."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from glassnet.errors import ConfigError, did_you_mean, lookup, whole_number
from glassnet.nn.losses import LOSSES, Loss, mean_squared_error
from glassnet.nn.network import Network
from glassnet.nn.tracing.consumers import find_consumers
from glassnet.nn.tracing.explanation import Explanation, Index, Step, largest_first, split_name
from glassnet.nn.tracing.formulas import FORMULAS, SQUARED, Formula, Source, find_source
from glassnet.nn.tracing.inputs import find_inputs
from glassnet.nn.tracing.perturbation import Perturbation, perturb_weight
from glassnet.nn.tracing.recording import take_step
from glassnet.nn.tracing.table import to_html, to_text
from glassnet.nn.validation import check_examples, to_unit
from glassnet.types import Array


@dataclass(frozen=True, eq=False)
class Quantity:
    """One array of a step.

    Parameters
    ----------
    name : str
        ``"z1"``, ``"dW2"``, ``"W1_after"``, ...
    number : int
        Of its layer, from 1; 0 for none.
    phase : str
        ``"given"``, ``"forward"``, ``"loss"``, ``"backward"`` or ``"update"``.
    value : ndarray
        The numbers, read-only.
    formula : Formula
        By which they were computed.
    source : Source
        The line that computed them.
    """

    name: str
    number: int
    phase: str
    value: Array
    formula: Formula
    source: Source


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """One step, with every number kept. Made by `trace`.

    Parameters
    ----------
    network : Network
        As it was before the step: dense layers alone.
    step : Step
        All its arrays.
    loss : callable
        The loss function.
    labels : ndarray
        As the loss takes them.
    is_folded : bool
        Whether batch normalisation, scale or noise was folded away beforehand.
    """

    network: Network
    step: Step
    loss: Loss
    labels: Array
    is_folded: bool

    def __getitem__(self, name: str) -> Array:
        """Return the numbers of one quantity, read-only."""
        if name not in self.step.arrays:
            known = tuple(self.step.arrays)
            raise ConfigError(
                f"trace: there is no {name!r}.{did_you_mean(name, known)} Known: {', '.join(known)}"
            )
        return self.step.arrays[name]

    def __repr__(self) -> str:
        """Return a table of all quantities."""
        return to_text(self.quantities, self.is_folded)

    def _repr_html_(self) -> str:
        return to_html(self.quantities, self.is_folded)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """Return every quantity, in the order of its computation.

        Returns
        -------
        tuple of Quantity
            From x to the loss after the step.
        """
        return tuple(self._quantity(name) for name in self.step.arrays)

    def _quantity(self, name: str) -> Quantity:
        letter, number, after = split_name(name)
        kind = f"{letter}{after}" if letter in ("W", "b") else letter
        if name == f"dz{self.step.n_layers}":
            kind = "dlogits"
        formulas = {**FORMULAS, **SQUARED} if self.step.is_squared else FORMULAS
        activation = self.network.dense[number - 1].activation if number else "identity"
        source = find_source(kind, activation, self.loss.__name__)
        phase = "update" if after else formulas[kind].phase
        return Quantity(name, number, phase, self.step.arrays[name], formulas[kind], source)

    def explain(
        self, name: str, index: int | Sequence[int] = (), *, n_terms: int = 24
    ) -> Explanation:
        """Say where one number comes from, and where it goes.

        Parameters
        ----------
        name : str
            Of the quantity.
        index : int or sequence of int
            Where in it.
        n_terms : int
            Terms to keep, and numbers that it feeds; the smaller rest is added up.

        Returns
        -------
        Explanation
            Its terms, largest first.

        Raises
        ------
        ConfigError
            If there is no such number, or `n_terms` is no count.
        """
        place = self._check(name, index)
        terms, is_sum = find_inputs(self.step, name, place)
        n_terms = whole_number("n_terms", n_terms, 0)
        kept, n_rest, rest = largest_first(terms, n_terms)
        feeds = find_consumers(self.step, name, place)
        shown = set(sorted(feeds, key=lambda entry: -abs(entry.value))[:n_terms])
        told = self._quantity(name)
        return Explanation(
            self.step.entry(name, *place),
            told.value.shape,
            told.formula,
            told.number,
            told.source,
            kept,
            n_rest,
            rest,
            is_sum,
            tuple(entry for entry in feeds if entry in shown),
            len(feeds) - len(shown),
        )

    def nudge(self, name: str, index: int | Sequence[int], eps: float = 1e-4) -> Perturbation:
        """Move one weight a little, each way, and see what the loss does.

        Parameters
        ----------
        name : str
            Of a parameter: ``"W1"``, ``"b2"``.
        index : int or sequence of int
            Which of its numbers.
        eps : float
            How far, above 0.

        Returns
        -------
        Perturbation
            Computed in float64.

        Raises
        ------
        ConfigError
            If there is no such parameter, or `eps` is no length.
        """
        place = self._check(name, index)
        if name not in self.network.params:
            raise ConfigError(
                f"nudge: {name} is computed, not learnt; choose one of "
                f"{', '.join(self.network.params)}"
            )
        if not 0 < eps < float("inf"):
            raise ConfigError(f"eps: needs a number above 0, got {eps}")
        gradient = float(self[f"d{name}"][place])
        return perturb_weight(
            self.network, self["x"], self.labels, self.loss, name, place, eps, gradient
        )

    def _check(self, name: str, index: int | Sequence[int]) -> Index:
        shape = self[name].shape
        place = np.atleast_1d(index) if np.size(index) else np.empty(0, int)
        is_place = place.dtype.kind in "iu" and place.shape == (len(shape),)
        if not is_place or not all(0 <= i < n for i, n in zip(place, shape, strict=True)):
            needed = ", ".join(f"0 to {n - 1}" for n in shape) or "none"
            raise ConfigError(f"trace: {name} has indices {needed}, got {index!r}")
        return tuple(map(int, place))


def trace(
    network: Network,
    x: ArrayLike,
    label: ArrayLike,
    learning_rate: float,
    *,
    loss: str = "cross_entropy",
) -> Trace:
    """Take one step of plain gradient descent, and keep every number.

    It calls the functions that training calls, one by one, and copies what passes between them.
    The network itself is left as it is.

    Parameters
    ----------
    network : Network
        Trained or not. Batch normalisation and scale are folded into the weights, and noise is
        left out, as for prediction.
    x : array-like, (n, n_in), (height, width) or (n_in,)
        One image, or a small batch: whole numbers 0 to 255, or floats in [0, 1].
    label : int or array-like, (n,) int or (n, n_classes)
        What it shows.
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
    >>> step.explain("z1", (0, 2)).terms[0].factors[0]
    Entry(name='x', index=(0, 1), value=1.0)
    """
    if not 0 < learning_rate < float("inf"):
        raise ConfigError(f"learning_rate: needs a number above 0, got {learning_rate}")
    loss_function = lookup("loss", LOSSES, loss)
    images, labels = np.asarray(x), np.atleast_1d(np.asarray(label))
    if images.ndim < 2 or images.size == network.n_in:
        images = images.reshape(1, -1)
    rows, labels = check_examples((images, labels), network.n_in, network.n_classes)
    folded = network.for_inference()
    if any(layer.activation == "softmax" for layer in folded.dense):
        raise ConfigError(
            "trace: needs activations that look at one unit at a time, got a softmax in a layer"
        )
    before = folded.copy()
    arrays = take_step(before, to_unit(rows, network.dtype), labels, learning_rate, loss_function)
    for array in arrays.values():
        array.flags.writeable = False
    step = Step(arrays, len(before.dense), learning_rate, loss_function is mean_squared_error)
    return Trace(before, step, loss_function, labels, folded is not network)
