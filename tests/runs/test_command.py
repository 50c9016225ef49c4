"""The command that repeats a run gives the same configuration when parsed."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from glassnet.cli import main
from glassnet.errors import GlassnetError
from glassnet.recipes import RECIPES
from glassnet.runs.command import train_command
from glassnet.runs.config import RunConfig
from glassnet.runs.ensemble_run import EnsembleRun
from glassnet.runs.run import Run


@pytest.fixture
def parse(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function from a command line to the configuration that it would train."""
    caught: list[RunConfig] = []

    def catch(config: RunConfig, folder: Path | None = None) -> None:
        caught.append(config)
        raise GlassnetError("caught")

    monkeypatch.setattr(Run, "start", catch)
    monkeypatch.setattr(EnsembleRun, "start", catch)

    def parse_line(line: str) -> RunConfig:
        program, *arguments = shlex.split(line)
        assert program == "glassnet"
        main(arguments)
        return caught.pop()

    return parse_line


@pytest.mark.parametrize(
    "typed",
    [
        *(f"--recipe {name}" for name in RECIPES),
        "--epochs 4",
        "--epochs 7 --seed 3",
        "--batch-size full",
        "--hidden none",
        "--hidden 30,20 --activation tanh,relu --initializer glorot",
        "--optimizer sgd",
        "--optimizer sgd --learning-rate 0.03 --momentum 0.5",
        "--optimizer adamw --weight-decay 0.01 --loss mse --schedule one-cycle",
        "--recipe best --optimizer adam",
        "--recipe accurate --augment none --augment-decay-fraction 0.1 "
        "--preprocess deskew-width-12",
        "--recipe best --augment rotation=3.5,elastic=1,group=2 --no-batch-norm",
        "--recipe accurate --augment rotation=0",
        "--dropout 0.1 --input-dropout 0.2 --noise 0.3 --max-norm 4 --label-smoothing 0.1",
        "--ema-decay 0.99 --batch-norm --validation 0.1 --test 0.3",
        "--max-bytes 12345678 --no-pictures",
        "--data one --shape 4,4 --label last",
        "--recipe ensemble --epochs 2",
    ],
)
def test_the_command_gives_the_same_configuration(parse: Any, typed: str) -> None:
    config = parse(f"glassnet train --data two {typed}")
    line = train_command(config)
    assert line is not None
    assert parse(line) == config


def test_the_command_leaves_out_defaults(parse: Any) -> None:
    config = parse("glassnet train --data two --epochs 7")
    line = "glassnet train --data two --recipe fast --epochs 7 --seed 0"
    assert train_command(config) == line


def test_a_path_with_a_space_is_quoted(parse: Any, data: Path) -> None:
    folder = data / "my digits"
    (data / "two").rename(folder)
    config = parse(f"glassnet train --data '{folder}'")
    line = train_command(config)
    assert line is not None
    assert parse(line) == config


def test_there_is_no_command_for_a_configuration_without_options(parse: Any) -> None:
    config = parse("glassnet train --data two --recipe best")
    for other in (
        replace(config, split_seed=0),  # a member of an ensemble
        replace(config, recipe=replace(config.recipe, full_pass=True)),
        replace(config, recipe=replace(config.recipe, beta2=None)),
        replace(config, recipe=replace(config.recipe, name="of a newer glassnet")),
    ):
        assert train_command(other) is None
