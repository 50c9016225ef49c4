"""RunConfig: what it takes to repeat a run."""

import json
import math
import operator
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glassnet import __version__, compute
from glassnet.data.dataset import VALIDATION_FRACTION, Dataset, check_fraction
from glassnet.data.readers.gzip_io import MAX_BYTES, check_limit
from glassnet.data.sources.load import load_dataset
from glassnet.data.transforms.augment import Augment
from glassnet.data.transforms.corruption import CORRUPTIONS, corrupt
from glassnet.data.transforms.preprocessing import Preprocessing
from glassnet.errors import ConfigError, canonical
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.losses import LOSSES
from glassnet.nn.schedules import SCHEDULES
from glassnet.recipe import OPTIMIZERS, Recipe, make_optimizer

FORMAT = 1
NAMES_OF: dict[str, Any] = {
    "optimizer": OPTIMIZERS,
    "initializer": INITIALIZERS,
    "loss": LOSSES,
    "schedule": SCHEDULES,
}


@dataclass(frozen=True)
class RunConfig:
    """A training as it was asked for, complete.

    Parameters
    ----------
    recipe : Recipe
        The set-up, overrides included.
    data : str
        A dataset's name, or the path of one.
    validation : float
        Share of the training images held out.
    test : float or None
        Share held out for the test; None for the source's own custom.
    seed : int
        Of the split, the initialisation and the shuffling, each a stream of its own.
    label : str or None
        The column of labels of a table; None to find it.
    shape : tuple of int or None
        Height and width of the images of a CSV table; None for square ones.
    max_bytes : int
        The limit to what a file may unpack to.
    pictures : bool
        Whether to draw at the end.
    data_hash : str or None
        Of the images and labels; known once they are loaded.
    split_seed : int or None
        Of the split, where it is not the run's: an ensemble's networks hold out the same images.
    corrupt : str or None
        How the data are made wrong on purpose, a name in ``CORRUPTIONS``; None for as
        they are.
    """

    recipe: Recipe
    data: str
    validation: float = VALIDATION_FRACTION
    test: float | None = None
    seed: int = 0
    label: str | None = None
    shape: tuple[int, int] | None = None
    max_bytes: int = MAX_BYTES
    pictures: bool = True
    data_hash: str | None = None
    split_seed: int | None = None
    corrupt: str | None = None

    def load_dataset(self) -> Dataset:
        """Load the data, divided as it was asked for.

        Returns
        -------
        Dataset
            The same images in the same parts each time.

        Raises
        ------
        DataError, ConfigError, MissingExtraError
            As from `glassnet.data.sources.load.load_dataset`.
        """
        seed = self.seed if self.split_seed is None else self.split_seed
        dataset = load_dataset(
            self.data,
            validation=self.validation,
            test=self.test,
            seed=seed,
            label=self.label,
            shape=self.shape,
            max_bytes=self.max_bytes,
        )
        return corrupt(dataset, self.corrupt, seed)

    def to_json(self) -> str:
        """Write the configuration down, with the versions and the computer that it ran on.

        Returns
        -------
        str
            JSON.
        """
        versions = {"glassnet": __version__, **compute.describe()}
        content = {
            "format": FORMAT,
            **asdict(self),
            "versions": versions,
            "computer": compute.describe_cpu(),
        }
        return json.dumps(content, indent=2) + "\n"

    @classmethod
    def read(cls, path: Path) -> "RunConfig":
        """Read a run's ``config.json``.

        Parameters
        ----------
        path : Path
            The file.

        Returns
        -------
        RunConfig
            As it was written.

        Raises
        ------
        ConfigError
            If it is not there, damaged, or of a newer format.
        """
        if not path.is_file():
            raise ConfigError(f"{path.parent}: needs a run's folder, with a {path.name}; got none")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigError(f"{path}: is damaged ({error})") from error
        version = content.get("format") if isinstance(content, dict) else None
        if version != FORMAT:
            hint = "; a newer glassnet can read it" if isinstance(version, int) else ""
            raise ConfigError(f"{path}: needs format {FORMAT}, got format {version}{hint}")
        try:
            fields = dict(content["recipe"])
            parts: dict[str, Any] = {n: tuple(fields[n]) for n in ("hidden", "activation")}
            parts["members"] = tuple(fields.get("members", ()))
            if fields.get("augment") is not None:
                how = dict(fields["augment"])
                parts["augment"] = Augment(**how | {"shape": _pair(how["shape"])})
            config = cls(
                Recipe(**fields | parts),
                os.fspath(content["data"]),  # refuses what is no string
                float(content["validation"]),
                None if content["test"] is None else float(content["test"]),
                int(content["seed"]),
                None if content.get("label") is None else os.fspath(content["label"]),
                None if content.get("shape") is None else _pair(content["shape"]),
                int(content.get("max_bytes", MAX_BYTES)),
                bool(content["pictures"]),
                None if content["data_hash"] is None else str(content["data_hash"]),
                None if content.get("split_seed") is None else int(content["split_seed"]),
                None if content.get("corrupt") is None else str(content["corrupt"]),
            )
            check_config(config)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
            raise ConfigError(f"{path}: is incomplete or damaged ({error})") from error
        return config


