"""Case: all that a diagnosis has to go by, and the handful of numbers that every rule asks for."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.diagnosis.finding import Picture
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.monitoring.health import measure_unit_similarity
from glassnet.nn.network import Network

BROKEN = 3.0  # times the loss of chance, that no fresh network starts with


@dataclass(frozen=True, eq=False)
class Case:
    """A training, live or finished.

    Parameters
    ----------
    records : sequence of EpochRecord
        Of its epochs so far; the last may be that of a `NotFiniteError`.
    network : Network or None
        As it stands.
    hashes : mapping of str to ndarray of uint64, or None
        Of each image of each part of the data, as `glassnet.data.image_hash` makes them.
    learning_rate : float or None
        The highest; None for the highest in the records.
    """

    records: Sequence[EpochRecord]
    network: Network | None = None
    hashes: Mapping[str, NDArray[Any]] | None = None
    learning_rate: float | None = None

    @cached_property
    def whole(self) -> list[EpochRecord]:
        """Return the records of epochs that came to their end."""
        return [record for record in self.records if math.isfinite(record.train_loss)]

    @property
    def first(self) -> EpochRecord | None:
        """Return the first record, whole or not."""
        return self.records[0] if self.records else None

    @property
    def last(self) -> EpochRecord | None:
        """Return the last record, whole or not."""
        return self.records[-1] if self.records else None

    @property
    def rate(self) -> float:
        """Return the highest learning rate; NaN where nobody wrote any down."""
        rates = [record.learning_rate for record in self.records]
        return self.learning_rate or max(rates, default=math.nan)

    @cached_property
    def is_finite(self) -> bool:
        """Return whether all losses and weights are finite."""
        params = [] if self.network is None else self.network.params.values()
        return len(self.whole) == len(self.records) and all(np.isfinite(p).all() for p in params)

    @property
    def majority(self) -> float:
        """Return the accuracy of always naming the most frequent class; a tenth if unknown."""
        known = None if self.first is None else self.first.majority
        return 0.1 if known is None else known

    def skill(self, accuracy: float | None) -> float | None:
        """Tell how far an accuracy lies from always naming the most frequent class.

        Parameters
        ----------
        accuracy : float or None
            From 0 to 1.

        Returns
        -------
        float or None
            1 for every image right, 0 for no better than that; None for None.
        """
        if accuracy is None:
            return None
        return (accuracy - self.majority) / max(1 - self.majority, 1e-9)

    @property
    def learnt(self) -> float:
        """Return the skill on images not learnt from, else on the others; 0 before any epoch."""
        if not self.whole:
            return 0.0
        last = self.whole[-1]
        held_out = self.skill(last.validation_accuracy)
        return held_out if held_out is not None else self.skill(last.train_accuracy) or 0.0

    @property
    def starts_broken(self) -> bool:
        """Return whether the first loss is far above that of naming classes by their frequency."""
        loss = None if self.first is None else self.first.first_loss
        return loss is not None and loss > BROKEN * -math.log(min(self.majority, 0.99))

    @cached_property
    def trajectory(self) -> list[float]:
        """Return the training loss from the first stretch of the first epoch to the last."""
        return [loss for record in self.records for loss in record.trajectory]

    @cached_property
    def update_ratio(self) -> float:
        """Return the longest step of any layer that was measured, as a share of its weights."""
        ratios = [r for record in self.records for r in record.update_ratios if not math.isnan(r)]
        return max(ratios, default=math.nan)

    @cached_property
    def unit_similarity(self) -> tuple[float, ...]:
        """Return how alike the units of each hidden layer were after the first epoch."""
        if self.first is not None and self.first.unit_similarity:
            return self.first.unit_similarity
        return () if self.network is None else measure_unit_similarity(self.network)

    def draw_loss(self, title: str) -> Picture:
        """Lay out the training loss along the epochs.

        Parameters
        ----------
        title : str
            What there is to see.

        Returns
        -------
        Picture
            Lines.
        """
        x = [
            record.epoch - 1 + (place + 0.5) / len(record.trajectory)
            for record in self.records
            for place in range(len(record.trajectory))
        ]
        finite = [loss for loss in self.trajectory if math.isfinite(loss)]
        spread = max(finite, default=1) / max(min(finite, default=1), 1e-12)
        return Picture(
            "lines",
            title,
            "epoch",
            "training loss",
            tuple(x),
            {"training loss": finite_or_none(self.trajectory)},
            is_logarithmic=spread > 10,
            limit=self.first.first_loss if self.first is not None else None,
            limit_says="at the first step",
        )

    def draw_layers(
        self, title: str, y_label: str, heights: Sequence[float], **more: Any
    ) -> Picture:
        """Lay out a number for each layer.

        Parameters
        ----------
        title, y_label : str
            Words.
        heights : sequence of float
            One for each layer, from the first.
        **more : object
            Other fields of the picture.

        Returns
        -------
        Picture
            Bars.
        """
        names = tuple(f"layer {number}" for number in range(1, len(heights) + 1))
        return Picture(
            "bars", title, "", y_label, names, {y_label: finite_or_none(heights)}, **more
        )


def finite_or_none(values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Leave out what no axis can show.

    Parameters
    ----------
    values : sequence of float or None
        Any.

    Returns
    -------
    tuple of float or None
        None for what is infinite or NaN.
    """
    return tuple(v if v is not None and math.isfinite(v) else None for v in values)
