"""Table of a trace, as text and as HTML."""

from collections.abc import Sequence
from html import escape

from glassnet.nn.tracing.quantities import Quantity
from glassnet.types import Array

FUSED = (
    "Batch normalisation and scale are fused into the weights and noise is removed, as for "
    "inference."
)


def summarise(value: Array) -> str:
    """Format the value of a one-element array, or the range of a larger one."""
    if value.size == 1:
        return f"{value.item():.6g}"
    return f"{value.min():.4g} to {value.max():.4g}"


def _cells(row: Quantity) -> tuple[str, ...]:
    shape = " x ".join(map(str, row.value.shape)) or "1"
    return row.name, row.phase, shape, summarise(row.value), row.formula.description


def to_text(rows: Sequence[Quantity], is_fused: bool) -> str:
    """Format the table as text, with a line for each quantity, ending in its source."""
    lines = [(*_cells(row), str(row.source)) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([FUSED, *texts] if is_fused else texts)


def to_html(rows: Sequence[Quantity], is_fused: bool) -> str:
    """Format the table as HTML for a notebook, with LaTeX formulas between dollar signs."""
    columns = ("", "phase", "shape", "values", "description", "formula", "computed in")
    lines = []
    for row in rows:
        cells = [f"<th>{escape(row.name)}</th>"]
        cells += [f"<td>{escape(cell)}</td>" for cell in _cells(row)[1:]]
        cells.append(f"<td>${escape(row.formula.latex())}$</td>")
        cells.append(
            f"<td><code title='{escape(row.source.text)}'>{escape(str(row.source))}</code></td>"
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(f"<th>{column}</th>" for column in columns)
    note = f"<p>{FUSED}</p>" if is_fused else ""
    return f"{note}<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
