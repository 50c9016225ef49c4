"""The notebook: it runs, its results are correct, and its stored outputs are up to date."""

import ast
import json
import os
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import numpy as np
import pytest
from numpy.typing import NDArray

import glassnet as gn

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "mnist_from_scratch.ipynb"
SECTIONS = [
    "1. Loading and preprocessing",
    "2. Parameter initialisation",
    "3. Activations and their derivatives",
    "4. Forward propagation",
    "5. Loss",
    "6. Backward propagation",
    "7. Gradient descent",
    "8. Training",
    "9. Evaluation and results",
]
GLASSNET_PART = "The same with glassnet"
PARAMETERS = ("W1", "b1", "W2", "b2")
TIMEOUT = 170  # seconds, for the longest cell
MAX_BYTES = 600_000

# Run after the last cell: exports the notebook's variables.
HAND_OUT = """
import numpy as np
held = {
    "source": source, "test_accuracy": test_accuracy, "confusion": confusion,
    "x_test": pixels[test_rows], "labels_test": labels[test_rows],
    "x_check": x_check, "y_check": y_check,
    "train_rows": train_rows, "validation_rows": validation_rows, "test_rows": test_rows,
    "relative_errors": np.array([relative_errors[name] for name in ("W1", "b1", "W2", "b2")]),
}
for name in ("W1", "b1", "W2", "b2"):
    held["start_" + name] = start[name]
    held["grad_" + name] = grads_check[name]
    held["own_" + name] = params[name]
    held["glassnet_" + name] = net.params[name]
np.savez("held.npz", **held)
"""

Arrays = dict[str, NDArray[Any]]
Cell = dict[str, Any]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Arrays:
    """Run the notebook in an empty folder, and return its variables."""
    folder = tmp_path_factory.mktemp("notebook")
    # One thread: small products gain little from two, and lose much on busy cores.
    # The kernel must import the glassnet under test.
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    env.pop("MPLBACKEND", None)
    package = Path(gn.__file__).resolve().parents[1]
    env["PYTHONPATH"] = os.pathsep.join([str(package), *filter(None, [env.get("PYTHONPATH")])])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations within Jupyter
        notebook: Any = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []
        notebook.cells.append(nbformat.v4.new_code_cell(HAND_OUT))  # type: ignore[no-untyped-call]
        client = nbclient.NotebookClient(
            notebook,
            timeout=TIMEOUT,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute(env=env)  # raises CellExecutionError at the first error
    for cell in code_cells(notebook):
        for output in cell["outputs"]:
            assert output.get("name") != "stderr", output["text"]
    with np.load(folder / "held.npz") as file:
        return dict(file)


def stored() -> dict[str, Any]:
    """Return the stored notebook."""
    content: dict[str, Any] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return content


def code_cells(notebook: dict[str, Any]) -> list[Cell]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def text(lines: str | list[str]) -> str:
    return lines if isinstance(lines, str) else "".join(lines)


def stored_text() -> str:
    """Return the text of all stored outputs."""
    outputs = [output for cell in code_cells(stored()) for output in cell["outputs"]]
    return "".join(text(output["text"]) for output in outputs if output["output_type"] == "stream")


def headings(level: int) -> list[str]:
    sources = [text(c["source"]) for c in stored()["cells"] if c["cell_type"] == "markdown"]
    return re.findall(rf"^{'#' * level} (.+)$", "\n".join(sources), re.MULTILINE)


def code_by_section() -> dict[str, str]:
    """Return the code under each numbered heading."""
    section, code = "", dict.fromkeys(["", *SECTIONS], "")
    for cell in stored()["cells"]:
        source = text(cell["source"])
        if cell["cell_type"] == "code":
            code[section] += source + "\n"
        elif heading := re.match(r"## (.+)", source):
            section = heading[1]
    return code


def has_top_level_output(source: str) -> bool:
    """Return whether a cell itself prints or draws, not only a function that it defines."""

    def calls(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.FunctionDef):
            return
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)
        for child in ast.iter_child_nodes(node):
            yield from calls(child)

    return not {"print", "plt.show"}.isdisjoint(calls(ast.parse(source)))


