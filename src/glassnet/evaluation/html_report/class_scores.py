"""The table of precision, recall and F1 by class."""

from collections.abc import Sequence

from glassnet.evaluation.html_report.html_markup import Html, element, percent, section, table
from glassnet.evaluation.report import Report


def class_scores_section(report: Report, classes: Sequence[str]) -> Html:
    """Write the section with the scores of each class."""
    text = "There is nothing to measure it on."
    scored = [score for score in report.per_class if score.f1 is not None]
    if report.n and scored:
        weakest = min(scored, key=lambda score: score.f1 or 0.0)
        text = (
            "Precision: of what was read as the class, the share that is of it. Recall: of what is "
            "of the class, the share that was read so. F1 is their harmonic mean. Weakest by F1: "
            f"{classes[weakest.label]} ({percent(weakest.f1)})."
        )
    rows = (
        (classes[s.label], percent(s.precision), percent(s.recall), percent(s.f1), f"{s.n:,}")
        for s in report.per_class
    )
    heads = ("class", "precision", "recall", "F1", "images")
    return section(
        "classes", "Class by class", element("p", text), table("Scores by class", heads, rows)
    )
