"""RunConfig: the configuration that reproduces a run."""

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
    """Configuration that reproduces a run.

    Parameters
    ----------
    recipe : Recipe
        All hyper-parameters, with overrides applied.
    data : str
        Name or path of a dataset.
    validation : float
        Fraction of the training images that is held out, from 0 to 1.
    test : float or None
        Fraction of the images that becomes the test set; None for the source's default.
    seed : int
        Seed for the split, the initialisation and the training, which use separate streams.
    label : str or None
        Name of the label column in a table; None to detect it.
    shape : tuple of int or None
        Height and width of the images in a CSV table; None if they are square.
    max_bytes : int
        Maximum size of a decompressed file, in bytes.
    pictures : bool
        Whether to draw pictures at the end of the run.
    data_hash : str or None
        Hash of the images and labels; None before they are loaded.
    split_seed : int or None
        Seed for the split if it differs from `seed`: the members of an ensemble share one split.
    corrupt : str or None
        Name of a corruption in `glassnet.data.transforms.corruption`, or None.
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
        """Load the dataset with a deterministic split.

        Raises
        ------
        DataError, ConfigError, MissingExtraError
            See `glassnet.load_dataset`.
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
        """Return the configuration as JSON, with the software versions and the processor."""
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

        Raises
        ------
        ConfigError
            If the file is missing, damaged, or in a newer format.
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


def read_versions(path: Path, key: str = "versions") -> dict[str, Any]:
    """Read a run's software versions or processor from its ``config.json``.

    Parameters
    ----------
    path : Path
    key : {"versions", "computer"}
        ``"versions"`` for glassnet's version and `glassnet.compute.describe`, ``"computer"`` for
        `glassnet.compute.describe_cpu`.

    Returns
    -------
    dict
        Empty if they were not recorded.
    """
    versions = json.loads(path.read_text(encoding="utf-8")).get(key)
    return versions if isinstance(versions, dict) else {}


def check_config(config: RunConfig) -> None:
    """Validate a configuration from a user or a file.

    Raises
    ------
    ConfigError
        If a name is unknown or a number is out of range.
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
