"""EnsembleRun: several runs in one folder, and the model that their networks make together."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from glassnet.errors import GlassnetError
from glassnet.evaluation.report import Report, evaluate
from glassnet.files import write_atomically
from glassnet.models.ensemble import ensemble
from glassnet.models.files import MODEL, load, save
from glassnet.runs.build import build_training
from glassnet.runs.config import RunConfig
from glassnet.runs.data_hash import check_unchanged, hash_dataset
from glassnet.runs.folder import CONFIG, MEMBER, METRICS, make_folder, remove_folder
from glassnet.runs.pictures import draw_report
from glassnet.runs.results import calibrate, tested
from glassnet.runs.run import Run
from glassnet.runs.summary import read_metrics
from glassnet.runs.training_hashes import merge_training_hashes


class EnsembleRun:
    """Networks that are trained one after another, each a run in a folder of its own.

    Made by `EnsembleRun.start` or `EnsembleRun.resume`.

    Parameters
    ----------
    config : RunConfig
        Of the ensemble. Each member has a view of its own and the next seed, the first one the
        ensemble's; all hold out the same images.
    folder : Path
        Where they are kept: ``member-1``, ``member-2``, ..., and in the end their model.
    """

    def __init__(self, config: RunConfig, folder: Path) -> None:
        self.config, self.folder = config, folder
        self.configs = _of_members(config)
        self.folders = [folder / f"{MEMBER}{n}" for n in range(1, len(self.configs) + 1)]

    @classmethod
    def start(cls, config: RunConfig, folder: Path | None = None) -> Self:
        """Make a new ensemble; a mistake in it or in its data leaves nothing behind.

        Parameters
        ----------
        config : RunConfig
            Of a recipe with members.
        folder : Path, optional
            Where to keep it; by default the next free ``runs/<recipe>-<n>``.

        Returns
        -------
        EnsembleRun
            With nothing trained yet.

        Raises
        ------
        GlassnetError
            If the configuration, the data or the folder cannot be used.
        """
        dataset = config.load_dataset()
        for one in _of_members(config):
            build_training(one, dataset)
        config = replace(config, data_hash=hash_dataset(dataset))
        folder = make_folder(folder, config.recipe.name)
        try:
            write_atomically(folder / CONFIG, config.to_json().encode())
        except GlassnetError:
            remove_folder(folder)
            raise
        return cls(config, folder)

    @classmethod
    def resume(cls, folder: Path) -> Self:
        """Take up an ensemble that was stopped.

        Parameters
        ----------
        folder : Path
            The ensemble's.

        Returns
        -------
        EnsembleRun
            With what is trained.

        Raises
        ------
        ConfigError
            If there is none, its configuration is damaged, or its data have changed.
        """
        config = RunConfig.read(folder / CONFIG)
        check_unchanged(config.load_dataset(), config.data_hash, folder)
        return cls(config, folder)

    @staticmethod
    def is_ensemble(folder: Path) -> bool:
        """Tell whether a folder holds an ensemble.

        Parameters
        ----------
        folder : Path
            Any.

        Returns
        -------
        bool
            True from its start on.
        """
        return (folder / CONFIG).is_file() and bool(RunConfig.read(folder / CONFIG).recipe.members)

    def unfinished(self) -> Iterator[tuple[int, Run, str | None]]:
        """Make ready each member that is not trained to its end, in their order.

        Yields
        ------
        number : int
            Of the member, from 1.
        run : Run
            To be trained and finished.
        warning : str or None
            As from `Run.resume`.
        """
        for number, (config, folder) in enumerate(
            zip(self.configs, self.folders, strict=True), start=1
        ):
            if Run.is_finished(folder):
                continue
            if (folder / CONFIG).is_file():
                yield number, *Run.resume(folder)
            else:
                yield number, Run.start(config, folder), None

    def finish(self) -> tuple[dict[str, Any], Report | None]:
        """Make one model of all members, test it, write both down, and draw.

        Returns
        -------
        metrics : dict
            What ``metrics.json`` holds.
        report : Report or None
            On the test part; None without one.
        """
        dataset = self.config.load_dataset()
        model = ensemble([load(member) for member in self.folders])
        if dataset.validation is not None:
            model = calibrate(model, dataset.validation)
        save(model, self.folder / MODEL)
        seen, test = merge_training_hashes(self.folders, self.folder), dataset.test
        report = None if test is None else evaluate(model, test, seen)
        metrics = {
            "run": str(self.folder),
            "data": self.config.data,
            "recipe": self.config.recipe.name,
            "seed": self.config.seed,
            "members": len(self.folders),
            "seconds": sum(read_metrics(one / METRICS)["seconds"] for one in self.folders),
            "n_train": len(dataset.train),
            "temperature": model.temperature,
            **tested(report),
        }
        write_atomically(self.folder / METRICS, (json.dumps(metrics, indent=2) + "\n").encode())
        if self.config.pictures and report is not None and test is not None:
            draw_report(report, test, self.folder)
        return metrics, report


def _of_members(config: RunConfig) -> list[RunConfig]:
    return [
        replace(
            config,
            recipe=replace(config.recipe, preprocess=view, members=()),
            seed=config.seed + number,
            split_seed=config.seed if config.split_seed is None else config.split_seed,
        )
        for number, view in enumerate(config.recipe.members)
    ]
