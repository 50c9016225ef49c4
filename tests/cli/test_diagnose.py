"""``glassnet diagnose``: output, and exit status 0 also with findings."""

import json
from pathlib import Path

from tests.cli.conftest import Glassnet

SMALL = ("--hidden", "8", "--epochs", "12", "--batch-size", "20", "--no-pictures", "--quiet")
RATE = ("--recipe", "textbook", "--learning-rate", "0.5", "--initializer", "he")


def test_a_healthy_run_has_no_findings(bars: Path, glassnet: Glassnet) -> None:
    assert glassnet("train", "--data", bars, *SMALL, *RATE, "--out", "run").code == 0
    done = glassnet("diagnose", "run")
    assert (done.code, done.err) == (0, "")
    assert done.out == "run: 12 epochs\nNo problems found.\n"
    content = json.loads(glassnet("diagnose", "run", "--json").out)
    assert content == {"run": "run", "epochs": 12, "findings": []}


def test_a_finding_has_a_cause_evidence_and_a_command(bars: Path, glassnet: Glassnet) -> None:
    wrong = (*RATE[:-1], "zeros")
    assert glassnet("train", "--data", bars, *SMALL, *wrong, "--out", "run").code == 0
    done = glassnet("diagnose", "run", "--show", "why.png")
    assert (done.code, done.err) == (0, "")
    assert "\nzero-initialisation  All units of a hidden layer have the same weights" in done.out
    assert "fraction of the weights that all units of a layer have in common: 1 (limit 0.999)" in (
        done.out
    )
    assert f"glassnet train --data {bars} --recipe textbook --hidden 8 --initializer he" in done.out
    assert Path("why.png").read_bytes().startswith(b"\x89PNG")
    content = json.loads(glassnet("diagnose", "run", "--json").out)
    first = content["findings"][0]
    assert first["cause"] == "zero-initialisation"
    assert first["change"] == {"initializer": "he"}
    assert first["command"].endswith("--seed 0")
    assert first["picture"]["kind"] == "bars"


def test_a_failed_run_can_be_diagnosed(bars: Path, glassnet: Glassnet) -> None:
    failed = glassnet("train", "--data", bars, *SMALL, *RATE, "--gain", "1e25", "--out", "run")
    assert failed.code == 1
    assert "To find the cause: glassnet diagnose run" in failed.err
    assert "\nnot-finite  " in glassnet("diagnose", "run").out


def test_a_missing_run_is_a_usage_error(glassnet: Glassnet) -> None:
    done = glassnet("diagnose", "nowhere")
    assert done.code == 2
    assert done.err.splitlines() == [
        "glassnet: nowhere: needs a run's folder, with a config.json; got none"
    ]
