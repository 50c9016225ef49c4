"""Run: from a configuration to a trained, tested model in a folder."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
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

CHECKPOINT_SECONDS = 3.0  # at most so often


class Run:
    """One training: made ready, then iterated over, then finished.

    Made by `Run.start` or `Run.resume`, and used in a ``with`` statement, which keeps other
    processes out of the folder.

    Parameters
    ----------
    config : RunConfig
        What to train.
    dataset : Dataset
        What it learns from.

    Attributes
    ----------
    training : Training
        How it learns, and what.
    folder : Path
        Where it is kept.
    """

    folder: Path

    def __init__(self, config: RunConfig, dataset: Dataset) -> None:
        self.config, self.dataset = config, dataset
        self.training = build_training(config, dataset)
        self._stack = ExitStack()

    @classmethod
    def start(cls, config: RunConfig, folder: Path | None = None) -> Self:
        """Make a new run; a mistake in its configuration or data leaves nothing behind.

        Parameters
        ----------
        config : RunConfig
            What to train.
        folder : Path, optional
            Where to keep it; by default the next free ``runs/<recipe>-<n>``.

        Returns
        -------
        Run
            With its configuration written.

        Raises
        ------
        GlassnetError
            If the configuration, the data or the folder cannot be used.
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
        """Take up a run that was stopped; one that has only its configuration starts over.

        Parameters
        ----------
        folder : Path
            The run's.

        Returns
        -------
        run : Run
            Where its checkpoint says.
        warning : str or None
            One line, where it was begun with another NumPy, BLAS, kernel or number of threads, so
            that its bits may differ from those of a run that was never stopped.

        Raises
        ------
        GlassnetError
            If there is no run, its data have changed, its checkpoint is damaged, or another
            process is at work on it.
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
            f"{folder}: bits may differ from a run that was never stopped: {', '.join(changed)}"
            if changed
            else None
        )

    @property
    def records(self) -> list[EpochRecord]:
        """Return the records of the epochs so far.

        Returns
        -------
        list of EpochRecord
            The training's own.
        """
        return self.training.records

    @property
    def model(self) -> Model:
        """Return what has been learnt so far.

        Returns
        -------
        Model
            To be kept, or asked.
        """
        height, width = self.dataset.train.images.shape[1:]
        preprocess = Preprocessing.parse(self.config.recipe.preprocess)
        return Model.of(self.training.trained, (height, width), preprocess)

    @staticmethod
    def is_finished(folder: Path) -> bool:
        """Tell whether a folder holds a run with nothing left to do.

        Parameters
        ----------
        folder : Path
            Any.

        Returns
        -------
        bool
            True once everything is written.
        """
        has_results = (folder / METRICS).is_file() and (folder / MODEL).is_file()
        return has_results and not (folder / CHECKPOINT).exists()

    def __enter__(self) -> Self:
        """Keep the folder's lock until the end of the ``with`` statement."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of the folder."""
        self._stack.close()

    def train(self) -> Iterator[EpochRecord]:
        """Train to the end, writing a checkpoint every few seconds.

        Yields
        ------
        EpochRecord
            After each epoch.

        Raises
        ------
        StoppedError
            After Ctrl-C, once the state is saved.
        NotFiniteError
            When a loss or a parameter becomes infinite or NaN; the history says how far it came.
        GlassnetError
            If the state cannot be saved; the last checkpoint is then still whole.
        """
        with self._advising():
            write_training_hashes(self.folder, self.dataset.image_hashes)
        saved = time.monotonic()
        with self._keeping_what_broke(), deferred_interrupt() as was_pressed:
            for record in self.training.steps():
                if was_pressed() or time.monotonic() - saved > CHECKPOINT_SECONDS:
                    self._checkpoint()
                    saved = time.monotonic()
                if was_pressed():
                    raise StoppedError(
                        f"stopped and saved; go on with: glassnet train --resume {self.folder}"
                    )
                if record is not None:
                    yield record
        self._checkpoint()

    def _checkpoint(self) -> None:
        with self._advising():
            write_checkpoint(self.folder / CHECKPOINT, self.training)
            if self.records:
                self._write(HISTORY, history_csv(self.records))

    @contextmanager
    def _keeping_what_broke(self) -> Iterator[None]:
        """Write down how far a training came whose numbers left the finite ones."""
        try:
            yield
        except NotFiniteError as error:
            with self._advising():
                self._write(HISTORY, history_csv(self.records))
            message = f"{error}. What is wrong: glassnet diagnose {self.folder}"
            raise NotFiniteError(message, error.record) from error

    @contextmanager
    def _advising(self) -> Iterator[None]:
        """Say how to go on after what cannot be written."""
        try:
            yield
        except GlassnetError as error:
            if (self.folder / CONFIG).is_file():
                advice = (
                    "What was saved before is whole: mend this, then go on with "
                    f"glassnet train --resume {self.folder}"
                )
            else:
                advice = "The run's folder is gone, and the training with it: train again"
            raise GlassnetError(f"{error}. {advice}") from error

    def finish(self) -> tuple[dict[str, Any], Report | None]:
        """Save the model, test it, and draw; numbers before pictures.

        Returns
        -------
        metrics : dict
            What ``metrics.json`` holds; what does not exist is None.
        report : Report or None
            On the test part; None without one.
        """
        try:
            with self._advising():
                results = write_results(
                    self.folder, self.config, self.model, self.dataset, self.records
                )
                # All that it holds is now in the model and in the history.
                (self.folder / CHECKPOINT).unlink(missing_ok=True)
                return results
        except KeyboardInterrupt as stop:
            raise StoppedError(
                f"stopped while finishing; go on with: glassnet train --resume {self.folder}"
            ) from stop

    def _write(self, name: str, text: str) -> None:
        write_atomically(self.folder / name, text.encode())
