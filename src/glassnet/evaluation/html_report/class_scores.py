"""Table of precision, recall and F1 score by class."""

from collections.abc import Sequence

from glassnet.evaluation.html_report.html_markup import Html, element, percent, section, table
from glassnet.evaluation.report import Report


def class_scores_section(report: Report, classes: Sequence[str]) -> Html:
    """Write the section with the scores for each class."""
    text = "No held-out images."
    scored = [score for score in report.per_class if score.f1 is not None]
    if report.n and scored:
        weakest = min(scored, key=lambda score: score.f1 or 0.0)
        text = (
            "Precision is the fraction of the images read as a class that belong to it. Recall is "
            "the fraction of the images of a class that are read as it. F1 is their harmonic mean. "
            f"Lowest F1: {classes[weakest.label]} ({percent(weakest.f1)})."
        )
    rows = (
        (classes[s.label], percent(s.precision), percent(s.recall), percent(s.f1), f"{s.n:,}")
        for s in report.per_class
    )
    heads = ("class", "precision", "recall", "F1", "images")
    return section(
        "classes",
        "Scores by class",
        element("p", text),
        table("Precision, recall and F1", heads, rows),
    )
