"""``glassnet combine``: an ensemble of models that are there already."""

from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.console import err, print_json, talker
from glassnet.cli.reading import WHICH_MODEL
from glassnet.errors import GlassnetError
from glassnet.models.ensemble import ensemble as unite
from glassnet.models.files import MODEL, load, save
from glassnet.runs.folder import make_folder, remove_folder
from glassnet.runs.training_hashes import TRAINING_HASHES, merge_training_hashes


def combine(
    models: Annotated[list[str], typer.Argument(help=WHICH_MODEL + " One or more.")],
    folder: Annotated[
        Path | None,
        typer.Option("--out", help="A new folder for it.  [default: the next runs/ensemble-n]"),
    ] = None,
    dtype: Annotated[
        str | None, typer.Option(help="Store weights as float32, float16 or int8.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Make one model of several: an ensemble, whose answer is the mean of theirs.

    What any of them has seen counts as seen by all.
    """
    ensemble = unite([load(model) for model in models])
    folder = make_folder(folder, "ensemble")
    try:
        seen = merge_training_hashes(models, folder)
        save(ensemble, folder / MODEL, dtype)
    except GlassnetError:
        (folder / TRAINING_HASHES).unlink(missing_ok=True)
        remove_folder(folder)
        raise
    if seen is None and not quiet:
        message = "nobody wrote down which images some of these were trained on"
        err.print(f"glassnet: {message}: leaks cannot be counted", style="yellow", markup=False)
    talker(quiet=quiet, as_json=as_json).print(f"{folder}: {ensemble!r}", markup=False)
    if as_json:
        print_json({"model": str(folder), "members": len(ensemble.members)})
    return 0
