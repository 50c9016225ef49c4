"""Picture: the data for the chart of a finding."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Data for a chart; its strings are keys of `glassnet.diagnosis.words.LABELS`.

    Parameters
    ----------
    kind : {"lines", "bars"}
        Type of the chart; bars have one series.
    x_label, y_label : str
        Keys of the axis labels.
    x : tuple of float or str
        Epochs of lines; for bars, the number of the layer or a key.
    series : mapping of str to tuple of float or None
        Values by key; None for NaN and infinity.
    is_logarithmic : bool
        Whether the y axis is logarithmic.
    limit : float or None
        Height of a horizontal line to compare with.
    limit_label : str
        Key of the limit's label.
    """

    kind: Literal["lines", "bars"]
    x_label: str
    y_label: str
    x: tuple[float | str, ...]
    series: Mapping[str, tuple[float | None, ...]]
    is_logarithmic: bool = False
    limit: float | None = None
    limit_label: str = ""


def finite_or_none(values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Replace NaN and infinite values with None."""
    return tuple(v if v is not None and math.isfinite(v) else None for v in values)
