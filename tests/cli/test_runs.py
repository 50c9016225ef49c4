"""``glassnet runs``: list, show and compare."""

import json
from pathlib import Path

import pytest

from glassnet.evaluation.curves import draw_overlay
from glassnet.runs.history import read_history
from tests.cli.conftest import Glassnet


@pytest.fixture
def two(glassnet: Glassnet, bars: Path) -> None:
    for options in (("--seed", "0"), ("--seed", "1", "--hidden", "none")):
        glassnet("train", "--data", bars, "--epochs", "2", "--no-pictures", *options)


def test_list_shows_the_newest_run_first(glassnet: Glassnet, two: None) -> None:
    Path("runs/fast-1/metrics.json").unlink()
    Path("runs/fast-2/config.json").write_text("{")
    lines = glassnet("runs", "list").out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        ["runs/fast-2", "damaged"],
        ["runs/fast-1", "begun"],
    ]
    content = json.loads(glassnet("runs", "list", "--json").out)
    assert [run["state"] for run in content["runs"]] == ["damaged", "begun"]


def test_list_without_runs_is_not_an_error(glassnet: Glassnet) -> None:
    done = glassnet("runs", "list")
    assert done.code == 0
    assert "No runs" in done.out


def test_show_prints_options_and_results(glassnet: Glassnet, two: None) -> None:
    shown = glassnet("runs", "show", "runs/fast-2").out
    assert "finished, 2 epochs" in shown
    assert "none" in shown
    content = json.loads(glassnet("runs", "show", "runs/fast-2", "--json").out)
    assert content["state"] == "finished"
    assert content["options"]["hidden"] == []
    assert content["metrics"]["n_test"] == 48


def test_compare_shows_only_options_that_differ(glassnet: Glassnet, two: None) -> None:
    shown = glassnet("runs", "compare", "runs/fast-1", "runs/fast-2").out
    names = [line.split()[0] for line in shown.splitlines()[1:] if line.strip()]
    assert names[:2] == ["seed", "hidden"]
    assert "optimizer" not in names
    assert "test_accuracy" in names
    content = json.loads(glassnet("runs", "compare", "runs/fast-1", "runs/fast-2", "--json").out)
    assert content["differing"] == ["seed", "hidden"]


def test_compare_plots_the_curves_of_all_runs(glassnet: Glassnet, two: None) -> None:
    done = glassnet("runs", "compare", "runs/fast-1", "runs/fast-2", "--curves", "both.png")
    assert done.code == 0
    assert done.out.splitlines()[-1] == "Wrote both.png"
    histories = {f"runs/fast-{k}": read_history(Path(f"runs/fast-{k}/history.csv")) for k in (1, 2)}
    assert Path("both.png").read_bytes() == draw_overlay(histories)


def test_curves_of_a_run_without_history_are_an_error(glassnet: Glassnet, two: None) -> None:
    Path("runs/fast-2/history.csv").unlink()
    done = glassnet("runs", "compare", "runs/fast-1", "runs/fast-2", "--curves", "both.png")
    assert done.code == 2
    assert "--curves: needs a history.csv in runs/fast-2" in done.err
    assert not Path("both.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "nowhere"], "nowhere: needs a run's folder"),
        (["compare", "runs/fast-1"], "at least two"),
        (["compare", "a", "b", "--curves", "c.pdf"], "--curves: needs a name that ends in .png"),
        (["lsit"], "Did you mean 'list'"),
    ],
)
def test_usage_errors_get_one_line(glassnet: Glassnet, arguments: list[str], message: str) -> None:
    done = glassnet("runs", *arguments)
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert message in done.err
