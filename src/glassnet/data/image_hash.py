"""Content hashes of images, used to find test images among the training images.

A hash consists of two 32-bit numbers, each the upper half of

    m_0 n_pixels + m_1 w_1 + m_2 w_2 + ... + m_k w_k   modulo 2^64

where w_1 to w_k are the image's bytes in words of four, and the m are random 64-bit multipliers.
Two different images of the same size collide with probability 2^-64: if a word differs by d, the
sums differ by m d, which is uniform over the multiples of the largest power of 2 that divides d,
and that power is below 2^32 (multilinear hashing: Lemire and Kaser 2014, "Strongly universal string
hashing is fast", The Computer Journal 57). The probability of any collision among 70,000 images is
1.3e-10. The multipliers are fixed constants, so deliberate collisions are possible.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from glassnet.types import Array

BLOCK = 512  # images: 0.8 MB of words for images of 28 x 28
GOLDEN = 0x9E3779B97F4A7C15  # SplitMix64's step, 2^64 divided by the golden ratio


@dataclass(frozen=True, eq=False)
class ImageHashes:
    """Content hashes of a dataset's images.

    Parameters
    ----------
    source : str
        Name or path of the dataset.
    hashes : mapping of str to ndarray of uint64, (n,)
        One hash per image, for each set (``train``, ``validation``, ``test``).
    """

    source: str
    hashes: Mapping[str, Array]

    @property
    def training(self) -> Array:
        """Sorted unique hashes of the training and validation images."""
        used = [self.hashes[part] for part in ("train", "validation") if part in self.hashes]
        return np.unique(np.concatenate(used))


def hash_images(images: Array) -> Array:
    """Hash the pixels of each image.

    Parameters
    ----------
    images : ndarray, (n, height, width) or (n, n_pixels)
        Integers 0 to 255, or floats in [0, 1], which are rounded to the nearest of 256 levels.

    Returns
    -------
    ndarray of uint64, (n,)
        The same on every machine.
    """
    n, n_pixels = len(images), math.prod(images.shape[1:])
    n_words = -(-n_pixels // 4)
    # A row of multipliers for each half of the hash; the first column multiplies n_pixels.
    multipliers = np.ascontiguousarray(_multipliers(2 * (n_words + 1)).reshape(-1, 2).T)
    sums = np.empty((n, 2), np.uint64)
    for start in range(0, n, BLOCK):
        block = images[start : start + BLOCK].reshape(-1, n_pixels)
        words = _as_bytes(block, 4 * n_words).view("<u4").astype(np.uint64)
        np.einsum("ij,kj->ik", words, multipliers[:, 1:], out=sums[start : start + BLOCK])
    sums += multipliers[:, 0] * np.uint64(n_pixels)
    return sums[:, 0] >> np.uint64(32) << np.uint64(32) | sums[:, 1] >> np.uint64(32)


def _as_bytes(block: Array, width: int) -> Array:
    """Convert pixels to bytes, each row zero-padded to `width` bytes."""
    if block.dtype.kind == "f":
        block = np.rint(block * 255)
    pixels = np.ascontiguousarray(block, np.uint8)
    missing = width - pixels.shape[1]
    return np.pad(pixels, ((0, 0), (0, missing))) if missing else pixels


def _multipliers(count: int) -> Array:
    """Return the first outputs of SplitMix64 for seed 0 (Steele, Lea and Flood 2014)."""
    z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
