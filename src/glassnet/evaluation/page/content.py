"""Content: what the page shows, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glassnet.evaluation.report import Report
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.types import Array


@dataclass(frozen=True, eq=False)
class Example:
    """One test image, and what was made of it.

    Parameters
    ----------
    index : int
        Its row in the split.
    label : int
        What it is.
    probabilities : ndarray of float, (n_classes,)
        What the model gives to each class.
    image : ndarray of uint8, (height, width)
        Grey values, 0 to 255.
    """

    index: int
    label: int
    probabilities: Array
    image: Array

    @property
    def prediction(self) -> int:
        """Return the likeliest class.

        Returns
        -------
        int
            What it was read as.
        """
        return int(self.probabilities.argmax())

    @property
    def probability(self) -> float:
        """Return how sure the model was.

        Returns
        -------
        float
            The highest probability.
        """
        return float(self.probabilities.max())


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Weights of the first layer, as pictures.

    Parameters
    ----------
    pictures : ndarray of float, (k, height, width)
        What the pixels are multiplied by on their way to each unit.
    units : tuple of int
        Their numbers in the layer, from 0.
    n_units : int
        Of the whole layer.
    told : str
        In one sentence, whose they are.
    of_classes : bool
        Whether the units are the classes: the network has no hidden layer.
    """

    pictures: Array
    units: tuple[int, ...]
    n_units: int
    told: str
    of_classes: bool = False


@dataclass(frozen=True)
class Speed:
    """How many images a second.

    Parameters
    ----------
    what : str
        Doing what with them.
    images_per_second : float
        Measured.
    how : str
        In one sentence.
    """

    what: str
    images_per_second: float
    how: str


@dataclass(frozen=True)
class Command:
    """A command line that repeats something.

    Parameters
    ----------
    purpose : str
        What for.
    line : str
        As typed into a shell.
    """

    purpose: str
    line: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Content:
    """What a page shows.

    Parameters
    ----------
    name : str
        Of the model: a run's folder, a file, or the name of one that ships.
    data : str
        In words, the images that it was measured on.
    is_unseen : bool
        Whether it is known that the model has seen none of those that count.
    made : str
        When, and by what.
    report : Report
        The numbers.
    classes : sequence of str
        Names of the classes.
    facts : mapping of str to str
        What was trained on what.
    settings : mapping of str to str
        Everything that was chosen; empty where nobody wrote it down.
    trainings : mapping of str to sequence of EpochRecord
        The epochs of each network, by a name; empty where nobody wrote them down.
    cells : mapping of (int, int) to tuple of Example
        By label and prediction, images to show.
    mistakes : sequence of Example
        The gallery.
    weights : Weights or None
        None where they make no picture.
    speeds : sequence of Speed
        What is known.
    commands : sequence of Command
        How to repeat it.
    remarks : sequence of str
        What is not known, and what one must know to believe the numbers.
    """

    name: str
    data: str
    is_unseen: bool
    made: str
    report: Report
    classes: Sequence[str]
    facts: Mapping[str, str]
    settings: Mapping[str, str]
    trainings: Mapping[str, Sequence[EpochRecord]]
    cells: Mapping[tuple[int, int], tuple[Example, ...]]
    mistakes: Sequence[Example]
    weights: Weights | None
    speeds: Sequence[Speed]
    commands: Sequence[Command]
    remarks: Sequence[str]
