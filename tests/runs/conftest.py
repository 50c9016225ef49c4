"""Tiny datasets that a network can learn, as IDX files."""

import struct
from pathlib import Path

import numpy as np
import pytest


def write_pair(folder: Path, part: str, n: int, seed: int) -> None:
    """Write images of 4 x 4 in three classes; the class is the index of the bright row."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    labels = np.arange(n, dtype=np.uint8) % 3
    images = rng.integers(0, 60, (n, 4, 4), np.uint8)
    images[np.arange(n), labels] += 180
    header = struct.pack(">BBBB3I", 0, 0, 8, 3, n, 4, 4)
    (folder / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
    header = struct.pack(">BBBB1I", 0, 0, 8, 1, n)
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write data/two (with a test set), data/one (without) and data/mnist; work in desk."""
    root = tmp_path / "data"
    write_pair(root / "two", "train", 60, 1)
    write_pair(root / "two", "t10k", 21, 2)
    write_pair(root / "one", "train", 60, 3)
    write_pair(root / "mnist", "train", 48, 4)
    write_pair(root / "mnist", "t10k", 12, 5)
    desk = tmp_path / "desk"
    desk.mkdir()
    monkeypatch.setenv("GLASSNET_DATA", str(root))
    monkeypatch.chdir(desk)
    return root
