"""Tests of docs/math.md: the small network computed by hand."""

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import glassnet as gn
from glassnet.nn.tracing.recording import record_step

MATH = Path(__file__).parents[2] / "docs" / "math.md"
ATOL = 1e-6  # the page shows 6 decimals


def close(actual: Any, expected: Any) -> None:
    np.testing.assert_allclose(actual, expected, rtol=0, atol=ATOL)


@pytest.fixture(scope="module")
def page() -> dict[str, NDArray[Any]]:
    section = MATH.read_text(encoding="utf-8").split("## A small net worked by hand", 1)[1]
    block = re.search(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert block is not None
    lines = (line.split(" = ", 1) for line in block.group(1).splitlines())
    return {name: np.asarray(ast.literal_eval(value)) for name, value in lines}


def test_training_matches_every_number_of_the_page(page: dict[str, NDArray[Any]]) -> None:
    net = gn.mlp([2, 2, 2], activation="relu", initializer="he", dtype=np.float64, rng=0)
    assert set(net.params) == {"W1", "b1", "W2", "b2"}
    for name, theta in net.params.items():
        theta[...] = page[name]
    x, labels = page["x"], page["labels"]

    logits, _ = net.forward(x)
    close(logits, page["z2"])
    exp = np.exp(logits)
    close(exp / exp.sum(axis=1, keepdims=True), page["p"])

    grads = {name: np.zeros_like(theta) for name, theta in net.params.items()}
    close(net.loss_and_grads(x, labels, grads), page["loss"])
    for name, grad in grads.items():
        close(grad, page[f"d{name}"])

    sgd = gn.SGD()
    sgd.update(net.params, grads, sgd.init(net.params), learning_rate=float(page["eta"]))
    for name, theta in net.params.items():
        close(theta, page[f"{name}_after"])
    close(net.loss_and_grads(x, labels, grads), page["loss_after"])


def test_trace_matches_every_number_of_the_page(page: dict[str, NDArray[Any]]) -> None:
    net = gn.mlp([2, 2, 2], activation="relu", initializer="he", dtype=np.float64, rng=0)
    for name, theta in net.params.items():
        theta[...] = page[name]
    recorded, _ = record_step(net, page["x"], page["labels"], float(page["eta"]), gn.cross_entropy)
    arrays = {str(symbol): array for symbol, array in recorded.items()}
    for name in page.keys() - {"labels", "eta"}:
        close(arrays[name], page[name])
