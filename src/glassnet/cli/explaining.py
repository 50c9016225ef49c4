"""How a step, and one number of it, is told in a terminal and as JSON."""

from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from glassnet.nn.derivation import Derivation, Entry
from glassnet.nn.trace import Nudge, Trace
from glassnet.nn.trace_table import summarise

WIDE = 130  # columns of a terminal in which the formulas have room too


def show_step(console: Console, step: Trace, *, columns: bool) -> None:
    """Show all quantities of a step, and what became of the answer.

    Parameters
    ----------
    console : Console
        Where to.
    step : Trace
        Of one image.
    columns : bool
        Whether samples are columns.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    heads = ["", "phase", "shape", "numbers", "computed in"]
    if console.width >= WIDE:
        heads.append("formula")
    for head in heads:
        table.add_column(head, no_wrap=True)
    phase = ""
    for one in step.quantities:
        shown = one.phase if one.phase != phase else ""
        phase = one.phase
        sides = one.value.shape[::-1] if columns else one.value.shape
        cells = (
            f"[bold]{one.name}[/]",
            shown,
            " x ".join(map(str, sides)) or "1",
            summarise(one.value),
            str(one.source).removeprefix("glassnet/"),
            one.formula.latex(one.number, columns=columns).replace("[", r"\["),
        )
        table.add_row(*cells[: len(heads)])
    console.print(table)
    console.print()
    answers = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in ("class", "probability", "after the step"):
        answers.add_column(head, justify="right")
    for k, (p, after) in enumerate(zip(step["p"][0], step["p_after"][0], strict=True)):
        answers.add_row(str(k), f"{p:.6f}", f"{after:.6f}")
    console.print(answers)
    console.print(f"loss {step['loss']:.6g}, after the step {step['loss_after']:.6g}")


def show_entry(console: Console, told: Derivation, *, columns: bool) -> None:
    """Show where one number comes from, and where it goes.

    Parameters
    ----------
    console : Console
        Where to.
    told : Derivation
        Of the number.
    columns : bool
        Whether samples are columns.
    """
    console.print(f"\n[bold]{_name(told.entry)}[/] = {told.entry.value:.8g}")
    sides = told.shape[::-1] if columns else told.shape
    facts = (
        ("what it is", told.formula.says),
        ("formula", told.formula.latex(told.number, columns=columns)),
        ("shape of all", " x ".join(map(str, sides)) or "1"),
        ("computed in", f"{told.source}  {told.source.text}"),
    )
    for head, text in facts:
        console.print(f"  {head.ljust(12)}  {text}", markup=False, soft_wrap=True)
    if told.terms:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(justify="right")
        table.add_column()
        for term in told.terms:
            factors = " x ".join(f"{_name(one)} {one.value:.6g}" for one in term.factors)
            table.add_row(f"{term.value:+.6g}", f"{factors}  {term.says}".rstrip())
        if told.n_rest:
            table.add_row(f"{told.rest:+.6g}", f"{told.n_rest} smaller terms")
        if told.is_sum:
            table.add_row(f"{told.entry.value:+.6g}", "in all")
        console.print("  where it comes from" + ("" if told.is_sum else ": one, over their sum"))
        console.print(table)
    if told.feeds:
        names = ", ".join(map(str, told.feeds))
        more = f" and {told.n_more} more" if told.n_more else ""
        console.print(f"  where it goes: {names}{more}", markup=False)


def _name(entry: Entry) -> str:
    return str(entry).replace("[", r"\[")


def show_nudge(console: Console, told: Nudge) -> None:
    """Show a slope that was measured beside the one that was computed.

    Parameters
    ----------
    console : Console
        Where to.
    told : Nudge
        Of a weight.
    """
    place = str(Entry(told.name, told.index, 0))
    lines = (
        f"\n{place} moved by {told.eps:g}:",
        f"  down, the loss is {told.loss_below:.12g}",
        f"  up, it is         {told.loss_above:.12g}",
        f"  so its slope is   {told.slope:.8g}",
        f"  backpropagation   {told.gradient:.8g}",
    )
    console.print("\n".join(lines), markup=False)


def to_dict(
    step: Trace, said: int, truth: int, told: Derivation | None, moved: Nudge | None
) -> dict[str, Any]:
    """Tell a step as JSON can hold it.

    Parameters
    ----------
    step : Trace
        Of one image.
    said, truth : int
        What the model says, and what is right.
    told : Derivation or None
        Of one number, if it was asked for.
    moved : Nudge or None
        The same.

    Returns
    -------
    dict
        Numbers, strings, lists.
    """
    content: dict[str, Any] = {
        "read_as": said,
        "label": truth,
        "learning_rate": step.step.learning_rate,
        "is_folded": step.is_folded,
        "loss": float(step["loss"]),
        "loss_after": float(step["loss_after"]),
        "probabilities": step["p"][0].tolist(),
        "probabilities_after": step["p_after"][0].tolist(),
        "quantities": [
            {
                "name": one.name,
                "phase": one.phase,
                "shape": list(one.value.shape),
                "smallest": float(np.min(one.value)),
                "largest": float(np.max(one.value)),
                "formula": one.formula.latex(one.number),
                "source": str(one.source),
            }
            for one in step.quantities
        ],
    }
    if told is not None:
        content["entry"] = {
            **_row(told.entry),
            "formula": told.formula.latex(told.number),
            "source": str(told.source),
            "terms": [
                {
                    "value": term.value,
                    "factors": [_row(factor) for factor in term.factors],
                    "says": term.says,
                }
                for term in told.terms
            ],
            "n_rest": told.n_rest,
            "rest": told.rest,
            "feeds": [_row(entry) for entry in told.feeds],
        }
    if moved is not None:
        content["nudge"] = vars(moved) | {"index": list(moved.index)}
    return content


def _row(entry: Entry) -> dict[str, Any]:
    return {"name": entry.name, "index": list(entry.index), "value": entry.value}
