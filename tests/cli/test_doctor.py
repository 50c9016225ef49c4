"""``glassnet doctor``: output as text and JSON."""

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


def patch_checkup(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    slowdowns = changes.pop("slowdowns", ())
    checkup = Checkup(FOUND | changes, slowdowns)  # type: ignore[arg-type]
    monkeypatch.setattr("glassnet.cli.doctor.check_up", lambda: checkup)


def test_doctor_runs_on_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["cores"] >= 1
    assert [matmul["m"] for matmul in content["gflops"]] == [128, 784, 1024]
    assert all(matmul["gflops"] > 0 for matmul in content["gflops"])


def test_processor_blas_and_speed_are_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    patch_checkup(monkeypatch)
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["processor", "A", "CPU", "(x86_64),", "2", "cores"]
    assert lines[2].split() == ["BLAS", "openblas", "0.3.31,", "kernel", "Haswell,", "1", "thread"]
    assert lines[5].endswith("1024 x 1024 @ 1024 x 1024   120.5 GFLOP/s")
    assert lines[-1] == "No slowdowns found."


def test_a_blas_without_a_name_is_unknown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    patch_checkup(monkeypatch, blas=None, kernel=None, threads=None)
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "BLAS       unknown " in text
    assert "None" not in text


def test_slowdowns_are_printed_with_their_fixes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = (Slowdown("X=1 costs time", "unset X"), Slowdown("[b]Y[/b] too", "unset Y"))
    patch_checkup(monkeypatch, slowdowns=found)
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "slow: X=1 costs time\nfix: unset X\n" in text
    assert "slow: [b]Y[/b] too\nfix: unset Y\n" in text
    assert "No slowdowns" not in text
    assert main(["doctor", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["slowdowns"][0] == {"what": "X=1 costs time", "fix": "unset X"}
