"""The README is short, its example runs, and its accuracies are those that were measured."""

import json
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAX_WORDS = 1_300


def test_length() -> None:
    assert len(README.split()) <= MAX_WORDS


def test_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    exec(example, {"__name__": "example"})  # noqa: S102 - it is our own page
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 20
    assert all(len(line) < 120 for line in lines)
    accuracy = re.search(r"^test accuracy (\d+\.\d)%", "\n".join(lines), re.MULTILINE)
    assert accuracy is not None
    assert float(accuracy[1]) > 90
    assert (tmp_path / "digits.safetensors").is_file()


def measured() -> dict[str, tuple[str, str, str]]:
    """Return accuracy, number of seeds and training time of each row in docs/accuracies.json."""
    results = defaultdict(list)
    for result in json.loads((ROOT / "docs" / "accuracies.json").read_text(encoding="utf-8")):
        results[result["row"]].append(result)
    cells = {}
    for row, found in results.items():
        percent = [100 * result["accuracy"] for result in found]
        spread = f" ± {np.std(percent, ddof=1):.2f}" if len(found) > 1 else ""
        seconds = float(np.median([result["seconds"] for result in found]))
        if seconds < 100:
            time = f"{seconds:.1f} s"
        elif seconds < 3600:
            time = f"{seconds / 60:.0f} min"
        else:
            time = f"{seconds / 3600:.1f} h"
        cells[row] = (f"{np.mean(percent):.2f}%{spread}", str(len(found)), time)
    return cells


def test_accuracies_are_those_of_the_results() -> None:
    rows = re.findall(
        r"^\| `(\w+)`[^|]*\|[^|]*\|[^|]*\| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", README, re.M
    )
    assert [row[0] for row in rows] == [
        "textbook",
        "fast",
        "unaugmented",
        "accurate",
        "small",
        "best",
        "ensemble",
    ]
    results = measured()
    for row, *found in rows:
        assert tuple(found) == results[row]
