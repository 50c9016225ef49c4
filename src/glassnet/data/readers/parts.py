"""Parts: the training and test sets returned by a reader."""

from dataclasses import dataclass
from pathlib import Path

from glassnet.data.dataset import Split

TEST_FRACTION = 1 / 5  # held out if a source has no test set


@dataclass
class Parts:
    """The training and test sets of a source.

    Parameters
    ----------
    test : Split or None
        None if the source has no test set.
    test_fraction : float
        Fraction of the images to hold out in that case.
    """

    path: Path
    train: Split
    test: Split | None
    test_fraction: float = TEST_FRACTION
