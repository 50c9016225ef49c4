"""Finding: one problem, with the numbers that show it and an experiment to try."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.picture import Picture

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


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One cause.

    Parameters
    ----------
    cause : str
        One of ``CAUSES``.
    evidence : tuple of Evidence
        The numbers that show it.
    explanation : str
        Two sentences: what happens, and why.
    experiment : str
        One thing to try, in words.
    picture : Picture
        The chart that shows it.
    change : dict
        The experiment as options: new values for fields of a recipe or of a run's configuration.
        Empty where the experiment is not a matter of options.
    """

    cause: str
    evidence: tuple[Evidence, ...]
    explanation: str
    experiment: str
    picture: Picture
    change: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON can hold it; None for a number that is not finite."""
        content = vars(self) | {
            "evidence": [vars(evidence) for evidence in self.evidence],
            "picture": vars(self.picture) | {"series": dict(self.picture.series)},
            "change": dict(self.change),
        }
        plain: dict[str, Any] = _to_plain(content)
        return plain


def _to_plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _to_plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
