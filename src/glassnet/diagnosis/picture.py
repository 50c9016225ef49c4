"""Picture: the data of the chart that shows a finding."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The data of a chart. Its strings are keys; `glassnet.diagnosis.words` has them in English.

    Parameters
    ----------
    kind : {"lines", "bars"}
        Bars have one series.
    x_label, y_label : str
        Keys of the axes.
    x : tuple of float or str
        Epochs of lines; the number of the layer or a key for each bar.
    series : mapping of str to tuple of float or None
        Heights by key; None where the height is not finite.
    is_logarithmic : bool
        Whether heights differ by orders of magnitude.
    limit : float or None
        A height to compare with.
    limit_label : str
        Key of the limit.
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
    """Replace each value that is NaN or infinite by None."""
    return tuple(v if v is not None and math.isfinite(v) else None for v in values)
