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
    """Read images (n, 784) and labels (n,) to train on, then those to test on, uint8."""
    arrays = []
    for name, offset in zip(NAMES, (16, 8, 16, 8), strict=True):
        packed = (Path(folder) / name).read_bytes()
        arrays.append(np.frombuffer(gzip.decompress(packed), np.uint8, offset=offset))
    return [arrays[0].reshape(-1, 784), arrays[1], arrays[2].reshape(-1, 784), arrays[3]]
