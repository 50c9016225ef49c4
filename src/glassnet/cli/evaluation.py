"""Evaluation: shared by the commands that evaluate a model."""

from glassnet.cli.options import fetch_shown, parse_shape
from glassnet.models.files import load
from glassnet.models.shipped import DATA, NAMES
from glassnet.runs.evaluate import Evaluation, evaluate_model


def measure_shown(
    model: str,
    data: str | None,
    *,
    label: str | None,
    shape: str | None,
    max_bytes: int,
    shifts: int,
    quiet: bool,
) -> Evaluation:
    """Evaluate a model, after downloading missing data.

    Parameters
    ----------
    model : str
        As `MODEL_HELP` says.
    data : str or None
        Other data than its run's own; None for those, or for what a shipped model is measured on.
    label, shape, max_bytes, shifts : object
        The options of these names.
    quiet : bool
        Whether to show nothing.

    Returns
    -------
    Evaluation
        As `glassnet.runs.evaluate.measure` gives it.

    Raises
    ------
    GlassnetError
        If there is no such model, or nothing that it could be measured on.
    """
    size = parse_shape(shape)
    loaded = load(model)  # one that is not there is said before anything is downloaded
    if data is None and model in NAMES:
        data = DATA
    if data is not None:
        fetch_shown(data, quiet=quiet)
    return evaluate_model(
        loaded, model, data, label=label, shape=size, max_bytes=max_bytes, shifts=shifts
    )
