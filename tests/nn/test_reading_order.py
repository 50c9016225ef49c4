"""The docstring of glassnet.nn lists the folder, and imports follow its order."""

import ast
import re
from pathlib import Path

import glassnet as gn
import glassnet.nn

FOLDER = Path(glassnet.nn.__file__).parent
LISTED = re.findall(r"^\d+\. ``(\w+)/?``", glassnet.nn.__doc__ or "", re.MULTILINE)


def test_every_file_and_folder_is_listed_once() -> None:
    found = {
        path.stem
        for path in FOLDER.iterdir()
        if path.stem not in ("__init__", "__pycache__") and (path.is_dir() or path.suffix == ".py")
    }
    assert len(LISTED) == len(set(LISTED))
    assert set(LISTED) == found


def test_folder_has_at_most_twelve_files() -> None:
    assert len(list(FOLDER.glob("*.py"))) <= 12


def test_modules_import_only_earlier_ones() -> None:
    for place, name in enumerate(LISTED):
        path = FOLDER / name
        for file in path.glob("*.py") if path.is_dir() else [path.with_suffix(".py")]:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                    "glassnet.nn."
                ):
                    module = str(node.module).split(".")[2]
                    assert LISTED.index(module) <= place, f"{file.name} imports {module}"


def test_every_public_class_can_be_found_by_file_name() -> None:
    names = set(gn.__all__)
    for file in FOLDER.rglob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.name in names:
                word = node.name.lower()
                stem = file.stem.replace("_", "")
                # Exceptions: the optimisers share a file, and the report belongs to the check.
                assert word == stem or stem in ("optimizers", "gradientcheck"), node.name
