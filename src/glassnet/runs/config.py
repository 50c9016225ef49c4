"""RunConfig: everything needed to repeat a run."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from glassnet import __version__, compute
from glassnet.data.dataset import VALIDATION_FRACTION, Dataset, check_fraction
from glassnet.data.readers.gzip_io import MAX_BYTES, check_limit
from glassnet.data.sources.load import load_dataset
from glassnet.data.transforms.corruption import CORRUPTIONS, corrupt
from glassnet.errors import ConfigError, canonical
from glassnet.hyperparameters import hyperparameters
from glassnet.json_values import from_json
from glassnet.recipe import Recipe, make_optimizer

FORMAT = 1
REQUIRED = ("recipe", "data", "validation", "test", "seed", "pictures", "data_hash")


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Everything needed to repeat a run.

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
        Of the split, the initialisation and the shuffling, each a separate stream.
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
        How to corrupt the data: a name of `glassnet.data.transforms.corruption`, or None.
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
        """Load the dataset, divided into its parts.

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
        """Return the configuration as JSON, with the versions and the computer.

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
            known = {f.name for f in fields(cls)} & content.keys() | set(REQUIRED)
            config: RunConfig = from_json(cls, {name: content[name] for name in known})
            check_config(config)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
            raise ConfigError(f"{path}: is incomplete or damaged ({error})") from error
        return config


def read_versions(path: Path, what: str = "versions") -> dict[str, Any]:
    """Read the versions and the computer that a run was started with.

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


def check_config(config: RunConfig) -> None:
    """Validate a configuration.

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
    if config.corrupt is not None:
        canonical("corrupt", CORRUPTIONS, config.corrupt)
    for name, declared in hyperparameters(type(recipe)).items():
        declared.check(getattr(recipe, name))
    if len(recipe.activation) not in (1, len(recipe.hidden)):
        raise ConfigError(
            f"activation: needs one name, or one for each of {len(recipe.hidden)} hidden layers, "
            f"got {len(recipe.activation)}"
        )
    make_optimizer(recipe)
