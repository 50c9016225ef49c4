"""The table of a trace, for a terminal and for a notebook."""

from collections.abc import Sequence
from html import escape
from typing import Any, Protocol

from numpy.typing import NDArray

from glassnet.nn.tracing.formulas import Formula, Source

FUSED = (
    "Batch normalisation and scale are fused into the weights and noise is removed, as for "
    "inference."
)


class Row(Protocol):
    """What the table asks of a quantity."""

    @property
    def name(self) -> str:
        """Return its name."""

    @property
    def phase(self) -> str:
        """Return the phase of the step that it belongs to."""

    @property
    def value(self) -> NDArray[Any]:
        """Return its numbers."""

    @property
    def formula(self) -> Formula:
        """Return how it is computed."""

    @property
    def source(self) -> Source:
        """Return where it is computed."""


def summarise(value: NDArray[Any]) -> str:
    """Say in a few words what numbers there are.

    Parameters
    ----------
    value : ndarray
        Of a quantity.

    Returns
    -------
    str
        The number itself if it is one, else the smallest and the largest.
    """
    if value.size == 1:
        return f"{value.item():.6g}"
    return f"{value.min():.4g} to {value.max():.4g}"


def _cells(row: Row) -> tuple[str, ...]:
    shape = " x ".join(map(str, row.value.shape)) or "1"
    return row.name, row.phase, shape, summarise(row.value), row.formula.description


def to_text(rows: Sequence[Row], is_fused: bool) -> str:
    """Write the table for a terminal.

    Parameters
    ----------
    rows : sequence of Quantity
        In order of their computation.
    is_fused : bool
        Whether the network was fused for inference.

    Returns
    -------
    str
        A line for each, with the source line at its end.
    """
    lines = [(*_cells(row), str(row.source)) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    told = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([FUSED, *told] if is_fused else told)


def to_html(rows: Sequence[Row], is_fused: bool) -> str:
    """Write the table for a notebook.

    Parameters
    ----------
    rows : sequence of Quantity
        In order of their computation.
    is_fused : bool
        Whether the network was fused for inference.

    Returns
    -------
    str
        HTML, with the formulas as LaTeX between dollar signs, which notebooks set.
    """
    heads = ("", "phase", "shape", "numbers", "description", "formula", "computed in")
    lines = []
    for row in rows:
        cells = [f"<th>{escape(row.name)}</th>"]
        cells += [f"<td>{escape(cell)}</td>" for cell in _cells(row)[1:]]
        cells.append(f"<td>${escape(row.formula.latex())}$</td>")
        cells.append(
            f"<td><code title='{escape(row.source.text)}'>{escape(str(row.source))}</code></td>"
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(f"<th>{one}</th>" for one in heads)
    note = f"<p>{FUSED}</p>" if is_fused else ""
    return f"{note}<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
