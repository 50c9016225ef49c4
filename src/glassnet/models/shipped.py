"""The models that come with glassnet, by name, each with a card that says what it is worth.

The folder ``shipped`` beside this file holds ``NAME.safetensors`` and its card ``NAME.md``; and
one ``training_hashes.safetensors``, as in a run's folder, with the hashes of the images that
all of them were trained on.
"""

import os
from importlib.resources import files
from pathlib import Path

from glassnet.errors import ModelFileError

NAMES = ("mnist", "mnist-small")
DATA = "mnist"  # whose test part none of them has seen
FOLDER = Path(str(files("glassnet") / "models" / "shipped"))


def locate(model: str | os.PathLike[str]) -> Path:
    """Find a model by its name or path.

    Parameters
    ----------
    model : str or path
        The name of a model that comes with glassnet, as a str; anything else is a path.

    Returns
    -------
    Path
        The shipped file; or the path itself, whether or not there is anything.

    Raises
    ------
    ModelFileError
        If this glassnet came without the model.
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
