"""Tests of docs/trace.md: the network computed by hand, and the examples."""

import ast
import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn

PAGE = Path(__file__).parents[2] / "docs" / "trace.md"
BLOCKS = re.findall(
    r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
ATOL = 1e-6  # the page shows 6 decimals


def test_the_trace_matches_every_number_of_the_page() -> None:
    lines = (line.split(" = ", 1) for line in BLOCKS[0].splitlines())
    page = {name: np.asarray(ast.literal_eval(value)) for name, value in lines}
    net = gn.mlp([2, 3, 2], dtype=np.float64, rng=0)
    for name, theta in net.params.items():
        theta[...] = page[name]
    step = gn.trace(net, page["x"], [1], 0.5)
    assert {quantity.name for quantity in step.quantities} == set(page)
    for name, value in page.items():
        np.testing.assert_allclose(step[name], value, rtol=0, atol=ATOL, err_msg=name)


def test_the_examples_run() -> None:
    text = "\n".join(BLOCKS[1:])
    example = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    assert len(example.examples) == 15
    report: list[str] = []
    assert doctest.DocTestRunner().run(example, out=report.append).failed == 0, "".join(report)


def test_the_perturbed_losses_match_the_closed_form() -> None:
    """With two classes the loss is ln(1 + e^d): z1[0, 0] moves, and d twice as far."""
    for loss, moved in ((1.276812188, -1e-4), (1.277100634, 1e-4)):
        assert np.log1p(np.exp(0.95 + 2 * moved)) == pytest.approx(loss, abs=1e-9)
