"""EnsembleRun: training runs of an ensemble's members, in one folder."""

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
from glassnet.runs.results import calibrate, test_metrics
from glassnet.runs.run import Run
from glassnet.runs.summary import read_metrics
from glassnet.runs.training_hashes import merge_training_hashes


class EnsembleRun:
    """Training runs of an ensemble's members, one after another, each in its own folder.

    Create one with `EnsembleRun.start` or `EnsembleRun.resume`.

    Parameters
    ----------
    config : RunConfig
        Configuration of the ensemble. Its members have different preprocessing and consecutive
        seeds, starting at the ensemble's; all hold out the same images.
    folder : Path
        Folder with ``member-1``, ``member-2``, ..., and the ensemble's model.
    """

    def __init__(self, config: RunConfig, folder: Path) -> None:
        self.config, self.folder = config, folder
        self.configs = _member_configs(config)
        self.folders = [folder / f"{MEMBER}{n}" for n in range(1, len(self.configs) + 1)]

    @classmethod
    def start(cls, config: RunConfig, folder: Path | None = None) -> Self:
        """Start an ensemble in a new folder; parameters and errors are those of `Run.start`."""
        dataset = config.load_dataset()
        for member in _member_configs(config):
            build_training(member, dataset)
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
        """Resume a stopped ensemble.

        Raises
        ------
        ConfigError
            If the folder holds no ensemble, its configuration is damaged, or its data have changed.
        """
        config = RunConfig.read(folder / CONFIG)
        check_unchanged(config.load_dataset(), config.data_hash, folder)
        return cls(config, folder)

    @staticmethod
    def is_ensemble(folder: Path) -> bool:
        """Return whether a folder holds a finished or unfinished ensemble."""
        return (folder / CONFIG).is_file() and bool(RunConfig.read(folder / CONFIG).recipe.members)

    def unfinished(self) -> Iterator[tuple[int, Run, str | None]]:
        """Start or resume each unfinished member, in order.

        Yields
        ------
        number : int
            Number of the member, from 1.
        run : Run
            Run to train and finish.
        warning : str or None
            See `Run.resume`.
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
        """Combine the members into one model, and write it with its results.

        Returns
        -------
        metrics, report
            See `write_results`.
        """
        dataset = self.config.load_dataset()
        model = ensemble([load(member) for member in self.folders])
        if dataset.validation is not None:
            model = calibrate(model, dataset.validation)
        save(model, self.folder / MODEL)
        training_hashes, test = merge_training_hashes(self.folders, self.folder), dataset.test
        report = None if test is None else evaluate(model, test, training_hashes)
        metrics = {
            "run": str(self.folder),
            "data": self.config.data,
            "recipe": self.config.recipe.name,
            "seed": self.config.seed,
            "members": len(self.folders),
            "seconds": sum(read_metrics(member / METRICS)["seconds"] for member in self.folders),
            "n_train": len(dataset.train),
            "temperature": model.temperature,
            **test_metrics(report),
        }
        write_atomically(self.folder / METRICS, (json.dumps(metrics, indent=2) + "\n").encode())
        if self.config.pictures and report is not None and test is not None:
            draw_report(report, test, self.folder)
        return metrics, report


def _member_configs(config: RunConfig) -> list[RunConfig]:
    return [
        replace(
            config,
            recipe=replace(config.recipe, preprocess=preprocess, members=()),
            seed=config.seed + number,
            split_seed=config.seed if config.split_seed is None else config.split_seed,
        )
        for number, preprocess in enumerate(config.recipe.members)
    ]
