"""Starting an ensemble: invalid options, failures and the configuration file."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from glassnet.errors import ConfigError, DataError, GlassnetError, ShapeError
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure
from glassnet.runs.ensemble_run import EnsembleRun
from glassnet.runs.run import Run
from tests.runs.ensembles import VIEWS, ensemble_of


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"members": ("plain", "width-5")},
            ShapeError,
            "at least 5 pixels wide, got 4",
        ),
        ({"test": 0.1}, ConfigError, "has a test set"),
        ({"data": "empty"}, DataError, "empty"),
        ({"hidden": (10**9,)}, GlassnetError, "GB to train"),
    ],
)
def test_invalid_options_leave_no_folder(
    data: Path, tmp_path: Path, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    (data / "empty").mkdir()
    for folder in (None, tmp_path / "out"):
        with pytest.raises(error, match=message):
            EnsembleRun.start(ensemble_of(**changes), folder)
    assert not list(Path().iterdir())
    assert not (tmp_path / "out").exists()


def test_a_failed_start_leaves_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GlassnetError, match="No space left"):
        EnsembleRun.start(ensemble_of())
    assert not Path("runs").exists()


def test_a_folder_with_files_is_rejected_and_unchanged(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / ".thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="needs a new or empty folder"):
        EnsembleRun.start(ensemble_of(), tmp_path / "taken")
    assert [path.name for path in (tmp_path / "taken").iterdir()] == [".thesis.txt"]


def test_an_ensemble_is_distinguished_from_a_run_and_from_no_folder(tmp_path: Path) -> None:
    assert EnsembleRun.is_ensemble(EnsembleRun.start(ensemble_of()).folder)
    with Run.start(configure("fast", "two", hidden=(6,))) as run:
        assert not EnsembleRun.is_ensemble(run.folder)
    assert not EnsembleRun.is_ensemble(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="needs a run's folder"):
        EnsembleRun.resume(tmp_path / "nowhere")


def test_members_and_split_seed_survive_a_round_trip(tmp_path: Path) -> None:
    config = ensemble_of(split_seed=5)
    (tmp_path / "config.json").write_text(config.to_json())
    again = RunConfig.read(tmp_path / "config.json")
    assert again == config
    assert (again.recipe.members, again.split_seed) == (VIEWS, 5)


def test_a_configuration_without_members_is_read(tmp_path: Path) -> None:
    config = ensemble_of(members=())
    content = json.loads(config.to_json())
    del content["split_seed"], content["recipe"]["members"]
    (tmp_path / "config.json").write_text(json.dumps(content))
    assert RunConfig.read(tmp_path / "config.json") == config


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("recipe", {"members": ["plain", "slanted"]}),
        ("recipe", {"members": "deskew"}),
        ("recipe", {"members": 3}),
        ("recipe", {"members": [None]}),
        (None, {"split_seed": -1}),
        (None, {"split_seed": "five"}),
    ],
)
def test_invalid_members_and_split_seeds_are_rejected(
    tmp_path: Path, where: str | None, change: dict[str, Any]
) -> None:
    content = json.loads(ensemble_of().to_json())
    (content if where is None else content[where]).update(change)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ConfigError) as raised:
        RunConfig.read(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)
