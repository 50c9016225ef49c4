"""Validate docstrings: ``python -m checks.docstrings``.

Public names are validated against numpydoc, and need an example. In all other docstrings, entries
for parameters have to say more than name and type do.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import glassnet

# PR01 and PR07 would ask for entries that repeat a name and a type.
NUMPYDOC_CHECKS = {
    "GL02", "GL03", "GL06", "GL07", "GL08", "GL09", "GL10",
    "SS02", "SS03", "SS05", "SS06",
    "PR02", "PR03", "PR04", "PR06", "PR09", "PR10",
    "RT02", "RT03", "RT05",
}  # fmt: skip
MIN_WORDS = 4


def public_names() -> Iterator[str]:
    """Yield the names of ``glassnet.__all__`` and of their public methods and properties."""
    for name in glassnet.__all__:
        yield f"glassnet.{name}"
        thing = getattr(glassnet, name)
        if inspect.isclass(thing) and not issubclass(thing, BaseException):
            yield from (
                f"glassnet.{name}.{attribute}"
                for attribute, value in vars(thing).items()
                if attribute[0] != "_" and (inspect.isroutine(value) or isinstance(value, property))
            )


def numpydoc_problems(name: str) -> Iterator[str]:
    """Yield what numpydoc reports for a public name; a class or function needs an example."""
    checks = NUMPYDOC_CHECKS | ({"EX01"} if name.count(".") == 1 else set())
    for code, text in validate(name)["errors"]:
        if code in checks:
            yield f"{name}: {code} {text}"


def short_entries(path: Path) -> Iterator[str]:
    """Yield the parameters of a file whose description has fewer than ``MIN_WORDS`` words."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        docstring = NumpyDocString(ast.get_docstring(node) or "")
        for entry in docstring["Parameters"] + docstring["Attributes"]:
            words = " ".join(entry.desc).split()
            if 0 < len(words) < MIN_WORDS:
                yield f"{path}:{node.lineno}: {entry.name}: {' '.join(words)!r} says too little"


def main() -> None:
    """Exit with the problems, one on each line; with status 0 where there are none."""
    problems = [problem for name in public_names() for problem in numpydoc_problems(name)]
    for path in sorted(Path("src").rglob("*.py")):
        problems += short_entries(path)
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__":
    main()
