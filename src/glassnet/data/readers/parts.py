"""Parts: what a reader returns."""

from dataclasses import dataclass
from pathlib import Path

from glassnet.data.dataset import Split

TEST_FRACTION = 1 / 5  # held out of a set without a test part


@dataclass
class Parts:
    """The parts of a source.

    Parameters
    ----------
    test : Split or None
        None if the source has no test part.
    test_fraction : float
        Share to hold out in that case.
    """

    path: Path
    train: Split
    test: Split | None
    test_fraction: float = TEST_FRACTION
