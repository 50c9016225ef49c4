"""Resuming a run gives the same bits as an uninterrupted one, from any step."""

import hashlib
import json
import os
import pathlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.errors import ConfigError, GlassnetError, ModelFileError
from glassnet.runs import run as run_module
from glassnet.runs.checkpoint import read_checkpoint
from glassnet.runs.configure import configure
from glassnet.runs.run import Run

SETUPS: list[dict[str, Any]] = [
    {"optimizer": "adam"},
    {"optimizer": "nesterov", "weight_decay": 0.01, "schedule": "step_decay"},
    {"optimizer": "adamw", "hidden": ()},
    {"optimizer": "sgd", "batch_size": "full", "epochs": 6},
    {"hidden": (6, 5), "batch_norm": True, "dropout": 0.3, "input_dropout": 0.1, "noise": 0.2},
    {"augment": "rotation=20,shift=1,elastic=1,group=3", "label_smoothing": 0.1, "max_norm": 1.0},
    {"batch_norm": True, "ema_decay": 0.9, "augment": "scale=0.2", "schedule": "one_cycle"},
]
STEPS = 18  # 55 images in batches of 10, three epochs


class Killed(BaseException):
    """Stands for a power cut: no handler catches it."""


def start(**changes: Any) -> Run:
    options: dict[str, Any] = {"hidden": (6,), "batch_size": 10, "epochs": 3} | changes
    return Run.start(configure("fast", "two", pictures=False, **options))


