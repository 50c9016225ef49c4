"""Imports of the parity tests, which need PyTorch and run separately."""

import ast
import importlib
from pathlib import Path

import pytest

PARITY = sorted((Path(__file__).parent / "parity").glob("*.py"))


@pytest.mark.parametrize("path", PARITY, ids=[path.name for path in PARITY])
def test_names_imported_by_the_parity_tests_exist(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in imports if node.module and node.module.startswith("glassnet")]
    assert ours
    for node in ours:
        module = importlib.import_module(str(node.module))
        missing = [alias.name for alias in node.names if not hasattr(module, alias.name)]
        assert not missing, f"{node.module} has no {missing}"
