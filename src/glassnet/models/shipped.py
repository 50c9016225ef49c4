"""Shipped models, by name, each with a card of its training and accuracy.

The folder ``shipped`` next to this file holds ``NAME.safetensors`` and its card ``NAME.md``; and
``training_hashes.safetensors``, as in the folder of a run, with the hashes of the images that all
of them were trained on.
"""

import os
from importlib.resources import files
from pathlib import Path

from glassnet.errors import ModelFileError

NAMES = ("mnist", "mnist-small")
DATA = "mnist"  # its test part is held out from all of them
FOLDER = Path(str(files("glassnet") / "models" / "shipped"))


def locate(model: str | os.PathLike[str]) -> Path:
    """Return the file of a shipped model by its name, given as a str, or any other path unchanged.

    Raises
    ------
    ModelFileError
        If this installation lacks the model.
    """
    if not isinstance(model, str) or model not in NAMES:
        return Path(model)
    path = FOLDER / f"{model}.safetensors"
    if not path.is_file():
        raise ModelFileError(
            f"{model}: this glassnet came without that model; install it again, or name a run's "
            "folder or a model file"
        )
    return path