def read_versions(path: Path, what: str = "versions") -> dict[str, Any]:
    """Read what a run was begun with.

    Parameters
    ----------
    path : Path
        Its ``config.json``.
    what : str
        ``"versions"``, as `glassnet.compute.describe` gives it, with glassnet's version; or
        ``"computer"``, as `glassnet.compute.describe_cpu` gives it.

    Returns
    -------
    dict
        Empty where nobody wrote it down.
    """
    versions = json.loads(path.read_text(encoding="utf-8")).get(what)
    return versions if isinstance(versions, dict) else {}


def _pair(sides: Any) -> tuple[int, int]:
    height, width = (int(side) for side in sides)
    return height, width


def check_config(config: RunConfig) -> None:
    """Refuse a configuration that cannot be trained.

    Parameters
    ----------
    config : RunConfig
        From a user or a file.

    Raises
    ------
    ConfigError
        If a name is unknown or a number out of range.
    """
    recipe = config.recipe
    check_fraction("validation", config.validation)
    if config.test is not None:
        check_fraction("test", config.test)
    for seed in (config.seed, config.split_seed or 0):
        if seed < 0:
            raise ConfigError(f"seed: needs a whole number, at least 0, got {seed}")
    check_limit(config.max_bytes)
    for name, family in NAMES_OF.items():
        canonical(name, family, getattr(recipe, name))
    if config.corrupt is not None:
        canonical("corrupt", CORRUPTIONS, config.corrupt)
    if not (math.isfinite(recipe.bias) and 0 < recipe.gain < math.inf > recipe.input_scale > 0):
        raise ConfigError(
            "gain, input_scale: need numbers above 0, bias any finite one, "
            f"got {recipe.gain}, {recipe.input_scale}, {recipe.bias}"
        )
    for view in (recipe.preprocess, *recipe.members):
        Preprocessing.parse(view)
    for name in recipe.activation:
        canonical("activation", ACTIVATIONS, name)
    for number in (*recipe.hidden, recipe.epochs, recipe.min_updates):
        operator.index(number)
    if any(width < 1 for width in recipe.hidden):
        raise ConfigError(
            f"hidden: needs widths above 0, got {','.join(map(str, recipe.hidden))}; "
            "'none' for no hidden layer"
        )
    if len(recipe.activation) not in (1, len(recipe.hidden)):
        raise ConfigError(
            f"activation: needs one name, or one for each of {len(recipe.hidden)} hidden layers, "
            f"got {len(recipe.activation)}"
        )
    if not 0 < recipe.learning_rate < float("inf"):
        raise ConfigError(f"learning_rate: needs a number above 0, got {recipe.learning_rate}")
    if recipe.batch_size != "full" and operator.index(recipe.batch_size) < 1:
        raise ConfigError(
            f"batch_size: needs a whole number above 0 or 'full', got {recipe.batch_size}"
        )
    if not 0 <= recipe.augment_decay_fraction <= 1:
        raise ConfigError(
            "augment_decay_fraction: needs a share from 0 to 1, "
            f"got {recipe.augment_decay_fraction}"
        )
    if recipe.epochs < 0:
        raise ConfigError(f"epochs: needs a whole number, at least 0, got {recipe.epochs}")
    make_optimizer(recipe)
