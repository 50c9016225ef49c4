"""The newest of the runs, for whoever does not say which."""

import re
from pathlib import Path

from glassnet.errors import ConfigError
from glassnet.models.files import MODEL
from glassnet.runs.folder import RUNS


def newest_run() -> Path:
    """Find the run whose model was written last.

    Returns
    -------
    Path
        A folder in ``runs/`` with a model; of equally new ones that of the highest number.

    Raises
    ------
    ConfigError
        If there is none.
    """
    models = list(RUNS.glob(f"*/{MODEL}"))
    if not models:
        raise ConfigError(
            f"{RUNS}: holds no trained model; train one with glassnet train, or say which: --model"
        )
    return max(models, key=_age).parent


def _age(model: Path) -> tuple[int, int, str]:
    number = re.search(r"[0-9]+$", model.parent.name)
    return model.stat().st_mtime_ns, int(number[0]) if number else 0, model.parent.name
