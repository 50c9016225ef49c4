"""Diagnosis of a run's folder, and the command of the proposed experiment."""

import math
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

import glassnet as gn
from glassnet.cli import main
from glassnet.errors import ConfigError
from glassnet.recipes import RECIPES
from glassnet.runs.command import changed_command
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure
from glassnet.runs.history import history_csv, read_history
from glassnet.runs.run import Run
from glassnet.runs.summary import summarize

SMALL = ("textbook", "two")


def test_a_history_survives_a_round_trip(tmp_path: Path) -> None:
    with Run.start(configure(*SMALL, hidden=(6, 5), epochs=3, pictures=False)) as run:
        list(run.train())
    path = tmp_path / "history.csv"
    path.write_text(history_csv(run.records))
    assert read_history(path) == run.records
    assert read_history(tmp_path / "none.csv") == []


@pytest.mark.parametrize("text", ["epoch,step\n1,6\n", "nonsense", "epoch,step\none,6\n"])
def test_an_incomplete_history_is_an_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(text + "\n1\n")
    with pytest.raises(ConfigError, match=r"history\.csv: is damaged, or from an older glassnet"):
        read_history(path)


def test_a_run_with_a_nan_can_be_diagnosed_from_its_folder() -> None:
    config = configure(*SMALL, hidden=(6, 6), gain=1e25, epochs=3, pictures=False)
    with Run.start(config) as run, pytest.raises(gn.NotFiniteError) as caught:
        list(run.train())
    assert str(caught.value).endswith("To find the cause: glassnet diagnose runs/textbook-1")
    (record,) = read_history(run.folder / "history.csv")
    assert math.isnan(record.train_loss)
    assert [finding.cause for finding in gn.diagnose(run.folder)] == ["not-finite"]
    assert summarize(run.folder).state == "begun"


def test_a_run_with_a_late_nan_keeps_its_earlier_epochs() -> None:
    config = configure(*SMALL, hidden=(6, 6), epochs=4, pictures=False)
    run = Run.start(config)
    training = run.train()
    first = next(training)
    run.training.network.params["W1"][0, 0] = math.nan
    with run, pytest.raises(gn.NotFiniteError):
        list(training)
    records = read_history(run.folder / "history.csv")
    assert records[0] == first
    assert len(records) == 2
    assert gn.diagnose(run.folder)[-1].cause == "not-finite"


def test_a_folder_without_a_history_or_without_a_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="needs a run's folder"):
        gn.diagnose(tmp_path)
    run = Run.start(configure(*SMALL))
    with run, pytest.raises(ConfigError, match="has no history"):
        gn.diagnose(str(run.folder))


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_command_lists_only_differences_from_the_recipe(name: str) -> None:
    config = configure(name, "two", seed=5)
    assert changed_command(config, {}) == f"glassnet train --data two --recipe {name} --seed 5"


def test_a_changed_command_gives_the_changed_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    config = configure(
        "fast",
        "two",
        validation=0.25,
        seed=3,
        hidden=(),
        batch_norm=False,
        schedule="constant",
        learning_rate=0.125,
        shuffle=False,
        input_scale=255.0,
        augment="rotation=10,group=4",
        batch_size="full",
        epochs=2,
        corrupt="sorted",
    )
    started: list[RunConfig] = []

    def start(self: RunConfig, *_: object) -> None:
        started.append(self)
        raise ConfigError("enough")

    monkeypatch.setattr(Run, "start", start)
    arguments = shlex.split(changed_command(config, {"learning_rate": 0.5, "corrupt": "labels"}))[
        1:
    ]
    assert main(arguments) == 2
    recipe = replace(config.recipe, learning_rate=0.5)
    assert started == [replace(config, recipe=recipe, corrupt="labels")]
