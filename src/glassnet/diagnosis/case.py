"""Case: the record of a training run, with the statistics that several rules use."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.diagnosis.picture import Picture, finite_or_none
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.monitoring.health import measure_unit_similarity
from glassnet.nn.network import Network

MAX_INITIAL_LOSS_RATIO = 3.0  # first loss divided by that of chance; healthy networks start lower


@dataclass(frozen=True, eq=False)
class Case:
    """Record of a training run, live or finished.

    Parameters
    ----------
    records : sequence of EpochRecord
        Epochs so far; the last may be the record of a `NotFiniteError`.
    network : Network or None
        The network at the last record.
    hashes : mapping of str to ndarray of uint64, or None
        Hash of each image, by set; see `glassnet.data.image_hash`.
    learning_rate : float or None
        Highest learning rate of the schedule; None for the highest in the records.
    """

    records: Sequence[EpochRecord]
    network: Network | None = None
    hashes: Mapping[str, NDArray[Any]] | None = None
    learning_rate: float | None = None

    @cached_property
    def finished(self) -> list[EpochRecord]:
        """Records of the completed epochs."""
        return [record for record in self.records if math.isfinite(record.train_loss)]

    @property
    def first(self) -> EpochRecord | None:
        """First record, whether or not its epoch was completed."""
        return self.records[0] if self.records else None

    @property
    def last(self) -> EpochRecord | None:
        """Last record, whether or not its epoch was completed."""
        return self.records[-1] if self.records else None

    @property
    def max_learning_rate(self) -> float:
        """Highest learning rate; NaN if it was not recorded."""
        rates = [record.learning_rate for record in self.records]
        return self.learning_rate or max(rates, default=math.nan)

    @cached_property
    def is_finite(self) -> bool:
        """Whether all losses and parameters are finite."""
        params = [] if self.network is None else self.network.params.values()
        return len(self.finished) == len(self.records) and all(
            np.isfinite(values).all() for values in params
        )

    @property
    def majority(self) -> float:
        """Accuracy of the majority-class baseline; 0.1 if unknown."""
        known = None if self.first is None else self.first.majority
        return 0.1 if known is None else known

    def compute_skill(self, accuracy: float | None) -> float | None:
        """Rescale an accuracy so that the majority-class baseline is 0 and a perfect score 1."""
        if accuracy is None:
            return None
        return (accuracy - self.majority) / max(1 - self.majority, 1e-9)

    @property
    def skill(self) -> float:
        """Skill on the validation set or, if there is none, on the training set; 0 at the start."""
        if not self.finished:
            return 0.0
        last = self.finished[-1]
        held_out = self.compute_skill(last.validation_accuracy)
        return held_out if held_out is not None else self.compute_skill(last.train_accuracy) or 0.0

    @property
    def starts_above_chance(self) -> bool:
        """Whether the first loss is far above the loss at chance level."""
        loss = None if self.first is None else self.first.first_loss
        chance = -math.log(min(self.majority, 0.99))
        return loss is not None and loss > MAX_INITIAL_LOSS_RATIO * chance

    @cached_property
    def trajectory(self) -> list[float]:
        """Training losses over equal stretches of each epoch, in order."""
        return [loss for record in self.records for loss in record.trajectory]

    @cached_property
    def update_ratio(self) -> float:
        """Largest norm of an update relative to the norm of the layer's weights."""
        ratios = [r for record in self.records for r in record.update_ratios if not math.isnan(r)]
        return max(ratios, default=math.nan)

    @cached_property
    def unit_similarity(self) -> tuple[float, ...]:
        """Similarity of the units in each hidden layer after the first epoch."""
        if self.first is not None and self.first.unit_similarity:
            return self.first.unit_similarity
        return () if self.network is None else measure_unit_similarity(self.network)

    def make_loss_picture(self) -> Picture:
        """Make a chart of the training loss over the epochs."""
        x = [
            record.epoch - 1 + (place + 0.5) / len(record.trajectory)
            for record in self.records
            for place in range(len(record.trajectory))
        ]
        finite = [loss for loss in self.trajectory if math.isfinite(loss)]
        spread = max(finite, default=1) / max(min(finite, default=1), 1e-12)
        return Picture(
            kind="lines",
            x_label="epoch",
            y_label="train_loss",
            x=tuple(x),
            series={"train_loss": finite_or_none(self.trajectory)},
            is_logarithmic=spread > 10,
            limit=self.first.first_loss if self.first is not None else None,
            limit_label="first_loss",
        )


def make_layer_picture(name: str, heights: Sequence[float], **fields: Any) -> Picture:
    """Make a bar chart with one value per layer.

    Parameters
    ----------
    name : str
        Key of the number in `glassnet.diagnosis.words.LABELS`.
    heights : sequence of float
        One number for each layer, in layer order.
    **fields : object
        Other fields of the `Picture`.
    """
    return Picture(
        kind="bars",
        x_label="layer",
        y_label=name,
        x=tuple(range(1, len(heights) + 1)),
        series={name: finite_or_none(heights)},
        **fields,
    )
