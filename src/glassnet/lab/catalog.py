"""Catalog: the networks and images available in the Lab."""

import threading
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path

import numpy as np

from glassnet.data.dataset import Dataset, Split
from glassnet.data.handwriting.stages import stages
from glassnet.data.sources.load import load_dataset
from glassnet.data.sources.locate import find
from glassnet.errors import ConfigError, DataNotFoundError, MissingExtraError
from glassnet.models.files import load
from glassnet.models.model import Model
from glassnet.types import Array

FOLDER = Path(str(files("glassnet") / "lab" / "networks"))
LAB_NETWORKS = ("784-32-10", "784-10")  # small enough to show every weight
SHIPPED_MODELS = ("mnist", "mnist-small")
DATASETS = ("mnist", "sample")  # in order of preference
SIDE = 28


@dataclass(frozen=True, eq=False)
class Pictures:
    """A dataset with its name and access to its images by set and index."""

    name: str
    dataset: Dataset

    def part(self, name: str) -> Split:
        """Return the ``"train"``, ``"validation"`` or ``"test"`` set.

        Raises
        ------
        ConfigError
            If there is no such set.
        """
        split = {
            "train": self.dataset.train,
            "validation": self.dataset.validation,
            "test": self.dataset.test,
        }.get(name)
        if split is None:
            raise ConfigError(f"part: needs train, validation or test, got {name!r}")
        return split

    def image(self, part: str, index: int) -> tuple[Array, int]:
        """Return an image, (height, width) uint8, and its label.

        Raises
        ------
        ConfigError
            If there is no such set or index.
        """
        split = self.part(part)
        if not 0 <= index < len(split):
            raise ConfigError(
                f"index: needs 0 to {len(split) - 1:,} in the {part} set, got {index}"
            )
        return split.images[index], int(split.labels[index])


class Catalog:
    """Networks and images available in the Lab, each loaded on first use.

    Parameters
    ----------
    given : str, optional
        A run's folder or a model file, listed first.
    """

    def __init__(self, given: str | None = None) -> None:
        self._lock = threading.Lock()
        self._models: dict[str, Model] = {}
        self.given = None if given in (*LAB_NETWORKS, *SHIPPED_MODELS) else given
        self.first = given or LAB_NETWORKS[0]
        if given is not None:
            self.model(self.first)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all networks, starting with the given one."""
        return (*(() if self.given is None else (self.given,)), *LAB_NETWORKS, *SHIPPED_MODELS)

    def model(self, name: str) -> Model:
        """Return a network by name.

        Raises
        ------
        ConfigError
            If there is no such network, or its images are not 28 x 28 pixels.
        """
        if name not in self.names:
            raise ConfigError(f"network: needs one of {', '.join(self.names)}, got {name!r}")
        with self._lock:
            if name not in self._models:
                is_lab_network = name in LAB_NETWORKS
                model = load(FOLDER / f"{name}.safetensors" if is_lab_network else name)
                if model.n_in != SIDE * SIDE:
                    raise ConfigError(
                        f"{name}: needs a network with {SIDE} x {SIDE} inputs, "
                        f"got one with {model.n_in}"
                    )
                self._models[name] = model
            return self._models[name]

    @cached_property
    def pictures(self) -> Pictures | None:
        """MNIST or the sample if installed, otherwise None; nothing is downloaded."""
        with self._lock:
            for name in DATASETS:
                try:
                    find(name)
                except (DataNotFoundError, MissingExtraError):
                    continue
                return Pictures(name, load_dataset(name))
        return None

    def require_pictures(self) -> Pictures:
        """Return the images; raise `DataNotFoundError` if none are installed."""
        if self.pictures is None:
            raise DataNotFoundError(
                "data: no images are installed; 'glassnet data fetch mnist' downloads MNIST, "
                "and pip install 'glassnet[sample]' installs 5,000 of its images"
            )
        return self.pictures

    def warm_up(self) -> None:
        """Load the first network and the test images."""
        self.model(self.first)
        if self.pictures is not None:
            self.pictures.part("test")

    def warm_up_reading(self) -> None:
        """Classify a blank drawing, so that the first request is as fast as later ones."""
        blank = np.full((SIDE, SIDE), 255, np.uint8)
        stages(blank)
        self.model(self.first).predict(blank[None])

    def owns(self, images: Array) -> bool:
        """Return whether images share memory with the catalog's training images."""
        pictures = self.pictures
        return pictures is not None and np.may_share_memory(images, pictures.dataset.train.images)

    def subset(self, n_train: int, seed: int) -> Dataset:
        """Return the dataset with at most `n_train` training images, drawn at random."""
        dataset = self.require_pictures().dataset
        train = dataset.train
        if n_train >= len(train):
            return dataset
        rows = np.random.default_rng([seed, 9]).permutation(len(train))[:n_train]
        return replace(dataset, train=train.take(rows))
