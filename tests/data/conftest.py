"""Fixtures that write IDX files, and the folder of real datasets."""

import os
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

IdxBytes = Callable[..., bytes]
WritePair = Callable[..., Path]


def pack_idx(shape: Sequence[int], values: bytes, *, code: int = 8) -> bytes:
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, code, len(shape), *shape) + values


@pytest.fixture
def idx_bytes() -> IdxBytes:
    return pack_idx


@pytest.fixture
def write_pair() -> WritePair:
    """Write images (n of height x width, counting up) and labels under MNIST's names."""

    def write(folder: Path, part: str, labels: Sequence[int], height: int, width: int) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        size = len(labels) * height * width
        values = bytes(number % 256 for number in range(size))
        images_path = folder / f"{part}-images-idx3-ubyte"
        images_path.write_bytes(pack_idx((len(labels), height, width), values))
        labels_path = folder / f"{part}-labels-idx1-ubyte"
        labels_path.write_bytes(pack_idx((len(labels),), bytes(labels)))
        return images_path

    return write


@pytest.fixture
def data_root() -> Path:
    root = os.environ.get("GLASSNET_DATA")
    if not root:
        pytest.skip("GLASSNET_DATA is not set")
    return Path(root)
