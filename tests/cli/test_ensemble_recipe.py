"""``glassnet train --recipe ensemble``, and the other commands on its folder."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import glassnet as gn
from glassnet.cli import runner
from glassnet.recipes import ENSEMBLE
from glassnet.runs import run as run_module
from glassnet.runs.run import Run
from tests.cli.conftest import Glassnet

QUICK = ("--recipe", "ensemble", "--hidden", "16", "--epochs", "1", "--no-pictures")
FOLDER = Path("runs/ensemble-1")
N = len(ENSEMBLE.members)


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def test_an_ensemble_is_trained_and_writes_all_files(glassnet: Glassnet, wide: Path) -> None:
    done = glassnet("train", "--data", wide, *QUICK)
    assert (done.code, done.err) == (0, "")
    names = {path.name for path in FOLDER.iterdir()}
    members = {f"member-{number}" for number in range(1, N + 1)}
    assert names == members | {
        "config.json",
        "metrics.json",
        "model.safetensors",
        "training_hashes.safetensors",
    }
    lines = done.out.splitlines()
    heads = [line.split()[1:] for line in lines if line.startswith("Member")]
    assert heads == [[str(number), "of", str(N)] for number in range(1, N + 1)]
    assert sum(line.startswith("epoch 1/1") for line in lines) == N
    assert lines[-1].startswith(f"Run      {FOLDER}: config.json, member-1, ")
    model = gn.load(FOLDER)
    assert [str(member.preprocessing) for member in model.members] == list(ENSEMBLE.members)
    assert [member.network.dense[0].n_out for member in model.members] == [16] * N


def test_json_has_the_metrics_of_the_ensemble(glassnet: Glassnet, wide: Path) -> None:
    done = glassnet("train", "--data", wide, *QUICK, "--seed", "3", "--json")
    assert (done.code, done.err) == (0, "")
    (line,) = done.out.splitlines()
    metrics = json.loads(line)
    assert (metrics["members"], metrics["seed"], metrics["n_test"]) == (N, 3, 30)
    assert (metrics["n_train"], metrics["n_test_leaked"]) == (110, 0)
    test = gn.load_dataset(wide).test
    assert test is not None
    is_correct = gn.load(FOLDER).predict(test.images) == test.labels
    assert metrics["test_accuracy"] == pytest.approx(is_correct.mean())
    report = json.loads(glassnet("evaluate", FOLDER, "--json").out)
    assert (report["n"], report["n_leaked"]) == (30, 0)
    assert (report["accuracy"], report["loss"]) == (metrics["test_accuracy"], metrics["test_loss"])


def test_preprocess_is_an_error_for_an_ensemble(glassnet: Glassnet, wide: Path) -> None:
    done = glassnet("train", "--data", wide, *QUICK, "--preprocess", "deskew")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "glassnet: preprocess: needs a recipe of a single network, got ensemble, whose networks "
        f"use {', '.join(ENSEMBLE.members)}; leave this option out\n"
    )
    assert not list(Path().iterdir())


def test_images_that_are_too_narrow_are_an_error(glassnet: Glassnet, bars: Path) -> None:
    narrow = ("--recipe", "best", "--preprocess", "width-12", "--no-pictures")
    done = glassnet("train", "--data", bars, *narrow)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("glassnet: preprocess: width-12 ")
    assert done.err.endswith("needs images at least 12 pixels wide, got 6\n")
    assert not list(Path().iterdir())


def test_resuming_a_finished_ensemble_changes_nothing(glassnet: Glassnet, wide: Path) -> None:
    glassnet("train", "--data", wide, *QUICK)
    before = {path: path.stat().st_mtime_ns for path in FOLDER.rglob("*")}
    done = glassnet("train", "--resume", FOLDER)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{FOLDER} is already finished.\n"
    assert {path: path.stat().st_mtime_ns for path in FOLDER.rglob("*")} == before
    assert json.loads(glassnet("train", "--resume", FOLDER, "--json").out)["members"] == N


@pytest.fixture
def stopped(glassnet: Glassnet, wide: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Interrupt an ensemble at its third member; return the digest of an uninterrupted one."""
    glassnet("train", "--data", wide, *QUICK, "--out", "uninterrupted")
    train = Run.train

    def interrupted(self: Run) -> Any:
        if self.folder.name == "member-3":
            raise KeyboardInterrupt
        return train(self)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "train", interrupted)
        assert glassnet("train", "--data", wide, *QUICK).code == 130
    return digest(Path("uninterrupted"))


