"""Write docs/hyperparameters.md from the fields of Recipe: python -m benchmarks.hyperparameters."""

from dataclasses import MISSING
from pathlib import Path

from glassnet.files import write_atomically
from glassnet.hyperparameters import Hyperparameter, hyperparameters
from glassnet.recipe import Recipe

PAGE = Path("docs/hyperparameters.md")
HEAD = """# Hyper-parameters

The fields of a recipe, in the order of `glassnet train --help`. A field without a default is set by
each recipe. Written by `python -m benchmarks.hyperparameters` from `src/glassnet/recipe.py`.

| name | option | default | range | meaning |
|---|---|---|---|---|
"""


def write_table() -> str:
    """Return the page in Markdown."""
    return HEAD + "".join(_row(declared) for declared in hyperparameters(Recipe).values())


def _row(declared: Hyperparameter) -> str:
    flag = declared.name.replace("_", "-")
    option = f"`--{flag}`" if declared.has_option else "-"
    if declared.type is bool and declared.has_option:
        option = f"`--{flag}`, `--no-{flag}`"
    is_set = declared.default is not MISSING
    default = f"`{declared.format(declared.default)}`" if is_set else "-"
    return f"| {declared.name} | {option} | {default} | {declared.range} | {declared.help} |\n"


if __name__ == "__main__":
    write_atomically(PAGE, write_table().encode())
