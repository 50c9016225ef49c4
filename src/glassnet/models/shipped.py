"""Models shipped with glassnet, by name.

The folder ``shipped`` holds ``NAME.safetensors`` and the model card ``NAME.md`` of each model, and
``training_hashes.safetensors``, the content hashes of the images that all of them were trained on.
"""

import os
from importlib.resources import files
from pathlib import Path

from glassnet.errors import ModelFileError

NAMES = ("mnist", "mnist-small")
DATA = "mnist"  # the training set of all models; its test set was held out
FOLDER = Path(str(files("glassnet") / "models" / "shipped"))


def locate(model: str | os.PathLike[str]) -> Path:
    """Return the file of a shipped model given its name (a str), or any other path unchanged.

    Raises
    ------
    ModelFileError
        If the file of a shipped model is missing.
    """
    if not isinstance(model, str) or model not in NAMES:
        return Path(model)
    path = FOLDER / f"{model}.safetensors"
    if not path.is_file():
        raise ModelFileError(
            f"{model}: this installation lacks the file of that model; reinstall glassnet, or give "
            "a model file or the folder of a run"
        )
    return path
