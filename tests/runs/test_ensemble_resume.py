"""Resuming an ensemble, between its members or within one, gives the same bits."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from glassnet.errors import ConfigError, StoppedError
from glassnet.nn.training import Training
from glassnet.runs import ensemble_run as ensemble_module
from glassnet.runs import run as run_module
from glassnet.runs.ensemble_run import EnsembleRun
from glassnet.runs.folder import locked
from glassnet.runs.run import Run
from tests.runs.ensembles import complete, ensemble_of, table

STEPS = 12  # of each member: 55 images in batches of 10, two epochs


class Killed(BaseException):
    """Stands for a power cut: no handler catches it."""


def start(**changes: Any) -> EnsembleRun:
    return EnsembleRun.start(ensemble_of(batch_norm=True, augment="shift=1", **changes))


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


@pytest.fixture
def expected() -> str:
    uninterrupted = start()
    complete(uninterrupted)
    return digest(uninterrupted.folder)


def killed_after(
    ensemble: EnsembleRun, n_steps: int, monkeypatch: pytest.MonkeyPatch
) -> EnsembleRun:
    """Train for `n_steps` in total, with a checkpoint after each, and resume the ensemble."""
    original, n_made = Training._step, 0

    def step(self: Training, rows: Any) -> None:
        nonlocal n_made
        if n_made == n_steps:
            raise Killed
        n_made += 1
        original(self, rows)

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "CHECKPOINT_SECONDS", -1.0)
        patch.setattr(Training, "_step", step)
        with pytest.raises(Killed):
            complete(ensemble)
    assert not Run.is_finished(ensemble.folder)
    return EnsembleRun.resume(ensemble.folder)


def test_resuming_a_run_killed_at_any_step_gives_the_same_bits(
    expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n_steps in (0, 1, 7, STEPS - 1, STEPS, STEPS + 1, 2 * STEPS, 3 * STEPS - 1):
        again = killed_after(start(), n_steps, monkeypatch)
        left = [number for number, run, _ in _closing(again)]
        assert left == list(range(n_steps // STEPS + 1, 4))
        complete(again)
        assert digest(again.folder) == expected


def _closing(ensemble: EnsembleRun) -> Any:
    """Yield the unfinished members, and release their locks."""
    for number, run, warning in ensemble.unfinished():
        with run:
            yield number, run, warning


def test_resuming_a_run_killed_repeatedly_gives_the_same_bits(
    expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensemble = start()
    for n_steps in (5, 9, 2, 8):
        ensemble = killed_after(ensemble, n_steps, monkeypatch)
    complete(ensemble)
    assert digest(ensemble.folder) == expected


def test_resuming_between_two_members_gives_the_same_bits(expected: str) -> None:
    ensemble = start()
    _, run, _ = next(ensemble.unfinished())
    with run:
        list(run.train())
        run.finish()
    before = digest(ensemble.folders[0])
    again = EnsembleRun.resume(ensemble.folder)
    complete(again)
    assert digest(again.folders[0]) == before  # not trained a second time
    assert digest(again.folder) == expected


@pytest.mark.parametrize("place", ["save", "merge_training_hashes", "write_atomically"])
def test_a_run_killed_while_finishing_can_finish(
    expected: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> None:
        raise Killed

    ensemble = start()
    with monkeypatch.context() as patch:
        patch.setattr(ensemble_module, place, kill)
        with pytest.raises(Killed):
            complete(ensemble)
    assert not Run.is_finished(ensemble.folder)
    again = EnsembleRun.resume(ensemble.folder)
    assert list(again.unfinished()) == []
    again.finish()
    assert digest(again.folder) == expected
    assert Run.is_finished(again.folder)


def test_a_run_killed_before_a_member_is_configured_can_resume(
    expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensemble = start()
    replace_file = Path.replace

    def kill(self: Path, target: Path) -> Path:
        if target.parent.name == "member-2":
            raise Killed
        return replace_file(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", kill)
        patch.setattr(Path, "unlink", lambda *_, **__: None)  # a killed process removes no files
        with pytest.raises(Killed):
            complete(ensemble)
    left = sorted(path.name for path in ensemble.folders[1].iterdir())
    assert left == [f".config.json.{os.getpid()}.part", ".lock"]
    again = EnsembleRun.resume(ensemble.folder)
    complete(again)
    assert digest(again.folder) == expected


def test_a_run_interrupted_by_ctrl_c_can_resume(
    expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensemble = start()
    _, run, _ = next(ensemble.unfinished())
    with monkeypatch.context() as patch, run:
        patch.setattr(run_module, "deferred_interrupt", _pressed)
        with pytest.raises(StoppedError, match="stopped and saved"):
            list(run.train())
    assert (ensemble.folders[0] / "checkpoint.safetensors").is_file()
    again = EnsembleRun.resume(ensemble.folder)
    complete(again)
    assert digest(again.folder) == expected


class _pressed:  # noqa: N801 - stands for a function
    def __enter__(self) -> Any:
        return lambda: True

    def __exit__(self, *_: object) -> None:
        pass


def test_a_second_process_is_rejected() -> None:
    ensemble = start()
    _, run, _ = next(ensemble.unfinished())
    with run, pytest.raises(ConfigError, match="another process is using"):
        next(EnsembleRun.resume(ensemble.folder).unfinished())
    (ensemble.folders[0] / "config.json").unlink()
    with locked(ensemble.folders[0]), pytest.raises(ConfigError, match="another process is using"):
        next(EnsembleRun.resume(ensemble.folder).unfinished())


def test_changed_data_between_two_members_are_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = table("bars.csv", n=90)
    ensemble = EnsembleRun.start(ensemble_of(name))
    _, run, _ = next(ensemble.unfinished())
    with run:
        list(run.train())
        run.finish()
    table(name, n=93)
    with pytest.raises(ConfigError, match=r"has changed since runs/ensemble-1 was started"):
        EnsembleRun.resume(ensemble.folder)
    table(name, n=90)
    complete(EnsembleRun.resume(ensemble.folder))
