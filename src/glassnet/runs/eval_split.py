"""Evaluation split: the images to evaluate a model on."""

from pathlib import Path
from typing import Any

from glassnet.data.dataset import Split
from glassnet.data.readers.gzip_io import MAX_BYTES
from glassnet.data.sources.load import has_test_part, load_dataset
from glassnet.data.sources.locate import locate
from glassnet.data.sources.registry import NAMES
from glassnet.errors import ConfigError, DataNotFoundError, lookup
from glassnet.runs.config import RunConfig


def choose_split(
    model: Path,
    data: str | None,
    *,
    label: str | None = None,
    shape: tuple[int, int] | None = None,
    max_bytes: int = MAX_BYTES,
) -> tuple[str, Split]:
    """Return a description and the images to evaluate a model on.

    For `label`, `shape` and `max_bytes`, see `RunConfig`.

    Parameters
    ----------
    model : Path
        A run's folder, or a model file, inside or outside a run's folder.
    data : str or None
        Name or path of a dataset, for its test set or, if it has none, for all its images; None
        for the test set of the run.

    Raises
    ------
    ConfigError
        If `data` is None and there is no run with a test set.
    """
    config = find_config(model)
    if config is not None and (data is None or _is_same(data, config.data)):
        if label is not None or shape is not None:
            raise ConfigError(
                f"--label, --shape: apply only to data other than those of the run {model}; leave "
                "them out"
            )
        dataset = config.load_dataset()
        if dataset.test is not None:
            return f"the test set of its run, {config.data}", dataset.test
        if data is None:
            raise ConfigError(
                f"--data: needs a name or a path, since the run {model} has no test set"
            )
        return f"all of {data}", dataset.train
    if data is None:
        raise ConfigError(
            f"--data: needs a name or a path, since {model} is a model file without a run and has "
            "no test set"
        )
    seed = config.seed if config else 0
    how: dict[str, Any] = {"label": label, "shape": shape, "max_bytes": max_bytes}
    if data in NAMES or has_test_part(data):
        dataset = load_dataset(data, validation=0, seed=seed, **how)
        if dataset.test is not None:
            return f"the test set of {data}", dataset.test
    return f"all of {data}", load_dataset(data, validation=0, test=0, **how).train


def choose_part(config: RunConfig | None, data: str | None, part: str) -> tuple[str, Split]:
    """Return one set of a run's data or of another dataset, with its description.

    `part` is ``"train"``, ``"validation"`` or ``"test"``; `data` is as for `choose_split`.

    Raises
    ------
    ConfigError
        If there is no such set, or there is neither a run nor `data`.
    """
    if config is not None and (data is None or _is_same(data, config.data)):
        dataset = config.load_dataset()
    elif data is not None:
        dataset = load_dataset(data)
    else:
        raise ConfigError("--data: needs a name or a path for a model without a run")
    parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    split = lookup("part", parts, part)
    if split is None:
        raise ConfigError(f"--part: {dataset.name} has no {part} set; choose another")
    return f"the {part} set of {dataset.name}", split


def find_config(model: Path) -> RunConfig | None:
    """Read the configuration of a model's run from its folder or file; None if it has no run."""
    path = (model if model.is_dir() else model.parent) / "config.json"
    return RunConfig.read(path) if path.is_file() else None


def _is_same(data: str, trained_on: str) -> bool:
    """Return whether two names or paths refer to the same data; `trained_on` may be missing."""
    place = locate(data)
    try:
        return place == locate(trained_on)
    except DataNotFoundError:
        return False
