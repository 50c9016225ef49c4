"""Where a training stands: with the parameters, all that it takes to go on to the same bits."""

from dataclasses import dataclass, field
from typing import Any

from glassnet.nn.course import Course
from glassnet.nn.network import Network
from glassnet.nn.optimizers import State


@dataclass
class TrainingState:
    """A position between two steps.

    Parameters
    ----------
    optimizer : dict
        The optimiser's state.
    shuffling : dict or None
        State of the generator's bits at the start of the current epoch, from which the epoch's
        order of the rows can be drawn again; None between two epochs.
    epoch, batch : int
        Epochs completed, and batches of the next one.
    total_loss : float
        Sum of the loss over the images of those batches.
    n_right : int
        Images among them that were read correctly.
    seconds : float
        Time that those batches took.
    course : Course
        How those batches went.
    average : Network or None
        The moving average of the weights, in a training that keeps one.
    """

    optimizer: State
    shuffling: Any = None
    epoch: int = 0
    batch: int = 0
    total_loss: float = 0.0
    n_right: int = 0
    seconds: float = 0.0
    course: Course = field(default_factory=Course)
    average: Network | None = None

    def turn_epoch(self) -> None:
        """Go on to the next epoch."""
        self.shuffling = None
        self.epoch, self.batch = self.epoch + 1, 0
        self.total_loss, self.n_right, self.seconds = 0.0, 0, 0.0
        self.course = Course()
