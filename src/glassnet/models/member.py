"""Members of a model: networks with their preprocessing, their validation and description."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.data.transforms.preprocessing import PLAIN, Preprocessing
from glassnet.errors import ConfigError
from glassnet.nn.network import Network
from glassnet.types import Array


@dataclass(frozen=True)
class Member:
    """A network and its preprocessing.

    Parameters
    ----------
    network : Network
        Fused for inference (see `Network.for_inference`) into equivalent dense layers.
    preprocessing : Preprocessing
        Applied to each image; plain by default.

    Examples
    --------
    >>> import numpy as np
    >>> import glassnet as gn
    >>> network = gn.mlp([784, 32, 10], rng=np.random.default_rng(0))
    >>> member = gn.Member(network, gn.Preprocessing(deskew=True))
    >>> gn.Model(members=(member,), image_shape=(28, 28))
    Model(784 -> 32 relu -> 10 softmax, 25,450 parameters, float32; preprocessing 1 x deskew; \
images of 28 x 28)
    """

    network: Network
    preprocessing: Preprocessing = PLAIN

    def __post_init__(self) -> None:
        """Fuse the network for inference."""
        object.__setattr__(self, "network", self.network.for_inference())


def check_members(members: Sequence[Member], image_shape: tuple[int, int] | None) -> None:
    """Check that all members fit the image shape and have the same number of classes.

    Raises
    ------
    ConfigError, ShapeError
        If they do not match.
    """
    sizes = {(member.network.n_in, member.network.n_classes) for member in members}
    if len(sizes) != 1:
        pairs = " and ".join(f"{n_in} -> {n_classes}" for n_in, n_classes in sorted(sizes))
        raise ConfigError(f"model: needs members of one size, got {pairs or 'none'}")
    ((n_in, _),) = sizes
    if image_shape is not None and (min(image_shape) < 1 or math.prod(image_shape) != n_in):
        size = " x ".join(map(str, image_shape))
        raise ConfigError(f"image_shape: images of {size} do not fit {n_in} inputs")
    for member in members:
        member.preprocessing.check((n_in,) if image_shape is None else image_shape)


def describe(members: Sequence[Member]) -> str:
    """Summarise the members of a model in words.

    For example ``"784 -> 128 relu -> 10 softmax, 101,770 parameters, float32"``. The summary of
    several members gives their number; preprocessing is listed unless all are plain.
    """
    text = repr(members[0].network).removeprefix("Network(").removesuffix(")")
    if len(members) > 1:
        networks = [member.network.params for member in members]
        n_parameters = sum(theta.size for params in networks for theta in params.values())
        text = f"{len(members)} networks, {n_parameters:,} parameters"
    counts = Counter(str(member.preprocessing) for member in members)
    if set(counts) == {str(PLAIN)}:
        return text
    return f"{text}; preprocessing " + ", ".join(
        f"{n} x {name}" for name, n in sorted(counts.items())
    )


def apply_temperature(probabilities: Array, temperature: float) -> Array:
    """Apply a temperature T to probabilities: p_k^(1/T) / sum_j p_j^(1/T).

    Returns
    -------
    ndarray, (n, n_classes)
        Rows that sum to 1; the same array for T = 1.
    """
    if temperature == 1:
        return probabilities
    # Dividing by the row's maximum first keeps at least that entry above 0 for a small T.
    powers: Array = (probabilities / probabilities.max(axis=1, keepdims=True)) ** (1 / temperature)
    powers /= powers.sum(axis=1, keepdims=True)
    return powers
