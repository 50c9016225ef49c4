"""One number of a step, told in a terminal: what it was made of, and what it feeds."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape

from glassnet.cli.explain_step import as_text
from glassnet.errors import ConfigError
from glassnet.nn.tracing.explanation import Explanation, Input, keep_largest
from glassnet.nn.tracing.perturbation import Perturbation
from glassnet.nn.tracing.step import Index
from glassnet.nn.tracing.trace import Trace

N_INPUTS = 16  # shown one by one, largest first


def find_place(step: Trace, option: str, text: str) -> tuple[str, Index]:
    """Read the name of a number.

    Parameters
    ----------
    step : Trace
        Of one image, whose place, 0, may be left out.
    option : str
        What errors call it.
    text : str
        As ``"z1[0, 17]"``, ``"z1 0,17"`` or ``"z1[17]"``.

    Returns
    -------
    name : str
        Of the quantity.
    index : tuple of int
        Where in it.

    Raises
    ------
    ConfigError
        If it is no such name.
    """
    found = re.fullmatch(r"\s*([A-Za-z]\w*)\s*(?:\[([\d,\s]*)\]|([\d,\s]*))\s*", text)
    if found is None:
        raise ConfigError(f'{option}: needs a number of the step, as "z1[0,17]", got {text!r}')
    name = found[1]
    index = tuple(map(int, re.findall(r"\d+", found[2] or found[3] or "")))
    with naming_option(option):
        has_rows = step[name].ndim == 2 and step.find(name).letter not in ("W", "dW")
        place = (0, *index) if has_rows and len(index) == 1 else index
        step.locate(name, place)
    return name, place


@contextmanager
def naming_option(option: str) -> Iterator[None]:
    """Name the option in the message of a ConfigError."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"{option}, {error}") from error


def print_number(console: Console, step: Trace, name: str, index: Index, *, columns: bool) -> None:
    """Print where a number comes from, and where it goes.

    Parameters
    ----------
    console : Console
        Where to.
    step : Trace
        The step.
    name : str
        Of the quantity.
    index : tuple of int
        Where in it.
    columns : bool
        Whether samples are columns in the formula.
    """
    told, terms, bias = _explain(step, name, index)
    formula = as_text(told.formula.latex(columns=columns))
    console.print(f"[bold]{escape(str(told.value))}[/] = [bold blue]{told.value.value:.8g}[/]")
    console.print(f"  {formula}   {told.formula.description}", markup=False)
    console.print(f"  {told.source}   {told.source.text}", markup=False)
    if terms or bias:
        n_terms = len(terms) + (bias is not None)
        noun = "term, and its factors" if n_terms == 1 else "terms, the largest first"
        console.print(f"\n[bold]Made of[/] {n_terms:,} {noun}")
        kept, n_rest, rest = keep_largest(terms, N_INPUTS)
        for term in kept:
            _print_term(console, term)
        if n_rest:
            console.print(f"  {rest:+14.6g}  {n_rest:,} more")
        if bias is not None:
            _print_term(console, bias)
        total = sum(term.value for term in (*terms, *([bias] if bias else [])))
        console.print(f"  [bold]{total:+14.6g}[/]  {_what_total_is(told, terms, total)}")
    if told.consumers:
        n_consumers = len(told.consumers) + told.n_more
        console.print(
            f"\n[bold]Consumers[/] {n_consumers:,} {'number' if n_consumers == 1 else 'numbers'}"
        )
        for entry in told.consumers:
            console.print(f"  {entry.value:+14.6g}  {entry}", markup=False)
        if told.n_more:
            console.print(f"  {'':14}  {told.n_more:,} more")


def _explain(step: Trace, name: str, index: Index) -> tuple[Explanation, list[Input], Input | None]:
    """Return a derivation with the largest of what it feeds, all its terms, and the bias apart."""
    told = step.explain(name, index, n_inputs=N_INPUTS)
    whole = step.explain(name, index, n_inputs=sys.maxsize)
    bias = next((term for term in whole.inputs if term.kind == "bias"), None)
    return told, [term for term in whole.inputs if term is not bias], bias


def _what_total_is(told: Explanation, terms: list[Input], total: float) -> str:
    if told.is_sum:
        return "all of it"
    own = next(term for term in terms if term.factors[0].index == told.value.index)
    return f"the sum; {told.value} is its own share, {own.value:.6g} / {total:.6g}"


def _print_term(console: Console, term: Input) -> None:
    if term.kind:
        factors = [f"{entry} = {entry.value:.6g}" for entry in term.factors]
        text = f"{term.description}: {', '.join(factors)}"
    else:
        names, values = map(str, term.factors), (f"{entry.value:.6g}" for entry in term.factors)
        text = f"{' * '.join(names)} = {' * '.join(values)}"
    console.print(f"  {term.value:+14.6g}  {text}", markup=False)


def print_perturbation(console: Console, perturbation: Perturbation) -> None:
    """Print what the loss does when a weight moves.

    Parameters
    ----------
    console : Console
        Where to.
    perturbation : Perturbation
        The losses and the slope.
    """
    weight = str(perturbation)
    console.print(f"[bold]{escape(weight)}[/] moved by {perturbation.eps:g} each way")
    rows = (
        ("loss below", f"{perturbation.loss_below:.12g}"),
        ("loss above", f"{perturbation.loss_above:.12g}"),
        ("slope", f"{perturbation.slope:+.8e}   (above - below) / {2 * perturbation.eps:g}"),
        ("gradient", f"{perturbation.gradient:+.8e}   by backpropagation, d{weight}"),
    )
    for head, text in rows:
        console.print(f"  {head:<10}  {text}", markup=False)


def to_dict(step: Trace, name: str, index: Index, *, columns: bool) -> dict[str, Any]:
    """Return what ``--json`` prints of a number.

    Parameters
    ----------
    step : Trace
        The step.
    name : str
        Of the quantity.
    index : tuple of int
        Where in it.
    columns : bool
        Whether samples are columns in the formula.

    Returns
    -------
    dict
        Numbers, strings, lists, None.
    """
    told, terms, bias = _explain(step, name, index)
    kept, n_rest, rest = keep_largest(terms, N_INPUTS)
    return {
        **told.value.to_dict(),
        "formula": told.formula.latex(columns=columns),
        "description": told.formula.description,
        "source": vars(told.source),
        "is_sum": told.is_sum,
        "inputs": [_term(term) for term in kept],
        "n_rest": n_rest,
        "rest": rest,
        "bias": None if bias is None else bias.value,
        "consumers": [entry.to_dict() for entry in told.consumers],
        "n_more": told.n_more,
    }


def _term(term: Input) -> dict[str, Any]:
    factors = [value.to_dict() for value in term.factors]
    return {"value": term.value, "factors": factors, "kind": term.kind}
