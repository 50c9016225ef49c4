"""Reference implementation of shifts."""

from collections.abc import Iterator

import numpy as np

from glassnet.types import Array


def moved(images: Array, most: int) -> Iterator[Array]:
    """Shift images pixel by pixel in all directions, filling with zeros."""
    n, height, width = images.shape
    for down in range(-most, most + 1):
        for right in range(-most, most + 1):
            result = np.zeros((n, height, width), images.dtype)
            for y in range(height):
                for x in range(width):
                    if 0 <= y + down < height and 0 <= x + right < width:
                        result[:, y + down, x + right] = images[:, y, x]
            yield result
