"""How a committee is begun: what is refused leaves nothing behind, what is kept is read back."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from glassnet.errors import ConfigError, DataError, GlassnetError, ShapeError
from glassnet.runs.committee import CommitteeRun
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure
from glassnet.runs.run import Run
from tests.runs.committees import VIEWS, committee_of


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"members": ("plain", "width-5")}, ShapeError, "needs images at least so wide, got 4"),
        ({"test": 0.1}, ConfigError, "has a test part of its own"),
        ({"data": "empty"}, DataError, "empty"),
        ({"hidden": (10**9,)}, GlassnetError, "GB to train"),
    ],
)
def test_a_mistake_leaves_nothing_behind(
    data: Path, tmp_path: Path, changes: dict[str, Any], error: type[Exception], says: str
) -> None:
    (data / "empty").mkdir()
    for folder in (None, tmp_path / "out"):
        with pytest.raises(error, match=says):
            CommitteeRun.start(committee_of(**changes), folder)
    assert not list(Path().iterdir())
    assert not (tmp_path / "out").exists()


def test_a_committee_that_cannot_be_begun_leaves_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GlassnetError, match="No space left"):
        CommitteeRun.start(committee_of())
    assert not Path("runs").exists()


def test_a_folder_that_is_not_empty_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / ".thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="needs to be new or empty"):
        CommitteeRun.start(committee_of(), tmp_path / "taken")
    assert [path.name for path in (tmp_path / "taken").iterdir()] == [".thesis.txt"]


def test_a_committee_is_told_from_a_run_and_from_nothing(tmp_path: Path) -> None:
    assert CommitteeRun.is_committee(CommitteeRun.start(committee_of()).folder)
    with Run.start(configure("fast", "two", hidden=(6,))) as run:
        assert not CommitteeRun.is_committee(run.folder)
    assert not CommitteeRun.is_committee(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="needs a run's folder"):
        CommitteeRun.resume(tmp_path / "nowhere")


def test_a_configuration_comes_back_with_its_members_and_its_split(tmp_path: Path) -> None:
    config = committee_of(split_seed=5)
    (tmp_path / "config.json").write_text(config.to_json())
    again = RunConfig.read(tmp_path / "config.json")
    assert again == config
    assert (again.recipe.members, again.split_seed) == (VIEWS, 5)


def test_a_configuration_from_before_there_were_committees_is_read(tmp_path: Path) -> None:
    config = committee_of(members=())
    content = json.loads(config.to_json())
    del content["split_seed"], content["recipe"]["members"]
    (tmp_path / "config.json").write_text(json.dumps(content))
    assert RunConfig.read(tmp_path / "config.json") == config


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("recipe", {"members": ["plain", "slanted"]}),
        ("recipe", {"members": "deslant"}),
        ("recipe", {"members": 3}),
        ("recipe", {"members": [None]}),
        (None, {"split_seed": -1}),
        (None, {"split_seed": "five"}),
    ],
)
def test_members_and_splits_that_cannot_be_are_refused(
    tmp_path: Path, where: str | None, change: dict[str, Any]
) -> None:
    content = json.loads(committee_of().to_json())
    (content if where is None else content[where]).update(change)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ConfigError) as raised:
        RunConfig.read(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)
