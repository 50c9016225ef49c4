"""From what a user typed to a complete configuration."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from glassnet.data.dataset import VALIDATION_FRACTION
from glassnet.data.readers.gzip_io import MAX_BYTES
from glassnet.data.sources.locate import find
from glassnet.data.sources.registry import NAMES
from glassnet.data.transforms.augment import Augment
from glassnet.data.transforms.corruption import CORRUPTIONS
from glassnet.data.transforms.preprocessing import Preprocessing
from glassnet.errors import ConfigError, canonical
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.losses import LOSSES
from glassnet.recipe import OPTIMIZERS, Recipe
from glassnet.recipes import RECIPES
from glassnet.runs.config import NAMES_OF, RunConfig, check_config


def configure(
    recipe: str,
    data: str,
    *,
    validation: float = VALIDATION_FRACTION,
    test: float | None = None,
    seed: int = 0,
    label: str | None = None,
    shape: tuple[int, int] | None = None,
    max_bytes: int = MAX_BYTES,
    pictures: bool = True,
    corrupt: str | None = None,
    **overrides: Any,
) -> RunConfig:
    """Complete what a user typed into a configuration.

    Parameters
    ----------
    recipe : str
        Name of the recipe to start from.
    data : str
        A dataset's name or path.
    validation : float
        Share of the training images to hold out.
    test : float, optional
        Share to hold out for the test.
    seed : int
        At least 0.
    label : str, optional
        The column of labels of a table.
    shape : tuple of int, optional
        Height and width of the images of a CSV table.
    max_bytes : int
        The limit to what a file may unpack to.
    pictures : bool
        Whether to draw at the end.
    corrupt : str, optional
        How to make the data wrong on purpose.
    **overrides : object
        Fields of the recipe to replace; None leaves a field as it is. Another optimiser brings
        its own learning rate and momentum; with a number of epochs or a batch size of the user's
        own, the recipe's least number of updates no longer counts.

    Returns
    -------
    RunConfig
        Every name known, every number in range.

    Raises
    ------
    ConfigError
        Otherwise.
    """
    complete = complete_recipe(recipe, **overrides)
    config = RunConfig(
        complete, settle(data), validation, test, seed, label, shape, max_bytes, pictures
    )
    if corrupt is not None:
        config = replace(config, corrupt=canonical("corrupt", CORRUPTIONS, corrupt))
    check_config(config)
    return config


def complete_recipe(recipe: str, **overrides: Any) -> Recipe:
    """Replace parts of a recipe.

    Parameters
    ----------
    recipe : str
        Its name.
    **overrides : object
        As for `configure`.

    Returns
    -------
    Recipe
        Complete; its numbers are yet to be checked.

    Raises
    ------
    ConfigError
        If a name is unknown.
    """
    chosen = RECIPES[canonical("recipe", RECIPES, recipe)]
    changes = {name: value for name, value in overrides.items() if value is not None}
    for name, family in NAMES_OF.items():
        if name in changes:
            changes[name] = canonical(name, family, changes[name])
    if "activation" in changes:
        changes["activation"] = tuple(
            canonical("activation", ACTIVATIONS, name) for name in changes["activation"]
        )
    if "preprocess" in changes:
        if chosen.members:
            raise ConfigError(
                f"preprocess: each network of the recipe {chosen.name} has its own "
                f"({', '.join(chosen.members)}); leave this out"
            )
        changes["preprocess"] = str(Preprocessing.parse(changes["preprocess"]))
    if "augment" in changes:
        changes["augment"] = parse_augment(changes["augment"])
    if changes.get("optimizer", chosen.optimizer) != chosen.optimizer:
        other = OPTIMIZERS[changes["optimizer"]]
        chosen = replace(
            chosen,
            learning_rate=other.learning_rate,
            momentum=other.momentum or 0.0,
            beta2=None,
            weight_decay=None,
        )
    if "loss" in changes:
        changes["loss"] = LOSSES[changes["loss"]].__name__  # "mse" is only typed, never kept
    if "epochs" in changes or "batch_size" in changes:
        chosen = replace(chosen, min_updates=0)
    return replace(chosen, **changes)


def parse_augment(text: str) -> Augment | None:
    """Read how images are to be distorted.

    Parameters
    ----------
    text : str
        ``"none"``, or strengths as ``"rotation=10,elastic=1"``: fields of `Augment`.

    Returns
    -------
    Augment or None
        None for ``"none"``.

    Raises
    ------
    ConfigError
        If it is neither, or a strength is out of range.
    """
    if text.strip().lower() == "none":
        return None
    known = {field.name: field.type for field in fields(Augment) if field.name != "shape"}
    strengths: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        name = canonical("distortion", known, name)
        try:
            strengths[name] = int(value) if name == "group" else float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise ConfigError(
                f"augment: needs none, or numbers as rotation=10,elastic=1, got {text!r}"
            )
    return Augment(**strengths)  # type: ignore[arg-type]  # group is a whole number


def settle(data: str) -> str:
    """Make a path mean the same from every folder; leave a name alone.

    Parameters
    ----------
    data : str
        A dataset's name or path.

    Returns
    -------
    str
        The name, or the absolute path.

    Raises
    ------
    DataNotFoundError
        If it is neither.
    """
    if data in NAMES:
        return data
    path = find(data)
    return str(path.resolve()) if Path(data).exists() else data
