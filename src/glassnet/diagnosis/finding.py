"""Finding: one thing that is wrong, with the numbers that say so and what to try."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

CAUSES = (
    "not-finite",
    "learning-rate-too-high",
    "learning-rate-too-low",
    "dead-relus",
    "saturated-sigmoids",
    "vanishing-gradients",
    "zero-initialisation",
    "unscaled-input",
    "rows-not-shuffled",
    "labels-shuffled",
    "over-fitting",
    "train-test-leak",
)


@dataclass(frozen=True)
class Evidence:
    """A number that was measured, beside the one that it was compared with.

    Parameters
    ----------
    name : str
        A short one, for programs.
    says : str
        What it is, in words.
    value : float
        Measured.
    limit : float
        What it would have to stay below, or reach, to be no evidence.
    """

    name: str
    says: str
    value: float
    limit: float


@dataclass(frozen=True)
class Picture:
    """The data of a chart.

    Parameters
    ----------
    kind : str
        ``"lines"``, or ``"bars"``.
    title, x_label, y_label : str
        Words.
    x : tuple of float or str
        Where: numbers for lines, names for bars.
    series : mapping of str to tuple of float or None
        How high, for each name; None where there is no finite number.
    is_logarithmic : bool
        Whether heights differ by orders of magnitude.
    limit : float or None
        A height to compare with.
    limit_says : str
        What it is.
    """

    kind: Literal["lines", "bars"]
    title: str
    x_label: str
    y_label: str
    x: tuple[float | str, ...]
    series: Mapping[str, tuple[float | None, ...]]
    is_logarithmic: bool = False
    limit: float | None = None
    limit_says: str = ""


@dataclass(frozen=True)
class Finding:
    """One cause.

    Parameters
    ----------
    cause : str
        One of ``CAUSES``.
    evidence : tuple of Evidence
        What says so.
    explanation : str
        Two sentences: what happens, and why.
    experiment : str
        One thing to try, in words.
    picture : Picture
        What shows it.
    change : dict
        The experiment as options: fields of a recipe, or of a run's configuration, with the value
        to give them. Empty where it is none of these.
    """

    cause: str
    evidence: tuple[Evidence, ...]
    explanation: str
    experiment: str
    picture: Picture
    change: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON can hold it.

        Returns
        -------
        dict
            Strings, finite numbers, lists, dictionaries, None.
        """
        picture = {**vars(self.picture), "series": dict(self.picture.series)}
        content = vars(self) | {
            "evidence": [vars(piece) for piece in self.evidence],
            "picture": picture,
            "change": dict(self.change),
        }
        plain: dict[str, Any] = _plain(content)
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
