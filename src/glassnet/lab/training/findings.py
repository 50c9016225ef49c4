"""Findings: what is wrong with a training, looked for again when an epoch is over."""

from typing import Any

import numpy as np

from glassnet.data.dataset import Dataset
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.training import Training
from glassnet.runs.command import changed_command
from glassnet.runs.config import RunConfig
from glassnet.runs.diagnose import diagnose


class Findings:
    """What is wrong with a training.

    Parameters
    ----------
    config : RunConfig
        How it was set up.
    training : Training
        Under way or over.
    dataset : Dataset
        What it learns from.
    """

    def __init__(self, config: RunConfig, training: Training, dataset: Dataset) -> None:
        self._config, self._training, self._dataset = config, training, dataset
        self._last: EpochRecord | None = None  # up to which was looked
        self._told: list[dict[str, Any]] = []

    def tell(self) -> list[dict[str, Any]]:
        """Tell all causes, each with the command of the experiment that would mend it.

        Returns
        -------
        list of dict
            The cause that brought the others first; empty before the first epoch is over.
        """
        records = self._training.records
        last = records[-1] if records else None
        if last is not self._last:
            self._last, self._told = last, self._look() if records else []
        return self._told

    # Broken trainings are looked at too.
    @np.errstate(all="ignore")
    def _look(self) -> list[dict[str, Any]]:
        rate = self._config.recipe.learning_rate
        findings = diagnose(self._training, dataset=self._dataset, learning_rate=rate)
        return [
            finding.to_dict() | {"command": changed_command(self._config, finding.change)}
            for finding in findings
        ]
