"""``glassnet doctor``."""

import json

import pytest

from glassnet.cli import main
from glassnet.compute.slowdowns import Checkup, Slowdown

FOUND = {
    "cpu": "A CPU",
    "cores": 2,
    "settings": {},
    "load": 0.1,
    "python": "3.11.7",
    "numpy": "2.4.6",
    "machine": "x86_64",
    "blas": "openblas 0.3.31",
    "kernel": "Haswell",
    "threads": 1,
    "gflops": [100.0, 110.0, 120.5],
}


def diagnose(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    slowdowns = changes.pop("slowdowns", ())
    checkup = Checkup(FOUND | changes, slowdowns)  # type: ignore[arg-type]
    monkeypatch.setattr("glassnet.cli.doctor.check_up", lambda: checkup)


def test_it_runs_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["cores"] >= 1
    assert [product["m"] for product in answer["gflops"]] == [128, 784, 1024]
    assert all(product["gflops"] > 0 for product in answer["gflops"])


def test_what_is_in_use_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    diagnose(monkeypatch)
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["processor", "A", "CPU", "(x86_64),", "2", "cores"]
    assert lines[2].split() == ["BLAS", "openblas", "0.3.31,", "kernel", "Haswell,", "1", "thread"]
    assert lines[5].endswith("1024 x 1024 by 1024 x 1024   120.5 GFLOP/s")
    assert lines[-1] == "Nothing slows it down."


def test_a_blas_without_a_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    diagnose(monkeypatch, blas=None, kernel=None, threads=None)
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "BLAS       does not tell its name " in text
    assert "None" not in text


def test_what_slows_it_down_is_told_with_the_line_that_fixes_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = (Slowdown("X=1 costs time", "unset X"), Slowdown("[b]Y[/b] too", "unset Y"))
    diagnose(monkeypatch, slowdowns=found)
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "slow: X=1 costs time\nfix: unset X\n" in text
    assert "slow: [b]Y[/b] too\nfix: unset Y\n" in text
    assert "Nothing slows" not in text
    assert main(["doctor", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["slowdowns"][0] == {"what": "X=1 costs time", "fix": "unset X"}
