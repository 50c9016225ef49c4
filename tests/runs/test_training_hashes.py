"""Training hashes: written before training, read, and rejected if damaged."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from glassnet.data.image_hash import ImageHashes, hash_images
from glassnet.errors import ModelFileError
from glassnet.runs import run as run_module
from glassnet.runs.configure import configure
from glassnet.runs.run import Run
from glassnet.runs.training_hashes import (
    TRAINING_HASHES,
    read_training_hashes,
    write_training_hashes,
)
from glassnet.types import Array

GOOD = {"train": np.array([1, 2], np.uint64), "validation": np.array([7], np.uint64)}
METADATA = {"glassnet": json.dumps({"format": 1})}


def image_hashes(train: list[int], validation: list[int] | None = None) -> ImageHashes:
    hashes = {"train": np.array(train, np.uint64), "test": np.array([99], np.uint64)}
    if validation is not None:
        hashes["validation"] = np.array(validation, np.uint64)
    return ImageHashes("digits", hashes)


@pytest.mark.parametrize("name", ["", "model.safetensors"])
def test_hashes_survive_a_round_trip(tmp_path: Path, name: str) -> None:
    write_training_hashes(tmp_path, image_hashes([2**64 - 1, 5, 3], [4, 0]))
    training_hashes = read_training_hashes(tmp_path / name)
    assert training_hashes is not None
    assert training_hashes.dtype == np.uint64
    assert training_hashes.tolist() == [0, 3, 4, 5, 2**64 - 1]  # without the test set


def test_the_file_has_two_sorted_arrays(tmp_path: Path) -> None:
    write_training_hashes(tmp_path, image_hashes([9, 1, 5], [8, 2]))
    lists = {
        name: hashes.tolist() for name, hashes in load_file(tmp_path / TRAINING_HASHES).items()
    }
    assert lists == {"train": [1, 5, 9], "validation": [2, 8]}
    assert [path.name for path in tmp_path.glob("*training_hashes*")] == [TRAINING_HASHES]


def test_without_a_validation_part_its_array_is_empty(tmp_path: Path) -> None:
    write_training_hashes(tmp_path, image_hashes([3, 1]))
    assert load_file(tmp_path / TRAINING_HASHES)["validation"].tolist() == []
    training_hashes = read_training_hashes(tmp_path)
    assert training_hashes is not None
    assert training_hashes.tolist() == [1, 3]


def test_the_file_does_not_depend_on_the_order_of_the_images(tmp_path: Path) -> None:
    written = []
    for number, train in enumerate(([1, 2, 3], [3, 1, 2])):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_training_hashes(folder, image_hashes(train, [4]))
        written.append((folder / TRAINING_HASHES).read_bytes())
    assert written[0] == written[1]


def test_without_a_file_the_hashes_are_none(tmp_path: Path) -> None:
    assert read_training_hashes(tmp_path) is None
    assert read_training_hashes(tmp_path / "model.safetensors") is None


def test_a_run_writes_its_hashes_before_its_first_epoch_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_module, "CHECKPOINT_SECONDS", 0.0)
    run = Run.start(configure("fast", "two", hidden=(3,), epochs=3, validation=0.2, seed=4))
    next(run.train())  # stopped after one epoch
    validation = run.dataset.validation
    assert validation is not None
    both = np.concatenate([run.dataset.train.images, validation.images])
    training_hashes = read_training_hashes(run.folder)
    assert training_hashes is not None
    assert sorted(hash_images(both).tolist()) == training_hashes.tolist()
    lists = load_file(run.folder / TRAINING_HASHES)
    assert lists["train"].tolist() == sorted(run.dataset.train.hashes.tolist())
    assert lists["validation"].tolist() == sorted(validation.hashes.tolist())


def damaged(folder: Path, how: str) -> None:
    path = folder / TRAINING_HASHES
    tensors: dict[str, Array] = dict(GOOD)
    metadata: dict[str, str] | None = dict(METADATA)
    if how == "a float":
        tensors["train"] = np.array([1.0])
    elif how == "a table":
        tensors["train"] = np.ones((2, 2), np.uint64)
    elif how == "one list":
        del tensors["validation"]
    elif how == "another list":
        tensors["other"] = tensors["train"]
    elif how == "no description":
        metadata = None
    elif how == "a list for a description":
        metadata = {"glassnet": "[]"}
    elif how == "a number for a description":
        metadata = {"glassnet": "1"}
    elif how == "no JSON":
        metadata = {"glassnet": "{"}
    elif how == "deep JSON":
        metadata = {"glassnet": "[" * 100_000}
    elif how == "no format":
        metadata = {"glassnet": "{}"}
    elif how == "a newer format":
        metadata = {"glassnet": '{"format": 2}'}
    save_file(tensors, path, metadata)
    if how == "cut short":
        path.write_bytes(path.read_bytes()[:-3])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "a pickle":
        path.write_bytes(pickle.dumps(GOOD))
    elif how == "a folder":
        path.unlink()
        path.mkdir()


def test_a_file_written_by_safetensors_is_read(tmp_path: Path) -> None:
    damaged(tmp_path, "not")
    training_hashes = read_training_hashes(tmp_path)
    assert training_hashes is not None
    assert training_hashes.tolist() == [1, 2, 7]


@pytest.mark.parametrize(
    "how",
    [
        "a float",
        "a table",
        "one list",
        "another list",
        "no description",
        "a list for a description",
        "a number for a description",
        "no JSON",
        "deep JSON",
        "no format",
        "a newer format",
        "cut short",
        "empty",
        "a pickle",
        "a folder",
    ],
)
def test_a_damaged_file_is_rejected(tmp_path: Path, how: str) -> None:
    damaged(tmp_path, how)
    with pytest.raises(ModelFileError) as raised:
        read_training_hashes(tmp_path)
    assert str(raised.value).startswith(f"{tmp_path / TRAINING_HASHES}: ")
    assert "\n" not in str(raised.value)
