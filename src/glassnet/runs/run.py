"""Run: a training run in a folder, from the configuration to the results."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from glassnet.data.dataset import Dataset
from glassnet.data.transforms.preprocessing import Preprocessing
from glassnet.errors import ConfigError, GlassnetError, NotFiniteError, StoppedError
from glassnet.evaluation.report import Report
from glassnet.files import write_atomically
from glassnet.models.files import MODEL
from glassnet.models.model import Model
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.runs.build import build_training
from glassnet.runs.checkpoint import read_checkpoint, write_checkpoint
from glassnet.runs.config import RunConfig, read_versions
from glassnet.runs.data_hash import check_unchanged, hash_dataset
from glassnet.runs.folder import (
    CHECKPOINT,
    CONFIG,
    HISTORY,
    METRICS,
    locked,
    make_folder,
    remove_folder,
)
from glassnet.runs.history import history_csv
from glassnet.runs.interrupt import deferred_interrupt
from glassnet.runs.results import write_results
from glassnet.runs.training_hashes import write_training_hashes

CHECKPOINT_SECONDS = 3.0  # minimum time between two checkpoints


class Run:
    """Training run in a folder.

    Create one with `Run.start` or `Run.resume`, and use it in a ``with`` statement, which keeps the
    folder locked.

    Attributes
    ----------
    training : Training
        The training loop, which has the network.
    folder : Path
        Folder with the configuration, the checkpoint, the model and the results.
    """

    folder: Path

    def __init__(self, config: RunConfig, dataset: Dataset) -> None:
        self.config, self.dataset = config, dataset
        self.training = build_training(config, dataset)
        self._stack = ExitStack()

    @classmethod
    def start(cls, config: RunConfig, folder: Path | None = None) -> Self:
        """Start a run in a new folder, by default the next free ``runs/<recipe>-<n>``.

        Raises
        ------
        GlassnetError
            If the configuration, the data or the folder is invalid; no folder is left behind.
        """
        dataset = config.load_dataset()
        run = cls(replace(config, data_hash=hash_dataset(dataset)), dataset)
        run.folder = make_folder(folder, config.recipe.name)
        try:
            run._stack.enter_context(locked(run.folder))
            run._write(CONFIG, run.config.to_json())
        except GlassnetError:
            run._stack.close()
            remove_folder(run.folder)
            raise
        return run

    @classmethod
    def resume(cls, folder: Path) -> tuple[Self, str | None]:
        """Resume a stopped run from its checkpoint, or from the start if it has none.

        Returns
        -------
        run : Run
            At the position of the checkpoint.
        warning : str or None
            One line if NumPy, the BLAS, its kernel or the number of threads has changed since the
            start, so that the result may differ in some bits from an uninterrupted run's.

        Raises
        ------
        GlassnetError
            If there is no run, its data have changed, its checkpoint is damaged, or another
            process has locked the folder.
        """
        config = RunConfig.read(folder / CONFIG)
        with ExitStack() as stack:
            stack.enter_context(locked(folder))
            if cls.is_finished(folder):
                raise ConfigError(f"{folder}: another process has just finished this run")
            for remnant in folder.glob(".*.part"):  # of a process that was killed while writing
                remnant.unlink(missing_ok=True)
            run = cls(config, config.load_dataset())
            run.folder = folder
            check_unchanged(run.dataset, config.data_hash, folder)
            if (folder / CHECKPOINT).is_file():
                read_checkpoint(folder / CHECKPOINT, run.training)
            run._stack = stack.pop_all()
        before, now = read_versions(folder / CONFIG), json.loads(config.to_json())["versions"]
        changed = [
            f"{name} {before.get(name)} -> {now[name]}"
            for name in now
            if before.get(name) != now[name]
        ]
        return run, (
            f"{folder}: bits may differ from those of an uninterrupted run: {', '.join(changed)}"
            if changed
            else None
        )

    @property
    def records(self) -> list[EpochRecord]:
        """Records of the epochs so far."""
        return self.training.records

    @property
    def model(self) -> Model:
        """Model trained so far."""
        height, width = self.dataset.train.images.shape[1:]
        preprocess = Preprocessing.parse(self.config.recipe.preprocess)
        return Model.of(self.training.trained, (height, width), preprocess)

    @staticmethod
    def is_finished(folder: Path) -> bool:
        """Return whether a folder holds a run with all its results."""
        has_results = (folder / METRICS).is_file() and (folder / MODEL).is_file()
        return has_results and not (folder / CHECKPOINT).exists()

    def __enter__(self) -> Self:
        """Keep the folder locked until the end of the ``with`` statement."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Unlock the folder."""
        self._stack.close()

    def train(self) -> Iterator[EpochRecord]:
        """Train, yielding a record after each epoch and writing a checkpoint every few seconds.

        Raises
        ------
        StoppedError
            After Ctrl-C, when the state is saved.
        NotFiniteError
            If the loss or a parameter becomes NaN or infinite; ``history.csv`` then has the epochs
            so far.
        GlassnetError
            If the state cannot be saved; the last checkpoint is then intact.
        """
        with self._with_advice():
            write_training_hashes(self.folder, self.dataset.image_hashes)
        saved = time.monotonic()
        with self._recording_failure(), deferred_interrupt() as was_pressed:
            for record in self.training.steps():
                if was_pressed() or time.monotonic() - saved > CHECKPOINT_SECONDS:
                    self._checkpoint()
                    saved = time.monotonic()
                if was_pressed():
                    raise StoppedError(
                        f"stopped and saved; resume with: glassnet train --resume {self.folder}"
                    )
                if record is not None:
                    yield record
        self._checkpoint()

    def _checkpoint(self) -> None:
        with self._with_advice():
            write_checkpoint(self.folder / CHECKPOINT, self.training)
            if self.records:
                self._write(HISTORY, history_csv(self.records))

    @contextmanager
    def _recording_failure(self) -> Iterator[None]:
        """Write the history if a value becomes NaN or infinite."""
        try:
            yield
        except NotFiniteError as error:
            with self._with_advice():
                self._write(HISTORY, history_csv(self.records))
            message = f"{error}. To find the cause: glassnet diagnose {self.folder}"
            raise NotFiniteError(message, error.record) from error

    @contextmanager
    def _with_advice(self) -> Iterator[None]:
        """Add advice on resuming the run to the error for a file that cannot be written."""
        try:
            yield
        except GlassnetError as error:
            if (self.folder / CONFIG).is_file():
                advice = (
                    "The last checkpoint is intact: fix this, then resume with "
                    f"glassnet train --resume {self.folder}"
                )
            else:
                advice = "The run's folder no longer exists: train again"
            raise GlassnetError(f"{error}. {advice}") from error

    def finish(self) -> tuple[dict[str, Any], Report | None]:
        """Write the results (see `write_results`), and remove the checkpoint."""
        try:
            with self._with_advice():
                results = write_results(
                    self.folder, self.config, self.model, self.dataset, self.records
                )
                # The model and the history now have all of its content.
                (self.folder / CHECKPOINT).unlink(missing_ok=True)
                return results
        except KeyboardInterrupt as stop:
            raise StoppedError(
                f"stopped while finishing; resume with: glassnet train --resume {self.folder}"
            ) from stop

    def _write(self, name: str, text: str) -> None:
        write_atomically(self.folder / name, text.encode())
