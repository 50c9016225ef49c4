"""Evaluation of a model, shared by ``evaluate`` and ``report``."""

from glassnet.cli.options import fetch_with_progress, parse_shape
from glassnet.models.files import load
from glassnet.models.shipped import DATA, NAMES
from glassnet.runs.evaluate import Evaluation, evaluate_model


def fetch_and_evaluate(
    model: str,
    data: str | None,
    *,
    label: str | None,
    shape: str | None,
    max_bytes: int,
    shifts: int,
    quiet: bool,
) -> Evaluation:
    """Evaluate a model, downloading its data first if missing.

    The parameters are the options of the same names. Without `data`, a run is evaluated on the
    test set of its dataset, and a shipped model on MNIST.
    """
    size = parse_shape(shape)
    loaded = load(model)  # first, so that a missing model is reported before a download
    if data is None and model in NAMES:
        data = DATA
    if data is not None:
        fetch_with_progress(data, quiet=quiet)
    return evaluate_model(
        loaded, model, data, label=label, shape=size, max_bytes=max_bytes, shifts=shifts
    )
