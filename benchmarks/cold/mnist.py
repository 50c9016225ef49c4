"""Reader of the four MNIST files with gzip and NumPy."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np

NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def read_mnist(folder: str) -> list[Any]:
    """Return training images (n, 784) and labels (n,), then test images and labels, uint8.

    There are 55,000 training images, as in glassnet, which holds out the rest for validation.
    """
    arrays = []
    for name, offset in zip(NAMES, (16, 8, 16, 8), strict=True):
        packed = (Path(folder) / name).read_bytes()
        arrays.append(np.frombuffer(gzip.decompress(packed), np.uint8, offset=offset))
    X, y, X_test, y_test = arrays
    return [X.reshape(-1, 784)[:55_000], y[:55_000], X_test.reshape(-1, 784), y_test]
