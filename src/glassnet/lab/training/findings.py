"""Findings: diagnosis of a live run, updated after each epoch."""

from typing import Any

import numpy as np

from glassnet.data.dataset import Dataset
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.training import Training
from glassnet.runs.command import changed_command
from glassnet.runs.config import RunConfig
from glassnet.runs.diagnose import diagnose


class Findings:
    """Diagnosis of a live run, updated after each epoch."""

    def __init__(self, config: RunConfig, training: Training, dataset: Dataset) -> None:
        self._config, self._training, self._dataset = config, training, dataset
        self._last_record: EpochRecord | None = None  # of the latest diagnosis
        self._found: list[dict[str, Any]] = []

    def describe(self) -> list[dict[str, Any]]:
        """Return all causes in the order of the diagnosis, each with a command that fixes it.

        The list is empty before the end of the first epoch.
        """
        records = self._training.records
        last = records[-1] if records else None
        if last is not self._last_record:
            self._last_record, self._found = last, self._diagnose() if records else []
        return self._found

    # A failed run is diagnosed too, and its parameters may overflow.
    @np.errstate(all="ignore")
    def _diagnose(self) -> list[dict[str, Any]]:
        rate = self._config.recipe.learning_rate
        findings = diagnose(self._training, dataset=self._dataset, learning_rate=rate)
        return [
            finding.to_dict() | {"command": changed_command(self._config, finding.change)}
            for finding in findings
        ]
