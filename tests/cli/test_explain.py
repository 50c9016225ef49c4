"""``glassnet explain``: a step, one value with its inputs, and a perturbed weight."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import glassnet as gn
from benchmarks.drawn import draw
from glassnet.cli import explain_input
from glassnet.cli.explain_step import as_text
from glassnet.data.dataset import Split
from glassnet.errors import DataNotFoundError
from glassnet.nn.tracing.formulas import FORMULAS, SQUARED
from glassnet.nn.tracing.trace import Trace
from tests.cli.conftest import Glassnet

TRAIN = (
    *("--recipe", "textbook", "--hidden", "8", "--epochs", "2", "--batch-size", "20"),
    *("--test", "0.25", "--no-pictures", "--quiet", "--out", "run"),
)


@pytest.fixture
def run(bars: Path, glassnet: Glassnet) -> Path:
    assert glassnet("train", "--data", bars, *TRAIN).code == 0
    return bars


@pytest.fixture
def step(run: Path) -> Trace:
    """Trace the same step in Python."""
    split = gn.load_dataset(str(run), test=0.25).test
    assert split is not None
    return gn.trace(gn.load("run").network, split.images[4], int(split.labels[4]), 0.1)


def explain_json(glassnet: Glassnet, *arguments: str) -> dict[str, Any]:
    done = glassnet("explain", "run", "4", *arguments, "--json")
    assert (done.code, done.err) == (0, "")
    content: dict[str, Any] = json.loads(done.out)
    return content


def test_a_step_is_printed_phase_by_phase(glassnet: Glassnet, run: Path, step: Trace) -> None:
    done = glassnet("explain", "run", "4")
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    lines = done.out.splitlines()
    assert lines[0].startswith("Model    run: 36 -> 8 relu -> 3 softmax, 323 parameters, float32")
    assert lines[1] == f"Image    image 4 of the test set of {run}"
    label = int(step["y"].argmax())
    assert lines[2] == f"Label    {label}, given by the data"
    names = [line.split()[0] for line in lines if re.match(r"  \w", line)]
    assert names == [quantity.name for quantity in step.quantities]
    assert [line for line in lines if line in ("forward", "loss", "backward", "update")]
    assert "z₁ = x W₁ + b₁" in done.out
    for k in range(3):
        row = f"{k}      {step['p'][0, k]:.6f}  {step['p_after'][0, k]:.6f}"
        assert any(line.startswith(row) for line in lines), row
    assert lines[-1] == (
        f"loss {step['loss']:.6g} before the step, {step['loss_after']:.6g} after it, "
        "with learning rate 0.1"
    )
    assert "z₁ = W₁ᵀ x + b₁" in glassnet("explain", "run", "4", "--columns").out


def test_json_has_the_same_content(glassnet: Glassnet, run: Path, step: Trace) -> None:
    content = explain_json(glassnet)
    assert (content["model"], content["label"]) == ("run", int(step["y"].argmax()))
    assert content["label_is"] == "given by the data"
    assert content["loss"] == float(step["loss"])
    assert content["loss_after"] == float(step["loss_after"])
    np.testing.assert_array_equal(content["probabilities"], step["p"][0])
    np.testing.assert_array_equal(content["probabilities_after"], step["p_after"][0])
    assert [row["name"] for row in content["quantities"]] == [
        str(symbol) for symbol in step.step.arrays
    ]
    assert content["quantities"][2] == {
        "name": "W1",
        "phase": "given",
        "shape": [36, 8],
        "lowest": float(step["W1"].min()),
        "highest": float(step["W1"].max()),
        "formula": "W_{1}",
        "description": "weights from each input to each unit",
        "source": str(step.quantities[2].source),
    }
    assert (content["at"], content["perturbation"]) == (None, None)


def value_dict(letter: str, layer: int, index: list[int], value: float) -> dict[str, Any]:
    place = {"letter": letter, "layer": layer, "is_after": False, "index": index}
    return {"name": f"{letter}{layer or ''}", **place, "value": value}


@pytest.mark.parametrize("place", ["z1[0,5]", "z1[0, 5]", " z1 0,5", "z1 0 5", "z1[5]", "z1 5"])
def test_a_value_is_explained(glassnet: Glassnet, run: Path, step: Trace, place: str) -> None:
    at = explain_json(glassnet, "--at", place)["at"]
    assert (at["name"], at["index"]) == ("z1", [0, 5])
    assert at["value"] == step["z1"][0, 5]
    assert at["formula"] == "z_{1} = x W_{1} + b_{1}"
    assert at["source"]["text"] == "z = x @ W  # equation 1"
    assert at["bias"] == step["b1"][5]
    products = step["x"][0].astype(float) * step["W1"][:, 5]
    order = np.argsort(-abs(products), kind="stable")
    np.testing.assert_array_equal([term["value"] for term in at["inputs"]], products[order[:16]])
    assert at["n_rest"] == 20
    assert at["rest"] == pytest.approx(products[order[16:]].sum())
    first = int(order[0])
    assert at["inputs"][0]["factors"] == [
        value_dict("x", 0, [0, first], step["x"][0, first]),
        value_dict("W", 1, [first, 5], step["W1"][first, 5]),
    ]
    assert [consumer["name"] for consumer in at["consumers"]] == ["a1", "slope1"]


def test_an_explanation_is_printed_line_by_line(glassnet: Glassnet, run: Path, step: Trace) -> None:
    lines = glassnet("explain", "run", "4", "--at", "z1[5]").out.splitlines()
    assert lines[0] == f"z1[0, 5] = {step['z1'][0, 5]:.8g}"
    assert lines[1].startswith("  z₁ = x W₁ + b₁   pre-activation: ")
    assert lines[4] == "Inputs 37 terms, largest first"
    assert re.fullmatch(r" +\S+  x\[0, (\d+)\] \* W1\[\1, 5\] = \S+ \* \S+", lines[5])
    assert lines[21].endswith("  20 more")
    assert lines[22].endswith(f"  the bias: b1[5] = {step['b1'][5]:.6g}")
    total, description = lines[23].strip().split("  ")
    assert float(total) == pytest.approx(step["z1"][0, 5], rel=1e-5)
    assert description == "sum"
    assert lines[25] == "Consumers 2 values"
    assert lines[26] == f"  {step['a1'][0, 5]:+14.6g}  a1[0, 5]"
    given = glassnet("explain", "run", "4", "--at", "W1 3,5", "--columns").out
    assert "Inputs" not in given
    assert "  W₁ᵀ   weights" in given
    share = glassnet("explain", "run", "4", "--at", "p[2]").out
    assert "sum; p[0, 2] is its share of it: " in share
    many = glassnet("explain", "run", "4", "--at", "x 9").out
    assert "Consumers 24 values" in many
    assert many.endswith("  8 more\n")
    loss = glassnet("explain", "run", "4", "--at", "loss").out
    assert "Inputs 1 term and its factors" in loss
    assert "Consumers" not in loss


def test_a_weight_is_perturbed(glassnet: Glassnet, run: Path, step: Trace) -> None:
    perturbation = step.perturb("W2", (1, 2))
    content = explain_json(glassnet, "--perturb", "W2[1,2]")["perturbation"]
    assert content == perturbation.to_dict()
    assert glassnet("explain", "run", "4", "--perturb", "W2[1,2]").out.splitlines() == [
        "W2[1, 2] perturbed by 0.0001 in both directions",
        f"  loss below  {perturbation.loss_below:.12g}",
        f"  loss above  {perturbation.loss_above:.12g}",
        f"  slope       {perturbation.slope:+.8e}   (loss above - loss below) / 0.0002",
        f"  gradient    {perturbation.gradient:+.8e}   by backpropagation, dW2[1, 2]",
    ]
    both = glassnet("explain", "run", "4", "--at", "b2[1]", "--perturb", "b2[1]").out
    assert "\nb2[1] perturbed by" in both
    assert "\nConsumers 2 values\n" in both


def test_label_learning_rate_loss_and_part_options(glassnet: Glassnet, run: Path) -> None:
    data = gn.load_dataset(str(run), test=0.25)
    assert data.validation is not None
    network, image = gn.load("run").network, data.validation.images[4]
    content = explain_json(
        glassnet,
        *("--label", "1", "--learning-rate", "0.5", "--loss", "mse", "--part", "validation"),
    )
    step = gn.trace(network, image, 1, 0.5, loss="mse")
    assert content["label_is"] == "given by --label"
    assert content["loss_after"] == float(step["loss_after"])
    other = explain_json(glassnet, "--data", str(run), "--part", "train")
    assert other["image"] == f"image 4 of the train set of {run}"


def test_a_picture_is_traced_after_preprocessing(glassnet: Glassnet) -> None:
    Image.fromarray(draw("7")).save("seven.png")
    done = glassnet("explain", "mnist-small", "seven.png", "--json")
    assert (done.code, done.err) == (0, "")
    content = json.loads(done.out)
    assert (content["image"], content["label"]) == ("seven.png", 7)
    assert content["label_is"].startswith("the model's prediction")
    (row,) = json.loads(glassnet("predict", "seven.png", "--model", "mnist-small", "--json").out)
    tempered = np.array(content["probabilities"]) ** (1 / gn.load("mnist-small").temperature)
    np.testing.assert_allclose(row["probabilities"], tempered / tempered.sum(), atol=1e-6)
    Image.fromarray(draw("12\n458")).save("page.png")
    assert "page.png, the largest of 5 digits" in glassnet("explain", "mnist", "page.png").out
    Image.fromarray(np.full((60, 60), 255, np.uint8)).save("empty.png")
    done = glassnet("explain", "mnist", "empty.png")
    assert (done.code, done.err) == (2, "glassnet: empty.png: no ink that could be a digit\n")


def test_missing_mnist_falls_back_to_sample(
    glassnet: Glassnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(name: str) -> None:
        raise DataNotFoundError(f"{name}: not found")

    def choose(config: object, data: str, part: str) -> tuple[str, Split]:
        return f"the {part} set of {data}", Split(np.full((1, 28, 28), 9, np.uint8), np.array([3]))

    monkeypatch.setattr(explain_input, "fetch_with_progress", fetch)
    monkeypatch.setattr(explain_input, "choose_part", choose)
    done = glassnet("explain", "mnist-small", "0")
    assert done.code == 0
    assert done.err == "glassnet: mnist: not found. Using sample instead.\n"
    assert "Image    image 0 of the test set of sample\nLabel    3, given" in done.out
    assert "(the model's temperature is 0.4772)" in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "60"], "IMAGE: needs an index from 0 to 59 for "),
        (
            ["run", "4", "--part", "tset"],
            "part: needs one of test, train, validation, got 'tset'. Did you mean 'test'?",
        ),
        (["run", "4", "--label", "3"], "--label: needs a class from 0 to 2, got 3"),
        (["run", "4", "--learning-rate", "0"], "learning_rate: needs a number above 0, got 0.0"),
        (["run", "4", "--loss", "hinge"], "loss: needs one of"),
        (["run", "4", "--at", "z9[1]"], "--at, name: needs one of x, y, "),
        (["run", "4", "--at", "z1[8]"], "--at, index: z1 needs 0 to 0, 0 to 7, got (0, 8)"),
        (["run", "4", "--at", "W1[8]"], "--at, index: W1 needs 0 to 35, 0 to 7, got (8,)"),
        (["run", "4", "--at", "z1[a]"], '--at: needs a value of the step, such as "z1[0,17]", got'),
        (["run", "4", "--perturb", "W1[-1,0]"], "--perturb: needs a value of the step, such as"),
        (
            ["run", "4", "--perturb", "z1[0]"],
            "--perturb, name: needs a parameter, one of W1",
        ),
        (["run", "4", "--data", "nowhere"], "nowhere: no such file"),
        (["run", "seven.png"], "seven.png: cannot be read"),
        (["run", "seven.png", "--data", "mnist"], "--data: needs the index of an image, got"),
        (["nowhere", "4"], "nowhere: needs a model file"),
        (["ensemble", "4"], "model: needs a single network for this, got an ensemble of 2"),
    ],
)
def test_usage_errors_get_one_line(
    glassnet: Glassnet, run: Path, arguments: list[str], message: str
) -> None:
    assert glassnet("ensemble", "run", "run", "--out", "ensemble").code == 0
    done = glassnet("explain", *arguments)
    assert (done.code, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert message in line


@pytest.mark.parametrize("columns", [False, True])
def test_formulas_are_printed_without_latex(columns: bool) -> None:
    for formula in (*FORMULAS.values(), *SQUARED.values()):
        text = as_text(formula.fill(12, "a_{11}", 13).latex(columns=columns))
        assert not set("\\{}^") & set(text), text
    assert as_text(FORMULAS["dW"].fill(2, "a_{1}", 3).latex(columns=columns)) == (
        "dW₂ᵀ = dz₂ a₁ᵀ" if columns else "dW₂ = a₁ᵀ dz₂"
    )
    assert as_text(FORMULAS["p"].latex()) == "p_k = exp(z_k) / Σ_j exp(z_j)"
