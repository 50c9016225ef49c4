"""Output of ``glassnet explain`` for a whole step: its quantities and probabilities."""

import re
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from glassnet.models.model import Model
from glassnet.nn.tracing.table import summarise
from glassnet.nn.tracing.trace import Trace

SIGNS = {
    r"\varphi": "φ",
    r"\eta": "η",
    r"\sum": "Σ",
    r"\log": "log",
    r"\leftarrow": "←",
    r"\,": "",
    r"\;": "",
    "^2": "²",
    "^{T}": "ᵀ",
}
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MIN_DESCRIPTION_WIDTH = 140  # narrower terminals get no descriptions
BAR_LENGTH = 20  # characters, for a probability of 1


def as_text(latex: str) -> str:
    """Convert a formula to text for a terminal: ``z_{1} = x W_{1}`` becomes z₁ = x W₁."""
    text = re.sub(r"\\frac\{(\w+)\}\{(\w+)\}", r"1/\2", latex)
    for sign, character in SIGNS.items():
        text = text.replace(sign, character)
    text = re.sub(r"e\^\{(.*?)\}", r"exp(\1)", text)
    text = re.sub(r"_\{(\d+)\}", lambda found: found[1].translate(SUBSCRIPTS), text)
    return " ".join(re.sub("[{}]", "", text).split())


def print_quantities(console: Console, step: Trace, *, columns: bool) -> None:
    """Print all quantities, grouped by phase; for `columns`, see `Formula.latex`."""
    rows = [
        (
            f"  {quantity.name}",
            " x ".join(map(str, quantity.value.shape)) or "1",
            summarise(quantity.value),
            as_text(quantity.formula.latex(columns=columns)),
        )
        for quantity in step.quantities
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    has_descriptions = console.width >= MIN_DESCRIPTION_WIDTH or not console.is_terminal
    phase = ""
    for quantity, row in zip(step.quantities, rows, strict=True):
        if quantity.phase != phase:
            phase = quantity.phase
            console.print(f"\n[bold]{phase}[/]")
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        text = f"  [dim]{quantity.formula.description}[/]" if has_descriptions else ""
        console.print((escape(line) + text).rstrip())


def print_probabilities(console: Console, step: Trace, model: Model, label: int) -> None:
    """Print the probabilities and the loss before and after the step, with `label` in bold."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("class", no_wrap=True)
    for head in ("before", "after"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("after the step", no_wrap=True)
    for k, (before, after) in enumerate(zip(step["p"][0], step["p_after"][0], strict=True)):
        style = "bold blue" if k == label else ""
        bar = "█" * round(BAR_LENGTH * after)
        table.add_row(model.classes[k], f"{before:.6f}", f"{after:.6f}", bar, style=style)
    console.print()
    console.print(table)
    console.print(
        f"loss {step['loss']:.6g} before the step, [bold]{step['loss_after']:.6g}[/] after it, "
        f"with learning rate {step.step.learning_rate:g}"
    )
    if model.temperature != 1:
        console.print(
            "[dim]Probabilities before temperature scaling "
            f"(the model's temperature is {model.temperature:.4g}).[/]"
        )


def summary(step: Trace, *, columns: bool) -> dict[str, Any]:
    """Return a step on one image in JSON-serialisable form."""
    return {
        "learning_rate": step.step.learning_rate,
        "loss": float(step["loss"]),
        "loss_after": float(step["loss_after"]),
        "probabilities": step["p"][0].tolist(),
        "probabilities_after": step["p_after"][0].tolist(),
        "quantities": [
            {
                "name": quantity.name,
                "phase": quantity.phase,
                "shape": list(quantity.value.shape),
                "lowest": float(quantity.value.min()),
                "highest": float(quantity.value.max()),
                "formula": quantity.formula.latex(columns=columns),
                "description": quantity.formula.description,
                "source": str(quantity.source),
            }
            for quantity in step.quantities
        ],
    }
