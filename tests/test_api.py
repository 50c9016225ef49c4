"""Public API: names, stub and imports."""

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import glassnet as gn
from glassnet.cli.app import COMMANDS, Commands

ALLOWED = {"glassnet", "numpy"}


def test_all_is_sorted_and_complete() -> None:
    assert list(gn.__all__) == sorted(gn.__all__)
    assert all(hasattr(gn, name) for name in gn.__all__)


def test_the_stub_imports_the_same_names_from_the_same_modules() -> None:
    stub = ast.parse(Path(gn.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    seen = {
        alias.name: node.module
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    listed = next(node.value for node in stub.body if isinstance(node, ast.Assign))
    assert ast.literal_eval(listed) == gn.__all__
    assert set(seen) == set(gn.__all__)
    for name, module in seen.items():
        assert getattr(gn, name) is getattr(importlib.import_module(str(module)), name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'glassnet' has no attribute 'nothing'"):
        gn.nothing  # type: ignore[attr-defined]  # noqa: B018
    packages = {"data", "diagnosis", "errors", "evaluation", "models", "nn", "runs"}
    assert dir(gn) == sorted({*gn.__all__, *packages, "__version__"})
    assert all(getattr(gn, name).__name__ == f"glassnet.{name}" for name in packages)


def test_command_help_begins_with_the_summary_of_the_list() -> None:
    for name, summary in COMMANDS.items():
        command = Commands().get_command(None, name)
        help_text = " ".join(str(command.help).split())
        assert help_text.startswith(summary.rstrip(".")), name


def test_help_imports_neither_numpy_nor_a_command() -> None:
    program = """
import sys
from glassnet.cli import main
main(["--help"])
print(sorted(m for m in sys.modules if m.startswith("glassnet.cli.") or m == "numpy"))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "['glassnet.cli.app']"


def test_import_loads_only_numpy_and_the_standard_library() -> None:
    program = """
import sys
before = set(sys.modules)
import numpy
import glassnet
for name in glassnet.__all__:
    getattr(glassnet, name)
import json
files = {name: getattr(m, "__file__", None) for name, m in sys.modules.items()
         if name not in before}
print(json.dumps(sorted({name.split(".")[0] for name, file in files.items()
                         if file and "site-packages" in file or name.startswith("glassnet")})))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(json.loads(done.stdout)) <= ALLOWED


def test_the_readme_example_runs() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    images = rng.integers(256, size=(40, 5, 5), dtype=np.uint8)
    split = gn.Split(images, rng.integers(3, size=40))
    net = gn.mlp([25, 8, 3], activation="relu", initializer="he", dtype=np.float32, rng=rng)
    for record in gn.train(
        net,
        split,
        validation=split,
        loss="cross_entropy",
        optimizer=gn.Adam(),
        learning_rate=1e-3,
        epochs=2,
        batch_size=16,
        rng=rng,
    ):
        assert record.train_loss > 0
    report = gn.evaluate(net, split)
    assert report.accuracy == (net.predict(images) == split.labels).mean()
    assert gn.check_gradients(net, images[:8], split.labels[:8]).worst < 1e-6
