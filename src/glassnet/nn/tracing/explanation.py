"""Explanation: the terms that a value is computed from, and the values computed from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from glassnet.nn.tracing.formulas import Formula, Source
from glassnet.nn.tracing.step import Index, Value

# How a term is computed from its factors; their product is the default.
INPUT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "": "product of its factors",
        "activation": "phi(z)",
        "bias": "the bias",
        "cross_entropy": "-y log p / n",
        "exponential": "exp(z - max z)",
        "gradient_step": "-eta times the gradient",
        "layer": "input to a layer without a formula",
        "label": "-y / n",
        "previous": "the value before the step",
        "probability": "p / n",
        "slope": "phi'(z)",
        "softmax_own": "p (p - y) / n",
        "softmax_shared": "-p times p (p - y) / n for one class",
        "squared_error": "(p - y)^2 / 2n",
    }
)


@dataclass(frozen=True)
class Input:
    """One of the terms that a value is computed from.

    Parameters
    ----------
    value : float
        Contribution to the explained value.
    factors : tuple of Value
        Values from which the term is computed.
    kind : str
        A key of ``INPUT_KINDS``; empty for the product of the factors.
    """

    value: float
    factors: tuple[Value, ...]
    kind: str = ""

    @property
    def description(self) -> str:
        """Description of how the term is computed from its factors."""
        return INPUT_KINDS[self.kind]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The terms that a value is computed from, and the values computed from it.

    Parameters
    ----------
    shape : tuple of int
        Shape of the array that contains the value.
    source : Source
        Line of code that computes the value.
    inputs : tuple of Input
        Terms of the value, in decreasing order of magnitude.
    n_rest, rest : int, float
        Number of terms left out of `inputs`, and their sum.
    is_sum : bool
        Whether `inputs` and `rest` add up to the value; for a softmax, it is one term divided by
        the sum.
    consumers : tuple of Value
        Values computed from the value.
    n_more : int
        Number of values left out of `consumers`.
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


def keep_largest(inputs: Sequence[Input], n: int) -> tuple[tuple[Input, ...], int, float]:
    """Return the largest inputs, the number of remaining inputs, and the sum of those."""
    ordered = sorted(inputs, key=lambda term: -abs(term.value))
    rest = ordered[n:]
    return tuple(ordered[:n]), len(rest), sum(term.value for term in rest)
