"""Small datasets on disk, and a fixture that runs commands in this process."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from glassnet.cli import main
from glassnet.types import Array


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Glassnet = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("GLASSNET_DATA", raising=False)


@pytest.fixture
def glassnet(capfd: pytest.CaptureFixture[str]) -> Glassnet:
    def run(*arguments: str | Path) -> Outcome:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        return Outcome(code, *capfd.readouterr())

    return run


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    """Write 240 images of bars in one of three places as IDX files without a test set."""
    rng = np.random.default_rng(0)
    labels = np.arange(240, dtype=np.uint8) % 3
    images = rng.integers(60, size=(240, 6, 6), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, 2 * label : 2 * label + 2] = 230
    folder = tmp_path / "bars"
    folder.mkdir()
    header = struct.pack(">BBBBIII", 0, 0, 8, 3, *images.shape)
    (folder / "bars-images-idx3-ubyte").write_bytes(header + images.tobytes())
    header = struct.pack(">BBBBI", 0, 0, 8, 1, len(labels))
    (folder / "bars-labels-idx1-ubyte").write_bytes(header + labels.tobytes())
    return folder


def write_pair(folder: Path, part: str, images: Array, labels: Array) -> None:
    folder.mkdir(exist_ok=True)
    header = struct.pack(">BBBBIII", 0, 0, 8, 3, *images.shape)
    (folder / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
    header = struct.pack(">BBBBI", 0, 0, 8, 1, len(labels))
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(header + labels.astype(np.uint8).tobytes())


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """Write images of 20 x 20, wide enough for all preprocessing: 120 to train, 30 to test."""
    rng = np.random.default_rng(0)
    labels = np.arange(150) % 3
    images = rng.integers(0, 60, (150, 20, 20), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[5:15, 4 + 4 * label : 7 + 4 * label] = 230
    write_pair(tmp_path / "wide", "train", images[:120], labels[:120])
    write_pair(tmp_path / "wide", "t10k", images[120:], labels[120:])
    return tmp_path / "wide"
