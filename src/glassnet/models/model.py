"""Model: one or more trained networks with everything needed for inference."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from glassnet.data.transforms.preprocessing import PLAIN, Preprocessing, shifted
from glassnet.errors import ConfigError, ShapeError, whole_number
from glassnet.models.member import Member, apply_temperature, check_members, describe
from glassnet.nn.network import Network
from glassnet.nn.validation import check_images
from glassnet.types import Array


@dataclass(frozen=True, kw_only=True)
class Model:
    """A classifier that consists of one network or an ensemble, ready for inference.

    The networks' probabilities are averaged to p and scaled by the temperature T:
    p_k^(1/T) / sum_j p_j^(1/T). For a single network this is softmax(logits / T).

    Parameters
    ----------
    members : tuple of Member
        At least one; all with the same numbers of inputs and classes.
    image_shape : tuple of int or None
        Height and width of the images; None if only the number of pixels is known.
    temperature : float
        T, from 0.01 to 100. Values above 1 lower the confidence, values below 1 raise it; the most
        probable class stays the same.
    threshold : float or None
        Predictions with a lower confidence count as unsure; None for no threshold.
    classes : tuple of str
        Names of the classes; ``"0"``, ``"1"``, ... by default.

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", section 4.2 (the temperature).

    Examples
    --------
    >>> import glassnet as gn
    >>> model = gn.load("mnist-small")
    >>> images = gn.load_dataset("sample").test.images
    >>> probabilities = model.predict_proba(images)
    >>> probabilities[183].round(1)
    array([0. , 0.1, 0. , 0. , 0. , 0. , 0. , 0.9, 0. , 0. ], dtype=float32)
    >>> f"{model.is_unsure(probabilities).sum()} of {len(images)} predictions are unsure"
    '4 of 1000 predictions are unsure'
    """

    members: tuple[Member, ...]
    image_shape: tuple[int, int] | None = None
    temperature: float = 1.0
    threshold: float | None = None
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Validate the fields, and set default class names."""
        check_members(self.members, self.image_shape)
        if not self.classes:
            object.__setattr__(self, "classes", tuple(map(str, range(self.n_classes))))
        is_named = all(isinstance(name, str) for name in self.classes)
        if not is_named or not len(set(self.classes)) == len(self.classes) == self.n_classes:
            raise ConfigError(f"classes: need {self.n_classes} different names")
        if not 0.01 <= self.temperature <= 100:
            raise ConfigError(f"temperature: needs 0.01 to 100, got {self.temperature!r}")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ConfigError(f"threshold: needs a probability, got {self.threshold!r}")

    @classmethod
    def of(
        cls,
        network: Network,
        image_shape: tuple[int, int] | None = None,
        preprocessing: Preprocessing = PLAIN,
    ) -> Self:
        """Wrap a single network in a model."""
        return cls(members=(Member(network, preprocessing),), image_shape=image_shape)

    @property
    def network(self) -> Network:
        """The only network, fused for inference; raises `ConfigError` if there are several."""
        if len(self.members) > 1:
            raise ConfigError(
                f"model: needs a single network for this, got an ensemble of {len(self.members)}"
            )
        return self.members[0].network

    @property
    def n_in(self) -> int:
        """Number of pixels per image."""
        return self.members[0].network.n_in

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return self.members[0].network.n_classes

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of the probabilities."""
        return np.result_type(*(member.network.dtype for member in self.members))

    def __repr__(self) -> str:
        """Return a one-line summary."""
        parts = [describe(self.members)]
        if self.image_shape is not None:
            parts.append("images of {} x {}".format(*self.image_shape))
        if self.temperature != 1:
            parts.append(f"temperature {self.temperature:g}")
        if self.threshold is not None:
            parts.append(f"threshold {self.threshold:g}")
        return f"Model({'; '.join(parts)})"

    def predict_proba(self, X: ArrayLike, *, shifts: int = 0) -> Array:
        """Compute class probabilities, (n, n_classes).

        Parameters
        ----------
        X : array-like, (n, height, width) or (n, n_in)
            Integers 0 to 255, or floats in [0, 1].
        shifts : int
            Test-time augmentation: average the probabilities over copies of the image shifted
            by up to this number of pixels vertically and horizontally; 1 makes nine copies.

        Raises
        ------
        ShapeError, DataError
            If `X` has another shape, dtype or range.
        ConfigError
            If the images are too small for the shifts.
        """
        images = self._images(X)
        shifts = whole_number("shifts", shifts, 0)
        if shifts and (images.ndim < 3 or shifts >= min(images.shape[1:])):
            size = " x ".join(map(str, images.shape[1:]))
            raise ConfigError(f"shifts: needs larger images for {shifts}, got {size} pixels")
        total, n_passes = np.zeros((len(images), self.n_classes), self.dtype), 0
        for member in self.members:
            for pictures in shifted(member.preprocessing(images), shifts):
                total += member.network.predict_proba(pictures)
                n_passes += 1
        total /= n_passes
        return apply_temperature(total, self.temperature)

    def predict(self, X: ArrayLike, *, shifts: int = 0) -> Array:
        """Return the most probable class for each image, (n,) int, ignoring the threshold.

        Parameters and errors are those of `predict_proba`.
        """
        classes: Array = self.predict_proba(X, shifts=shifts).argmax(axis=1)
        return classes

    def is_unsure(self, probabilities: Array) -> Array:
        """Return whether the confidence of each prediction is below the threshold, (n,) bool."""
        unsure: Array = probabilities.max(axis=1) < (self.threshold or 0)
        return unsure

    def _images(self, X: ArrayLike) -> Array:
        """Validate images, and reshape them to (n, height, width) if the size is known."""
        shape, needed = np.shape(X), self.image_shape
        if needed is not None and len(shape) == 3 and shape[1:] != needed:
            expected, size = (" x ".join(map(str, size)) for size in (needed, shape[1:]))
            raise ShapeError(f"images: the model reads images of {expected}, got {size}")
        rows = check_images(X, self.n_in)
        return rows.reshape(len(rows), *(needed or shape[1:]))