def complete(run: Run) -> str:
    with run:
        list(run.train())
        run.finish()
    return digest(run.folder)


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def killed_after(run: Run, n_steps: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Train for `n_steps`, with a checkpoint after each, and stop without cleaning up."""
    original, n_made = type(run.training)._step, 0

    def step(self: Any, rows: Any) -> None:
        nonlocal n_made
        if n_made == n_steps:
            raise Killed
        n_made += 1
        original(self, rows)

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "CHECKPOINT_SECONDS", -1.0)
        patch.setattr(type(run.training), "_step", step)
        with run, pytest.raises(Killed):
            list(run.train())
    return run.folder


@pytest.mark.parametrize("setup", SETUPS, ids=str)
def test_resuming_from_any_step_gives_the_same_bits(
    setup: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    uninterrupted = start(**setup)
    expected = complete(uninterrupted)
    for n_steps in (0, 1, 5, 6, 7, STEPS - 1):
        if n_steps >= uninterrupted.records[-1].step:
            continue
        folder = killed_after(start(**setup), n_steps, monkeypatch)
        again, warning = Run.resume(folder)
        assert warning is None
        assert again.training.step == n_steps
        assert complete(again) == expected
        assert [r.train_loss for r in again.records] == [
            r.train_loss for r in uninterrupted.records
        ]
        assert Run.is_finished(folder)


def test_resuming_repeatedly_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = complete(start())
    folder = killed_after(start(), 2, monkeypatch)
    for _ in range(3):
        folder = killed_after(Run.resume(folder)[0], 4, monkeypatch)
    assert complete(Run.resume(folder)[0]) == expected


def test_a_run_stopped_before_it_finished_can_finish(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = complete(start())
    run = start()
    with run:
        list(run.train())  # trained, but without results yet
    again, _ = Run.resume(run.folder)
    assert list(again.train()) == []
    again.finish()
    assert digest(run.folder) == expected


def test_a_run_without_a_checkpoint_starts_over() -> None:
    expected = complete(start())
    with start() as run:
        folder = run.folder
    assert complete(Run.resume(folder)[0]) == expected


def test_the_history_is_rewritten_from_the_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = killed_after(start(), 13, monkeypatch)
    (folder / "history.csv").write_text("nonsense")
    complete(Run.resume(folder)[0])
    lines = (folder / "history.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["epoch", "1", "2", "3"]


def test_a_finished_run_has_no_checkpoint() -> None:
    run = start()
    complete(run)
    assert sorted(path.name for path in run.folder.iterdir() if path.name != ".lock") == [
        "config.json",
        "history.csv",
        "metrics.json",
        "model.safetensors",
        "training_hashes.safetensors",
    ]


def test_a_second_process_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = killed_after(start(), 3, monkeypatch)
    with Run.resume(folder)[0], pytest.raises(ConfigError, match="another process is using"):
        Run.resume(folder)
    with Run.resume(folder)[0]:
        pass


def test_changed_data_are_rejected(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = killed_after(start(), 3, monkeypatch)
    images = data / "two" / "train-images-idx3-ubyte"
    content = bytearray(images.read_bytes())
    content[100] ^= 1
    images.write_bytes(content)
    with pytest.raises(ConfigError, match="has changed since"):
        Run.resume(folder)


def test_changed_versions_are_reported_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = killed_after(start(), 3, monkeypatch)
    config = folder / "config.json"
    content = json.loads(config.read_text())
    content["versions"]["kernel"] = "Katmai"
    config.write_text(json.dumps(content))
    run, warning = Run.resume(folder)
    with run:
        assert warning is not None
        assert "bits may differ" in warning
        assert "kernel Katmai -> " in warning
        assert "\n" not in warning


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _nan(content: bytes) -> bytes:
    return content[:-8] + np.full(2, np.nan, np.float32).tobytes()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_cut, "is damaged"),
        (lambda _: b"", "is damaged"),
        (lambda _: b"\x80\x04\x95", "is damaged"),
        (_nan, "holds NaN or infinite values"),
        (lambda content: content.replace(b'\\"format\\": 2', b'\\"format\\": 9'), "got format 9"),
        (lambda content: content.replace(b"params/W1", b"params/W7"), "params/W"),
    ],
)
def test_a_damaged_checkpoint_is_reported_in_one_line(
    damage: Callable[[bytes], bytes], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = killed_after(start(), 3, monkeypatch)
    checkpoint = folder / "checkpoint.safetensors"
    damaged = damage(checkpoint.read_bytes())
    assert damaged != checkpoint.read_bytes()
    checkpoint.write_bytes(damaged)
    with pytest.raises(ModelFileError, match=message) as raised:
        Run.resume(folder)
    assert str(raised.value).startswith(str(checkpoint))
    assert "\n" not in str(raised.value)


def test_a_checkpoint_of_another_network_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = killed_after(start(), 3, monkeypatch)
    with start(hidden=(7,)) as other:
        before = other.training.network.params["W1"].copy()
        with pytest.raises(ModelFileError, match="needs float32"):
            read_checkpoint(folder / "checkpoint.safetensors", other.training)
        np.testing.assert_array_equal(other.training.network.params["W1"], before)


@pytest.mark.parametrize("place", ["open", "fsync", "replace"])
@pytest.mark.parametrize("failing_write", range(8))
def test_a_failed_write_leaves_the_last_checkpoint_intact(
    place: str, failing_write: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = complete(start())
    run = start()
    calls = 0

    def failing(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > failing_write:
                raise OSError(28, "No space left on device")
            return original(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "CHECKPOINT_SECONDS", -1.0)
        if place == "fsync":
            patch.setattr(os, "fsync", failing(os.fsync))
        else:
            patch.setattr(pathlib.Path, place, failing(getattr(pathlib.Path, place)))
        with run, pytest.raises(GlassnetError, match="No space left on device") as raised:
            list(run.train())
    assert f"--resume {run.folder}" in str(raised.value)
    assert not list(run.folder.glob("*.part"))
    assert not list(run.folder.glob(".*.part"))
    again, _ = Run.resume(run.folder)
    assert complete(again) == expected


def test_remnants_of_an_interrupted_write_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = killed_after(start(), 3, monkeypatch)
    (folder / ".checkpoint.safetensors.999.part").write_bytes(b"half")
    complete(Run.resume(folder)[0])
    assert not list(folder.glob(".*.part"))


def test_damaged_training_hashes_are_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = killed_after(start(), 3, monkeypatch)
    uninterrupted = (folder / "training_hashes.safetensors").read_bytes()
    (folder / "training_hashes.safetensors").write_bytes(uninterrupted[:40])
    complete(Run.resume(folder)[0])
    assert (folder / "training_hashes.safetensors").read_bytes() == uninterrupted


def test_a_run_without_its_model_is_not_finished() -> None:
    run = start()
    expected = complete(run)
    (run.folder / "model.safetensors").unlink()
    assert not Run.is_finished(run.folder)
    assert complete(Run.resume(run.folder)[0]) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb"\"epoch\": 0", rb"\"epoch\": 9"),
        (rb"\"step\": 3", rb"\"step\": 7"),
        (rb"\"n_correct\"", rb"\"n_wrong\""),
    ],
)
def test_a_modified_checkpoint_is_rejected(
    old: bytes, new: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = killed_after(start(), 3, monkeypatch)
    checkpoint = folder / "checkpoint.safetensors"
    content = checkpoint.read_bytes()
    assert old in content
    checkpoint.write_bytes(content.replace(old, new))
    with pytest.raises(ModelFileError, match="is damaged"):
        Run.resume(folder)


def test_a_failed_start_leaves_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GlassnetError, match="No space left"):
        start()
    assert not Path("runs").exists()
