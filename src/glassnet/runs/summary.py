"""Summary: state, options and metrics of a run, read from its folder."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glassnet.errors import ConfigError, GlassnetError
from glassnet.models.files import MODEL
from glassnet.runs.config import RunConfig
from glassnet.runs.folder import CHECKPOINT, CONFIG, HISTORY, MEMBER, METRICS

TEXT_METRICS = ("run", "data", "recipe")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """State, options and metrics of a run or an ensemble.

    Parameters
    ----------
    run : str
        Path of the folder.
    state : {"finished", "stopped", "begun", "damaged"}
        A stopped run has a checkpoint; a begun one has only its configuration.
    options : dict
        Configuration by name; empty for a damaged run.
    metrics : dict
        Content of ``metrics.json``; empty for an unfinished run.
    epochs : int
        Number of epochs in the history; for an ensemble, the sum over its members.
    """

    run: str
    state: str
    options: dict[str, Any]
    metrics: dict[str, Any]
    epochs: int

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in JSON-serialisable form."""
        return asdict(self)


def summarize(folder: Path) -> Summary:
    """Read a run's summary from its folder.

    Raises
    ------
    ConfigError
        If the folder holds no run.
    """
    if not (folder / CONFIG).is_file():
        raise ConfigError(f"{folder}: needs a run's folder, with a {CONFIG}; got none")
    members = list(folder.glob(f"{MEMBER}*"))
    epochs = sum(_count_rows(path / HISTORY) for path in (folder, *members))
    try:
        options = _options(RunConfig.read(folder / CONFIG))
        metrics = read_metrics(folder / METRICS)
    except GlassnetError:
        return Summary(run=str(folder), state="damaged", options={}, metrics={}, epochs=epochs)
    if (folder / CHECKPOINT).exists():
        state = "stopped"
    elif metrics and (folder / MODEL).is_file():
        state = "finished"
    elif members:
        state = "stopped"
    else:
        state = "begun"
    return Summary(run=str(folder), state=state, options=options, metrics=metrics, epochs=epochs)


def list_runs(root: Path) -> list[Summary]:
    """Read the summaries of all runs in a folder, newest first; the folder need not exist."""
    folders = [path.parent for path in root.glob(f"*/{CONFIG}")]
    folders.sort(key=lambda folder: (folder / CONFIG).stat().st_mtime_ns, reverse=True)
    return [summarize(folder) for folder in folders]


def _options(config: RunConfig) -> dict[str, Any]:
    rest = asdict(config)
    recipe = rest.pop("recipe")
    rest.pop("data_hash")
    return {"recipe": recipe.pop("name"), **rest, **recipe}


def read_metrics(path: Path) -> dict[str, Any]:
    """Read a run's ``metrics.json``; empty if there is no such file.

    Raises
    ------
    ConfigError
        If the file is damaged.
    """
    if not path.is_file():
        return {}
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error
    if not isinstance(metrics, dict):
        raise ConfigError(f"{path}: needs a JSON object")
    for name, value in metrics.items():
        is_number = isinstance(value, int | float) and math.isfinite(value)
        if name in TEXT_METRICS or name.endswith("_interval"):
            continue
        if value is not None and not is_number:
            raise ConfigError(f"{path}: {name} needs a finite number, got {value!r}")
    return metrics


def _count_rows(path: Path) -> int:
    try:
        return max(0, len(path.read_text(encoding="utf-8").splitlines()) - 1)
    except (OSError, ValueError):
        return 0
