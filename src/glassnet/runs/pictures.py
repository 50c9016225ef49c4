"""The pictures of a report, as files."""

from pathlib import Path

from glassnet.data.dataset import Split
from glassnet.evaluation import plots
from glassnet.evaluation.report import Report
from glassnet.files import write_atomically


def draw_report(report: Report, split: Split, folder: Path) -> None:
    """Draw the confusion matrix and the gallery of mistakes into a folder.

    Parameters
    ----------
    report : Report
        What to draw.
    split : Split
        The images that it was made on.
    folder : Path
        Where ``confusion.png`` and ``mistakes.png`` go.
    """
    write_atomically(folder / "confusion.png", plots.confusion(report))
    write_atomically(folder / "mistakes.png", plots.mistakes(report, split))
