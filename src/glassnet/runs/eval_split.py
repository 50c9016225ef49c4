"""Which images a model may honestly be measured on."""

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
    """Find the images to measure a model on.

    Parameters
    ----------
    model : Path
        A run's folder, or a model file, which may lie in one.
    data : str or None
        Other data than the run's own. Of a named set, and of one that brings a test part, only
        that part is taken; of any other, all of it.
    label : str, optional
        The column of labels of other data, a table.
    shape : tuple of int, optional
        Height and width of the images of other data, a CSV table.
    max_bytes : int
        The limit to what other data may unpack to.

    Returns
    -------
    name : str
        What the images are, in words.
    split : Split
        The images.

    Raises
    ------
    ConfigError
        If nothing says what to measure on.
    """
    config = config_beside(model)
    if config is not None and (data is None or _is_same(data, config.data)):
        if label is not None or shape is not None:
            raise ConfigError(
                f"{model}: its run's own data are read as the run read them; leave out --label "
                "and --shape"
            )
        dataset = config.load_dataset()
        if dataset.test is not None:
            return f"the test part of its run, {config.data}", dataset.test
        if data is None:
            raise ConfigError(f"{model}: its run held out no test part; say what to use: --data")
        return f"all of {data}", dataset.train
    if data is None:
        raise ConfigError(
            f"{model}: is a model file without a run, and so without a test part; say what "
            "to use: --data"
        )
    seed = config.seed if config else 0
    how: dict[str, Any] = {"label": label, "shape": shape, "max_bytes": max_bytes}
    if data in NAMES or has_test_part(data):
        dataset = load_dataset(data, validation=0, seed=seed, **how)
        if dataset.test is not None:
            return f"the test part of {data}", dataset.test
    return f"all of {data}", load_dataset(data, validation=0, test=0, **how).train


def choose_part(config: RunConfig | None, data: str | None, part: str) -> tuple[str, Split]:
    """Find one part of a run's data, divided as the run divided it, or of other data.

    Parameters
    ----------
    config : RunConfig or None
        Of the run; None for a model without one.
    data : str or None
        Other data than the run's own.
    part : str
        ``"train"``, ``"validation"`` or ``"test"``.

    Returns
    -------
    name : str
        What the images are, in words.
    split : Split
        The images.

    Raises
    ------
    ConfigError
        If there is no such part, or neither a run nor a name.
    """
    if config is not None and (data is None or _is_same(data, config.data)):
        dataset = config.load_dataset()
    elif data is not None:
        dataset = load_dataset(data)
    else:
        raise ConfigError("a model without a run: say what data to use: --data")
    parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    split = lookup("part", parts, part)
    if split is None:
        raise ConfigError(f"{dataset.name}: has no {part} part")
    return f"the {part} part of {dataset.name}", split


def config_beside(model: Path) -> RunConfig | None:
    """Read how a model was trained, if it lies in its run's folder.

    Parameters
    ----------
    model : Path
        A run's folder, or a model file.

    Returns
    -------
    RunConfig or None
        None where there is no run.
    """
    path = (model if model.is_dir() else model.parent) / "config.json"
    return RunConfig.read(path) if path.is_file() else None


def _is_same(data: str, trained_on: str) -> bool:
    """Tell whether two names or paths stand for the same data; the second may be gone by now."""
    place = locate(data)
    try:
        return place == locate(trained_on)
    except DataNotFoundError:
        return False
