"""Content hashes of images, by which a test image is recognized among the training images.

A hash is two numbers of 32 bits side by side, each the upper half of

    m_0 n_pixels + m_1 w_1 + m_2 w_2 + ... + m_k w_k   modulo 2^64

where w_1 to w_k are an image's bytes, four to a word, and the m are random. Two different images of
one size have the same hash with probability 2^-64: where their words differ by d, the sums differ
by m d, which is as likely any multiple of the largest power of 2 in d, and that is below 2^32
(multilinear hashing: Lemire and Kaser 2014, "Strongly universal string hashing is fast", The
Computer Journal 57). That any two of 70,000 images do so has probability 1.3e-10. The multipliers
are fixed, so this guards against accidents, not against somebody who makes images that collide.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from glassnet.types import Array

BLOCK = 512  # images at a time: 0.8 MB of words for MNIST's
GOLDEN = 0x9E3779B97F4A7C15  # SplitMix64's step, 2^64 divided by the golden ratio


@dataclass(frozen=True, eq=False)
class ImageHashes:
    """The name of a dataset, and the hashes of its images by part.

    Parameters
    ----------
    source : str
        As the user gave it.
    hashes : mapping of str to ndarray of uint64, (n,)
        For each part (``train``, ``validation``, ``test``), a hash per image.
    """

    source: str
    hashes: Mapping[str, Array]

    @property
    def training(self) -> Array:
        """Return the sorted hashes of the training and validation images."""
        used = [self.hashes[part] for part in ("train", "validation") if part in self.hashes]
        return np.unique(np.concatenate(used))


def hash_images(images: Array) -> Array:
    """Hash the pixels of each image, whatever its label, place or file.

    Parameters
    ----------
    images : ndarray, (n, height, width) or (n, n_pixels)
        Whole numbers 0 to 255; floats in [0, 1] count as the nearest of these.

    Returns
    -------
    ndarray of uint64, (n,)
        Equal for equal images, on every machine.
    """
    n, n_pixels = len(images), math.prod(images.shape[1:])
    n_words = -(-n_pixels // 4)
    # Rows of multipliers for the upper and the lower half; the first is that of n_pixels.
    multipliers = np.ascontiguousarray(_multipliers(2 * (n_words + 1)).reshape(-1, 2).T)
    sums = np.empty((n, 2), np.uint64)
    for start in range(0, n, BLOCK):
        block = images[start : start + BLOCK].reshape(-1, n_pixels)
        words = _as_bytes(block, 4 * n_words).view("<u4").astype(np.uint64)
        np.einsum("ij,kj->ik", words, multipliers[:, 1:], out=sums[start : start + BLOCK])
    sums += multipliers[:, 0] * np.uint64(n_pixels)
    return sums[:, 0] >> np.uint64(32) << np.uint64(32) | sums[:, 1] >> np.uint64(32)


def _as_bytes(block: Array, width: int) -> Array:
    """Return pixels as bytes, each row filled up with zeros to a whole number of words."""
    if block.dtype.kind == "f":
        block = np.rint(block * 255)
    pixels = np.ascontiguousarray(block, np.uint8)
    missing = width - pixels.shape[1]
    return np.pad(pixels, ((0, 0), (0, missing))) if missing else pixels


def _multipliers(count: int) -> Array:
    """Return the first numbers of SplitMix64 from the seed 0 (Steele, Lea and Flood 2014)."""
    z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
