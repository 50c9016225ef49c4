"""MNIST's four files, read with gzip and NumPy, as a script without a library does it."""

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
    """Read images (n, 784) and labels (n,) to train on, then those to test on, uint8.

    To train on are 55,000, as many as glassnet leaves when it takes its validation part out.
    """
    arrays = []
    for name, offset in zip(NAMES, (16, 8, 16, 8), strict=True):
        packed = (Path(folder) / name).read_bytes()
        arrays.append(np.frombuffer(gzip.decompress(packed), np.uint8, offset=offset))
    X, y, X_test, y_test = arrays
    return [X.reshape(-1, 784)[:55_000], y[:55_000], X_test.reshape(-1, 784), y_test]
