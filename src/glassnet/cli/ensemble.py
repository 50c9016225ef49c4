"""``glassnet ensemble``: combine models into an ensemble."""

from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.console import print_json, print_warning, text_console
from glassnet.cli.options import MODEL_HELP, JsonOption, QuietOption
from glassnet.errors import GlassnetError
from glassnet.models import ensemble as ensembles
from glassnet.models.files import MODEL, load, save
from glassnet.runs.folder import make_folder, remove_folder
from glassnet.runs.training_hashes import TRAINING_HASHES, merge_training_hashes


def ensemble(
    models: Annotated[list[str], typer.Argument(help=MODEL_HELP + " One or more models.")],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--out", help="New folder for the ensemble.  [default: the next runs/ensemble-n]"
        ),
    ] = None,
    dtype: Annotated[
        str | None, typer.Option(help="Store weights as float32, float16 or int8.")
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Combine models into an ensemble that averages their probabilities.

    An image that any member was trained on counts as a training image of the ensemble.
    """
    combined = ensembles.ensemble([load(model) for model in models])
    folder = make_folder(folder, "ensemble")
    try:
        hashes = merge_training_hashes(models, folder)
        save(combined, folder / MODEL, dtype)
    except GlassnetError:
        (folder / TRAINING_HASHES).unlink(missing_ok=True)
        remove_folder(folder)
        raise
    if hashes is None and not quiet:
        print_warning("no record of the training images of some models: cannot check for leakage")
    text_console(quiet=quiet, as_json=as_json).print(f"{folder}: {combined!r}", markup=False)
    if as_json:
        print_json({"model": str(folder), "members": len(combined.members)})
    return 0
