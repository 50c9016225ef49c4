"""Derivation: one number of a step, the numbers that it was made of, and those that it makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glassnet.nn.tracing.formulas import Formula, Source
from glassnet.types import Array

Index = tuple[int, ...]

AFTER = "_after"  # ends the names of what is there after the step


@dataclass(frozen=True)
class Value:
    """One number, by its place.

    Parameters
    ----------
    name : str
        Of the quantity.
    index : tuple of int
        Where in it.
    value : float
        The number.
    """

    name: str
    index: Index
    value: float

    def __str__(self) -> str:
        """Return ``"W1[401, 17]"``."""
        return f"{self.name}[{', '.join(map(str, self.index))}]" if self.index else self.name


@dataclass(frozen=True)
class Input:
    """One part of a number.

    Parameters
    ----------
    value : float
        What it adds.
    factors : tuple of Value
        The numbers that it was made of.
    says : str
        How, where it is not their product.
    """

    value: float
    factors: tuple[Value, ...]
    says: str = ""


@dataclass(frozen=True)
class Explanation:
    """Where one number comes from, and where it goes.

    Parameters
    ----------
    entry : Value
        The number.
    shape : tuple of int
        Of the quantity that it belongs to.
    formula : Formula
        By which it was computed.
    number : int
        Of its layer; 0 for none.
    source : Source
        The line that computed it.
    terms : tuple of Input
        What it was made of, largest first.
    n_rest, rest : int, float
        How many more terms there are, and their sum.
    is_sum : bool
        Whether terms and rest add up to the number; a softmax divides one by their sum.
    feeds : tuple of Value
        Numbers that it enters.
    n_more : int
        How many more those are.
    """

    entry: Value
    shape: Index
    formula: Formula
    number: int
    source: Source
    terms: tuple[Input, ...]
    n_rest: int
    rest: float
    is_sum: bool
    feeds: tuple[Value, ...]
    n_more: int


@dataclass(frozen=True)
class Step:
    """All arrays of a step, and what one must know to say how they hang together.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        By name: x, y, W1, b1, z1, a1, ..., p, loss, dz2, dW2, ...
    n_layers : int
        With weights.
    learning_rate : float
        eta.
    is_squared : bool
        Whether the loss is the mean squared error.
    """

    arrays: Mapping[str, Array]
    n_layers: int
    learning_rate: float
    is_squared: bool

    @property
    def samples(self) -> range:
        """Return the places of the images in the batch.

        Returns
        -------
        range
            From 0.
        """
        return range(len(self.arrays["x"]))

    def entry(self, name: str, *index: int) -> Value:
        """Return one number with its place.

        Parameters
        ----------
        name : str
            Of the quantity.
        *index : int
            Where in it.

        Returns
        -------
        Value
            The number.
        """
        return Value(name, tuple(map(int, index)), float(self.arrays[name][index]))

    def below(self, number: int, after: str = "") -> str:
        """Return the name of what enters a layer.

        Parameters
        ----------
        number : int
            The layer's.
        after : str
            ``AFTER`` for the forward after the step.

        Returns
        -------
        str
            ``"x"``, or the activation of the layer before.
        """
        return "x" if number == 1 else f"a{number - 1}{after}"


def split_name(name: str) -> tuple[str, int, str]:
    """Take a name apart: W1_after is ("W", 1, "_after"), p is ("p", 0, "").

    Parameters
    ----------
    name : str
        Of a quantity.

    Returns
    -------
    letter : str
        ``"W"``.
    number : int
        The layer's; 0 for none.
    after : str
        ``"_after"`` for what is there after the step, else nothing.
    """
    stem, after = name.removesuffix(AFTER), AFTER if name.endswith(AFTER) else ""
    letter = stem.rstrip("0123456789")
    return letter, int(stem.removeprefix(letter) or 0), after


def largest_first(terms: Sequence[Input], n_terms: int) -> tuple[tuple[Input, ...], int, float]:
    """Keep the largest terms, and add up the rest.

    Parameters
    ----------
    terms : sequence of Input
        All of them.
    n_terms : int
        How many to keep.

    Returns
    -------
    kept : tuple of Input
        Largest first.
    n_rest : int
        How many were left.
    rest : float
        Their sum.
    """
    ordered = sorted(terms, key=lambda term: -abs(term.value))
    rest = ordered[n_terms:]
    return tuple(ordered[:n_terms]), len(rest), sum(term.value for term in rest)