def test_a_resumed_ensemble_has_the_same_bits(glassnet: Glassnet, stopped: str) -> None:
    done = glassnet("train", "--resume", FOLDER)
    assert (done.code, done.err) == (0, "")
    heads = [line.split()[1] for line in done.out.splitlines() if line.startswith("Member")]
    assert heads == [str(number) for number in range(3, N + 1)]
    assert digest(FOLDER) == stopped


def test_runs_lists_and_shows_an_ensemble(glassnet: Glassnet, stopped: str) -> None:
    (run,) = json.loads(glassnet("runs", "list", "--json").out)["runs"]
    assert (run["run"], run["state"], run["epochs"]) == (str(FOLDER), "stopped", 2)
    glassnet("train", "--resume", FOLDER)
    listed = glassnet("runs", "list").out.splitlines()
    assert len(listed) == 2  # a heading and the ensemble; its members are not listed
    assert listed[1].split()[:4] == [str(FOLDER), "finished", "wide", str(N)]
    shown = glassnet("runs", "show", FOLDER)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.splitlines()[0] == f"{FOLDER}: finished, {N} epochs"
    assert ",".join(ENSEMBLE.members) in shown.out
    content = json.loads(glassnet("runs", "show", FOLDER, "--json").out)
    assert content["options"]["members"] == list(ENSEMBLE.members)
    assert content["metrics"]["n_test"] == 30
    member = json.loads(glassnet("runs", "show", FOLDER / "member-3", "--json").out)
    assert (member["state"], member["options"]["preprocess"]) == ("finished", ENSEMBLE.members[2])


def test_an_interrupted_member_advises_to_resume_the_ensemble(
    glassnet: Glassnet, wide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Pressed:
        def __enter__(self) -> Any:
            return lambda: True

        def __exit__(self, *_: object) -> None:
            pass

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "deferred_interrupt", Pressed)
        done = glassnet("train", "--data", wide, *QUICK)
    assert done.code == 130
    assert done.err == (
        f"glassnet: stopped and saved; resume with: glassnet train --resume {FOLDER}\n"
    )
    assert glassnet("train", "--resume", FOLDER, "--quiet") == (0, "", "")


def test_a_full_disk_in_a_member_advises_to_resume_the_ensemble(
    glassnet: Glassnet, wide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.match("member-2/model.safetensors"):
            raise OSError(28, "No space left on device")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        done = glassnet("train", "--data", wide, *QUICK)
    assert done.code == 1
    assert len(done.err.splitlines()) == 1
    assert done.err.endswith(f"then resume with glassnet train --resume {FOLDER}\n")


def test_a_resumed_member_warns_if_its_bits_may_differ(
    glassnet: Glassnet, wide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(runner, "print_warning", warnings.append)
    glassnet("train", "--data", wide, *QUICK)
    assert warnings == []
    (FOLDER / "member-2" / "metrics.json").unlink()
    config = FOLDER / "member-2" / "config.json"
    content = json.loads(config.read_text())
    content["versions"]["kernel"] = "Katmai"
    config.write_text(json.dumps(content))
    assert glassnet("train", "--resume", FOLDER).code == 0  # finished, so no member is loaded
    (FOLDER / "metrics.json").unlink()
    assert glassnet("train", "--resume", FOLDER).code == 0
    (warning,) = warnings
    assert "kernel Katmai -> " in warning
