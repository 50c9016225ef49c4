"""The pictures of a report, as files."""

from pathlib import Path

from glassnet.data.dataset import Split
from glassnet.evaluation import plots
from glassnet.evaluation.reliability_diagram import draw_reliability
from glassnet.evaluation.report import Report
from glassnet.files import write_atomically


def draw_report(report: Report, split: Split, folder: Path) -> None:
    """Draw the confusion matrix, the gallery of mistakes and the reliability diagram.

    Parameters
    ----------
    report : Report
        What to draw.
    split : Split
        The images that it was made on.
    folder : Path
        Where ``confusion.png``, ``mistakes.png`` and ``reliability.png`` go.
    """
    write_atomically(folder / "confusion.png", plots.draw_confusion(report))
    write_atomically(folder / "mistakes.png", plots.draw_mistakes(report, split))
    write_atomically(folder / "reliability.png", draw_reliability(report))
