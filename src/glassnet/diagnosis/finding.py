"""Finding: one problem in a training run, with its evidence and an experiment to try."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.picture import Picture
from glassnet.diagnosis.words import EXPLANATIONS, LABELS, REMEDIES

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
    """Problem found in a training run.

    Parameters
    ----------
    cause : str
        Name of the problem, one of `glassnet.diagnosis.finding.CAUSES`.
    evidence : tuple of Evidence
        Measured numbers and their limits.
    picture : Picture
        Data for the chart that shows the problem.
    values : mapping of str to int, float or str
        Values for the placeholders in its texts; a str is a key of
        `glassnet.diagnosis.words.LABELS`.
    wording : str
        Key of its explanation in `glassnet.diagnosis.words`, if the cause has several; by
        default the cause.
    change : dict
        The experiment as new values for fields of a recipe or of a run's configuration; empty if
        no option describes it.

    Examples
    --------
    A network whose weights all start at 0:

    >>> import numpy as np, glassnet as gn
    >>> X, y = np.tile(np.eye(3), (30, 1)), np.tile([0, 1, 2], 30)
    >>> net = gn.mlp([3, 8, 3], initializer="zeros", rng=0)
    >>> records = list(gn.train(net, (X, y), epochs=2, rng=0))
    >>> finding, *_ = gn.diagnose(records, net)
    >>> finding.cause, finding.change
    ('zero-initialisation', {'initializer': 'he'})
    >>> for item in finding.evidence:
    ...     print(f"{item.name}: {item.value:.3f}, limit {item.limit}")
    unit_similarity: 1.000, limit 0.999
    """

    cause: str
    evidence: tuple[Evidence, ...]
    picture: Picture
    values: Mapping[str, float | str] = field(default_factory=dict)
    wording: str = ""
    change: Mapping[str, Any] = field(default_factory=dict)

    @property
    def explanation(self) -> str:
        """Explanation in two sentences: the mechanism and its effect."""
        return self._fill(EXPLANATIONS[self.wording or self.cause])

    @property
    def experiment(self) -> str:
        """Remedy to try, in one sentence."""
        return self._fill(REMEDIES[self.cause])

    def _fill(self, template: str) -> str:
        return template.format(**{name: _to_text(value) for name, value in self.values.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return the finding in JSON-serialisable form; NaN and infinite values become None."""
        content = {
            "cause": self.cause,
            "evidence": [vars(evidence) for evidence in self.evidence],
            "explanation": self.explanation,
            "experiment": self.experiment,
            "picture": vars(self.picture) | {"series": dict(self.picture.series)},
            "change": dict(self.change),
            "values": dict(self.values),
            "wording": self.wording or self.cause,
        }
        plain: dict[str, Any] = _to_plain(content)
        return plain


def _to_text(value: float | str) -> str:
    if isinstance(value, str):
        return LABELS[value]
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"


def _to_plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _to_plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
