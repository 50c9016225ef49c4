"""Output of ``glassnet explain --at`` and ``--perturb``: one value of a step."""

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

N_INPUTS = 16  # listed singly, largest first


def find_place(step: Trace, option: str, text: str) -> tuple[str, Index]:
    """Parse the name and the index of a value from the text of an option.

    Parameters
    ----------
    step : Trace
        Step on one image, whose index 0 may be left out.
    text : str
        For example ``"z1[0, 17]"``, ``"z1 0,17"`` or ``"z1[17]"``.

    Raises
    ------
    ConfigError
        If the step has no such value; the message names the option.
    """
    found = re.fullmatch(r"\s*([A-Za-z]\w*)\s*(?:\[([\d,\s]*)\]|([\d,\s]*))\s*", text)
    if found is None:
        raise ConfigError(f'{option}: needs a value of the step, such as "z1[0,17]", got {text!r}')
    name = found[1]
    index = tuple(map(int, re.findall(r"\d+", found[2] or found[3] or "")))
    with naming_option(option):
        has_rows = step[name].ndim == 2 and step.find(name).letter not in ("W", "dW")
        place = (0, *index) if has_rows and len(index) == 1 else index
        step.locate(name, place)
    return name, place


@contextmanager
def naming_option(option: str) -> Iterator[None]:
    """Prefix the message of a `ConfigError` with the name of an option."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"{option}, {error}") from error


def print_value(console: Console, step: Trace, name: str, index: Index, *, columns: bool) -> None:
    """Print a value, its inputs and its consumers; for `columns`, see `Formula.latex`."""
    explanation, terms, bias = _explain(step, name, index)
    formula = as_text(explanation.formula.latex(columns=columns))
    console.print(
        f"[bold]{escape(str(explanation.value))}[/] = [bold blue]{explanation.value.value:.8g}[/]"
    )
    console.print(f"  {formula}   {explanation.formula.description}", markup=False)
    console.print(f"  {explanation.source}   {explanation.source.text}", markup=False)
    if terms or bias:
        n_terms = len(terms) + (bias is not None)
        noun = "term and its factors" if n_terms == 1 else "terms, largest first"
        console.print(f"\n[bold]Inputs[/] {n_terms:,} {noun}")
        kept, n_rest, rest = keep_largest(terms, N_INPUTS)
        for term in kept:
            _print_term(console, term)
        if n_rest:
            console.print(f"  {rest:+14.6g}  {n_rest:,} more")
        if bias is not None:
            _print_term(console, bias)
        total = sum(term.value for term in (*terms, *([bias] if bias else [])))
        console.print(f"  [bold]{total:+14.6g}[/]  {_describe_total(explanation, terms, total)}")
    if explanation.consumers:
        n_consumers = len(explanation.consumers) + explanation.n_more
        console.print(
            f"\n[bold]Consumers[/] {n_consumers:,} {'value' if n_consumers == 1 else 'values'}"
        )
        for entry in explanation.consumers:
            console.print(f"  {entry.value:+14.6g}  {entry}", markup=False)
        if explanation.n_more:
            console.print(f"  {'':14}  {explanation.n_more:,} more")


def _explain(step: Trace, name: str, index: Index) -> tuple[Explanation, list[Input], Input | None]:
    """Return an explanation with the largest consumers, the non-bias inputs, and the bias."""
    explanation = step.explain(name, index, n_inputs=N_INPUTS)
    inputs = step.explain(name, index, n_inputs=sys.maxsize).inputs
    bias = next((term for term in inputs if term.kind == "bias"), None)
    return explanation, [term for term in inputs if term is not bias], bias


def _describe_total(explanation: Explanation, terms: list[Input], total: float) -> str:
    if explanation.is_sum:
        return "sum"
    value = explanation.value
    share = next(term for term in terms if term.factors[0].index == value.index)
    return f"sum; {value} is its share of it: {share.value:.6g} / {total:.6g}"


def _print_term(console: Console, term: Input) -> None:
    if term.kind:
        factors = [f"{entry} = {entry.value:.6g}" for entry in term.factors]
        text = f"{term.description}: {', '.join(factors)}"
    else:
        names, values = map(str, term.factors), (f"{entry.value:.6g}" for entry in term.factors)
        text = f"{' * '.join(names)} = {' * '.join(values)}"
    console.print(f"  {term.value:+14.6g}  {text}", markup=False)


def print_perturbation(console: Console, perturbation: Perturbation) -> None:
    """Print the losses, the slope and the gradient of a perturbation."""
    weight = str(perturbation)
    console.print(f"[bold]{escape(weight)}[/] perturbed by {perturbation.eps:g} in both directions")
    rows = (
        ("loss below", f"{perturbation.loss_below:.12g}"),
        ("loss above", f"{perturbation.loss_above:.12g}"),
        (
            "slope",
            f"{perturbation.slope:+.8e}   (loss above - loss below) / {2 * perturbation.eps:g}",
        ),
        ("gradient", f"{perturbation.gradient:+.8e}   by backpropagation, d{weight}"),
    )
    for heading, text in rows:
        console.print(f"  {heading:<10}  {text}", markup=False)


def to_dict(step: Trace, name: str, index: Index, *, columns: bool) -> dict[str, Any]:
    """Return the explanation of a value in JSON-serialisable form."""
    explanation, terms, bias = _explain(step, name, index)
    kept, n_rest, rest = keep_largest(terms, N_INPUTS)
    return {
        **explanation.value.to_dict(),
        "formula": explanation.formula.latex(columns=columns),
        "description": explanation.formula.description,
        "source": vars(explanation.source),
        "is_sum": explanation.is_sum,
        "inputs": [_term_to_dict(term) for term in kept],
        "n_rest": n_rest,
        "rest": rest,
        "bias": None if bias is None else bias.value,
        "consumers": [entry.to_dict() for entry in explanation.consumers],
        "n_more": explanation.n_more,
    }


def _term_to_dict(term: Input) -> dict[str, Any]:
    factors = [value.to_dict() for value in term.factors]
    return {"value": term.value, "factors": factors, "kind": term.kind}
