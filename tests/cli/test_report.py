"""``glassnet report``: reports on a run, an ensemble, a model file and a shipped model."""

import json
from pathlib import Path

import pytest

from glassnet.recipes import ENSEMBLE
from tests.cli.conftest import Glassnet

N = len(ENSEMBLE.members)
QUICK = ("--hidden", "12", "--epochs", "3", "--no-pictures")


@pytest.fixture
def run(glassnet: Glassnet, bars: Path) -> Path:
    glassnet("train", "--data", bars, *QUICK)
    return Path("runs/fast-1")


def test_the_report_on_a_run_agrees_with_evaluate(glassnet: Glassnet, run: Path) -> None:
    done = glassnet("report", run, "--json")
    assert (done.code, done.err) == (0, "")
    content = json.loads(done.out)
    measured = json.loads(glassnet("evaluate", run, "--json").out)
    assert content["report"] == str(run / "report.html")
    for name in ("model", "data", "accuracy", "n", "n_leaked"):
        assert content[name] == measured[name]
    page = (run / "report.html").read_text(encoding="utf-8")
    assert content["bytes"] == len(page.encode())
    assert f"{measured['accuracy']:.2%}</span> accuracy" in page
    assert "glassnet train --data " in page
    assert "--recipe fast --hidden 12 --epochs 3 --seed 0 --no-pictures" in page
    assert f"glassnet report {run}" in page
    assert "176 training images" in page
    assert "Every epoch as a table (3)" in page


def test_only_an_earlier_report_is_overwritten(glassnet: Glassnet, run: Path) -> None:
    assert glassnet("report", run).code == glassnet("report", run).code == 0
    for name, content in (("notes.html", "<!DOCTYPE html>\n<p>mine"), ("empty", "")):
        Path(name).write_text(content)
        done = glassnet("report", run, "--out", name)
        assert done.code == 2
        assert len(done.err.splitlines()) == 1
        assert f"--out: needs a new file or an earlier report, got {name}" in done.err
        assert Path(name).read_text() == content
    done = glassnet("report", run, "--out", ".")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert glassnet("report", run, "--out", "nowhere/page.html").code == 1


def test_a_model_file_gets_a_report_without_training_details(
    glassnet: Glassnet, run: Path, bars: Path
) -> None:
    alone = Path("alone.safetensors")
    alone.write_bytes((run / "model.safetensors").read_bytes())
    done = glassnet("report", alone)
    assert done.code == 2
    assert "--data" in done.err
    done = glassnet("report", alone, "--data", bars)
    assert done.code == 0
    page = Path("alone-report.html").read_text(encoding="utf-8")
    assert "No curves: the epochs of this run were not recorded" in page
    assert "how it was trained is unknown" in page
    assert "cannot check for leakage" in page
    assert "held-out" not in page
    assert "glassnet train" not in page
    inside = run / "model.safetensors"
    assert glassnet("report", inside).code == 0
    assert "Every epoch as a table (3)" in (run / "report.html").read_text(encoding="utf-8")


def test_the_report_on_an_ensemble_shows_the_curves_of_its_networks(
    glassnet: Glassnet, wide: Path
) -> None:
    short = ("--hidden", "6", "--augment", "none", "--no-pictures")
    glassnet("train", "--data", wide, "--recipe", "ensemble", "--epochs", "2", *short)
    ensemble = Path("runs/ensemble-1")
    assert glassnet("report", ensemble).code == 0
    page = (ensemble / "report.html").read_text(encoding="utf-8")
    assert page.count("Every epoch as a table (2)") == N
    assert f"{N} networks" in page
    assert f"They belong to the first of {N} networks." in page
    assert "--recipe ensemble --hidden 6 --epochs 2" in page
    member = ensemble / "member-2"
    assert glassnet("report", member).code == 0
    page = (member / "report.html").read_text(encoding="utf-8")
    assert f"No single command reproduces the run; {member / 'config.json'} holds" in page


def test_a_combined_ensemble_reports_leaks_but_no_curves(
    glassnet: Glassnet, run: Path, bars: Path
) -> None:
    glassnet("ensemble", run, run)
    done = glassnet("report", "runs/ensemble-1", "--data", bars)
    assert done.code == 0
    page = Path("runs/ensemble-1/report.html").read_text(encoding="utf-8")
    assert "192 of 240 test images were seen in training or validation." in page
    assert "No curves" in page


def test_the_page_states_that_all_images_were_seen(glassnet: Glassnet, bars: Path) -> None:
    glassnet("train", "--data", bars, *QUICK, "--test", "0")
    done = glassnet("report", "runs/fast-1")
    assert done.code == 2
    assert "has no test set" in done.err
    done = glassnet("report", "runs/fast-1", "--data", bars)
    assert done.code == 1
    assert "220 of 220 test images were seen" in done.err
    assert "No held-out images" in Path("runs/fast-1/report.html").read_text(encoding="utf-8")


def test_a_damaged_history_writes_no_page(glassnet: Glassnet, run: Path) -> None:
    (run / "history.csv").write_text("epoch\n1\n")
    done = glassnet("report", run)
    assert done.code == 2
    assert "history.csv" in done.err
    assert not (run / "report.html").exists()


@pytest.mark.parametrize("name", ["nowhere", "mnst"])
def test_a_missing_model_gets_one_line(glassnet: Glassnet, name: str) -> None:
    done = glassnet("report", name)
    assert done.code == 2
    assert len(done.err.splitlines()) == 1


def test_the_report_on_a_shipped_model_is_written_to_the_current_folder(
    glassnet: Glassnet, tmp_path: Path
) -> None:
    done = glassnet("report", "mnist-small", "--data", "sample", "--quiet")
    assert (done.code, done.out) == (1, "")  # all images of sample are training images
    page = Path("mnist-small-report.html").read_text(encoding="utf-8")
    assert "This model ships with glassnet" in page
    assert "No held-out images" in page
