"""Pictures: the plots of a report as PNG files."""

from pathlib import Path

from glassnet.data.dataset import Split
from glassnet.evaluation import plots
from glassnet.evaluation.reliability_diagram import draw_reliability
from glassnet.evaluation.report import Report
from glassnet.files import write_atomically


def draw_report(report: Report, split: Split, folder: Path) -> None:
    """Write ``confusion.png``, ``mistakes.png`` and ``reliability.png`` into a folder.

    `split` is the split that the report covers.
    """
    write_atomically(folder / "confusion.png", plots.draw_confusion(report))
    write_atomically(folder / "mistakes.png", plots.draw_mistakes(report, split))
    write_atomically(folder / "reliability.png", draw_reliability(report))
