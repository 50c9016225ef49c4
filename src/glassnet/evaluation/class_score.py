"""ClassScore: precision, recall and F1 score for one class."""

from dataclasses import dataclass

from glassnet.types import Array


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    """Precision, recall and F1 score for one class; None where the denominator is 0.

    Parameters
    ----------
    precision : float or None
        Fraction of the images predicted as the class that belong to it.
    recall : float or None
        Fraction of the images of the class that are predicted as it.
    f1 : float or None
        Harmonic mean of the two.
    n : int
        Number of images of the class.
    """

    label: int
    precision: float | None
    recall: float | None
    f1: float | None
    n: int


def score_class(confusion: Array, label: int) -> ClassScore:
    """Compute the scores for one class from a confusion matrix (equation 33, ``docs/math.md``)."""
    n_correct = int(confusion[label, label])
    n_predicted, n = int(confusion[:, label].sum()), int(confusion[label].sum())
    return ClassScore(
        label=label,
        precision=n_correct / n_predicted if n_predicted else None,
        recall=n_correct / n if n else None,
        f1=2 * n_correct / (n_predicted + n) if n_predicted + n else None,
        n=n,
    )