def accuracy_due(source: str) -> float:
    return 0.95 if "Kaggle" in source else 0.91


# Results


def test_training_agrees_with_glassnet(held: Arrays) -> None:
    for name in PARAMETERS:
        own, theirs = held[f"own_{name}"], held[f"glassnet_{name}"]
        assert own.dtype == theirs.dtype == np.float64
        assert np.abs(own - theirs).max() < 1e-10
        assert np.abs(own - held[f"start_{name}"]).max() > 1e-2  # both were trained


def test_gradient_check_passes(held: Arrays) -> None:
    assert held["relative_errors"].shape == (4,)
    assert held["relative_errors"].max() < 1e-6


def test_gradients_agree_with_glassnet(held: Arrays) -> None:
    net = gn.mlp([784, 128, 10], dtype=np.float64, rng=0)
    for name, theta in net.params.items():
        theta[...] = held[f"start_{name}"]
    grads = net.empty_grads()
    net.loss_and_grads(held["x_check"], held["y_check"], grads)
    for name in PARAMETERS:
        np.testing.assert_allclose(held[f"grad_{name}"], grads[name], rtol=0, atol=1e-12)


def test_accuracy_on_the_test_part(held: Arrays) -> None:
    x, labels = held["x_test"] / 255, held["labels_test"]
    a1 = np.maximum(0, x @ held["own_W1"] + held["own_b1"])
    prediction = (a1 @ held["own_W2"] + held["own_b2"]).argmax(axis=1)
    accuracy = (prediction == labels).mean()
    assert accuracy >= accuracy_due(str(held["source"]))
    assert held["test_accuracy"] == accuracy
    assert held["confusion"].trace() == (prediction == labels).sum()


def test_the_parts_share_no_image(held: Arrays) -> None:
    train, validation, test = (held[f"{part}_rows"] for part in ("train", "validation", "test"))
    n_rows = len(train) + len(validation) + len(test)
    assert len(test) == n_rows // 6
    np.testing.assert_array_equal(
        np.sort(np.concatenate([train, validation, test])), np.arange(n_rows)
    )


# Layout and stored outputs


def test_nine_sections_in_order() -> None:
    assert headings(2) == SECTIONS
    assert headings(3) == [GLASSNET_PART]


def test_only_numpy_is_imported_before_the_glassnet_section() -> None:
    sources = "\n".join(text(cell["source"]) for cell in code_cells(stored()))
    by_hand, with_glassnet = sources.split("import glassnet as gn", 1)
    assert "gn." in with_glassnet
    assert "glassnet" not in by_hand
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(by_hand))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    others = {str(name).split(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert others == {"numpy", "matplotlib"}


def test_the_test_part_is_first_used_in_section_9() -> None:
    code = code_by_section()
    names = r"\b(x_test|y_test|test_rows)\b"
    assert [section for section in SECTIONS if re.search(names, code[section])] == [
        SECTIONS[0],
        SECTIONS[8],
    ]


def test_stored_with_the_outputs_of_one_full_run() -> None:
    cells = code_cells(stored())
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert bool(cell["outputs"]) == has_top_level_output(text(cell["source"])), cell["id"]
        for output in cell["outputs"]:
            assert output["output_type"] in {"stream", "display_data"}
            assert output.get("name", "stdout") == "stdout"


def test_stored_outputs_are_from_the_kaggle_data() -> None:
    printed = stored_text()
    assert "42,000 images" in printed
    accuracies = re.findall(r"test accuracy: ([\d.]+)%", printed)
    assert len(accuracies) == 2  # by hand, and by glassnet
    assert len(set(accuracies)) == 1
    assert float(accuracies[0]) >= 95


def test_the_stored_copy_is_small_and_free_of_local_paths() -> None:
    content = NOTEBOOK.read_text(encoding="utf-8")
    assert len(content.encode()) < MAX_BYTES
    notebook = stored()
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        assert cell["metadata"] == {}
        for output in cell.get("outputs", []):
            assert output.get("metadata", {}) == {}
    shown = stored_text() + "".join(text(cell["source"]) for cell in notebook["cells"])
    assert not re.search(r"(?<![\w.])/(home|root|tmp|work|Users|usr)/|site-packages", shown)
