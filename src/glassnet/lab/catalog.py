"""Catalog: the networks and the images that are at hand."""

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
OWN = ("784-32-10", "784-10")  # come with the Lab, small enough to see whole
SHIPPED = ("mnist", "mnist-small")  # of glassnet
DATA = ("mnist", "sample")  # the first that is here
SIDE = 28


@dataclass(frozen=True, eq=False)
class Pictures:
    """The images at hand.

    Parameters
    ----------
    name : str
        Of the dataset.
    dataset : Dataset
        In three parts.
    """

    name: str
    dataset: Dataset

    def part(self, name: str) -> Split:
        """Return one part.

        Parameters
        ----------
        name : str
            ``"train"``, ``"validation"`` or ``"test"``.

        Returns
        -------
        Split
            Its images.

        Raises
        ------
        ConfigError
            If there is none of that name.
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
        """Return one image with its label.

        Parameters
        ----------
        part : str
            As for `part`.
        index : int
            From 0.

        Returns
        -------
        image : ndarray of uint8, (height, width)
            Grey values.
        label : int
            What it shows.

        Raises
        ------
        ConfigError
            If there is none of that number.
        """
        split = self.part(part)
        if not 0 <= index < len(split):
            raise ConfigError(f"index: {part} has images 0 to {len(split) - 1:,}, got {index}")
        return split.images[index], int(split.labels[index])


class Catalog:
    """The networks and the images that are at hand, each loaded when it is first asked for.

    Parameters
    ----------
    given : str, optional
        A run's folder or a model file, to begin with.
    """

    def __init__(self, given: str | None = None) -> None:
        self._lock = threading.Lock()
        self._models: dict[str, Model] = {}
        self.given = None if given in (*OWN, *SHIPPED) else given
        self.first = given or OWN[0]
        if given is not None:
            self.model(self.first)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all models.

        Returns
        -------
        tuple of str
            What was given first.
        """
        return (*(() if self.given is None else (self.given,)), *OWN, *SHIPPED)

    def model(self, name: str) -> Model:
        """Return a model.

        Parameters
        ----------
        name : str
            One of `names`.

        Returns
        -------
        Model
            Of digits of 28 x 28 pixels.

        Raises
        ------
        ConfigError
            If there is none of that name, or it reads other images.
        """
        if name not in self.names:
            raise ConfigError(f"network: needs one of {', '.join(self.names)}, got {name!r}")
        with self._lock:
            if name not in self._models:
                model = load(FOLDER / f"{name}.safetensors" if name in OWN else name)
                if model.n_in != SIDE * SIDE:
                    raise ConfigError(
                        f"{name}: the Lab shows networks of {SIDE} x {SIDE} pixels, "
                        f"this one has {model.n_in}"
                    )
                self._models[name] = model
            return self._models[name]

    @cached_property
    def pictures(self) -> Pictures | None:
        """Return the images at hand.

        Returns
        -------
        Pictures or None
            Of MNIST, else the sample; None where neither is here. Nothing is downloaded.
        """
        with self._lock:
            for name in DATA:
                try:
                    find(name)
                except (DataNotFoundError, MissingExtraError):
                    continue
                return Pictures(name, load_dataset(name))
        return None

    def warm_up(self) -> None:
        """Load what the first visitor will ask for, so that nobody waits."""
        self.model(self.first)
        if self.pictures is not None:
            self.pictures.part("test")

    def warm_up_reading(self) -> None:
        """Read once, so that the first drawing is answered as quickly as the next."""
        blank = np.full((SIDE, SIDE), 255, np.uint8)
        stages(blank)
        self.model(self.first).predict(blank[None])

    def needed_pictures(self) -> Pictures:
        """Return the images at hand, or say how to get some.

        Returns
        -------
        Pictures
            As `pictures`.

        Raises
        ------
        DataNotFoundError
            If there are none.
        """
        if self.pictures is None:
            raise DataNotFoundError(
                "there are no images here: 'glassnet data fetch mnist' brings MNIST, "
                "pip install 'glassnet[sample]' 5,000 of its images"
            )
        return self.pictures

    def has(self, images: Array) -> bool:
        """Tell whether images are those of the catalog, and no copies.

        Parameters
        ----------
        images : ndarray
            Of a training.

        Returns
        -------
        bool
            Whether they lie in the same memory.
        """
        pictures = self.pictures
        return pictures is not None and np.may_share_memory(images, pictures.dataset.train.images)

    def to_learn(self, n_train: int, seed: int) -> Dataset:
        """Return a dataset to train on, cut to size.

        Parameters
        ----------
        n_train : int
            Training images at most.
        seed : int
            Of the choice.

        Returns
        -------
        Dataset
            The same for the same seed.

        Raises
        ------
        DataNotFoundError
            If there are no images here.
        """
        dataset = self.needed_pictures().dataset
        train = dataset.train
        if n_train >= len(train):
            return dataset
        rows = np.random.default_rng([seed, 9]).permutation(len(train))[:n_train]
        return replace(dataset, train=train.take(rows))
