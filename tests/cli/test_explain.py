"""``glassnet explain``: the numbers of `gn.trace`, in words, lines and JSON."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

import glassnet as gn
from tests.cli.conftest import Glassnet

TRAIN = ("--recipe", "textbook", "--hidden", "8", "--epochs", "2", "--batch-size", "20")


@pytest.fixture
def run(bars: Path, glassnet: Glassnet) -> Path:
    quiet = ("--no-pictures", "--quiet", "--out", "run")
    assert glassnet("train", "--data", bars, *TRAIN, *quiet).code == 0
    return Path("run")


def trace_of(run: Path, bars: Path, index: int, rate: float = 0.1) -> gn.Trace:
    split = gn.load_dataset(bars).test
    assert split is not None
    return gn.trace(gn.load(run).network, split.images[index], split.labels[index], rate)


def test_a_step_is_told_phase_by_phase(run: Path, bars: Path, glassnet: Glassnet) -> None:
    done = glassnet("explain", run, "3", "--data", bars)
    assert (done.code, done.err) == (0, "")
    step = trace_of(run, bars, 3)
    lines = done.out.splitlines()
    assert lines[0].startswith("3: read as ")
    names = [line.split()[0] for line in lines if "nn/" in line]
    assert names == [one.name for one in step.quantities]
    assert lines[-1] == (f"loss {step['loss']:.6g}, after the step {step['loss_after']:.6g}")
    assert not any(line.rstrip() != line and "\x1b" in line for line in lines)


def test_one_number_is_told_with_its_terms(run: Path, bars: Path, glassnet: Glassnet) -> None:
    done = glassnet("explain", run, "3", "--data", bars, "--at", "z1[0,5]")
    assert (done.code, done.err) == (0, "")
    told = trace_of(run, bars, 3).explain("z1", (0, 5))
    first = told.terms[0]
    assert f"z1[0, 5] = {told.entry.value:.8g}" in done.out
    assert f"{first.value:+.6g}  {first.factors[0]} {first.factors[0].value:.6g} x " in done.out
    assert f"{told.n_rest} smaller terms" in done.out
    assert "nn/layers.py" in done.out
    assert "where it goes: a1[0, 5], slope1[0, 5]" in done.out
    for shorter in ("z1[5]", "z1 5", "z1 0,5"):
        assert glassnet("explain", run, "3", "--data", bars, "--at", shorter).out == done.out


def test_the_notation_can_be_that_of_the_textbooks(
    run: Path, bars: Path, glassnet: Glassnet
) -> None:
    done = glassnet("explain", run, "3", "--data", bars, "--at", "z1[5]", "--columns")
    assert "z_{1} = W_{1}^{T} x + b_{1}" in done.out
    assert "shape of all  8 x 1" in done.out


def test_a_weight_can_be_nudged(run: Path, bars: Path, glassnet: Glassnet) -> None:
    done = glassnet("explain", run, "3", "--data", bars, "--nudge", "W2[1,2]", "--json")
    told = json.loads(done.out)["nudge"]
    assert told["index"] == [1, 2]
    assert told["slope"] == pytest.approx(told["gradient"], rel=1e-3, abs=1e-8)
    words = glassnet("explain", run, "3", "--data", bars, "--nudge", "W2[1,2]").out
    assert f"backpropagation   {told['gradient']:.8g}" in words


def test_json_has_the_numbers_of_the_trace(run: Path, bars: Path, glassnet: Glassnet) -> None:
    told = json.loads(
        glassnet(
            *("explain", run, "3", "--data", bars, "--label", "1", "--learning-rate", "0.5"),
            *("--at", "dW2[1,2]", "--json"),
        ).out
    )
    split = gn.load_dataset(bars).test
    assert split is not None
    step = gn.trace(gn.load(run).network, split.images[3], 1, 0.5)
    assert told["label"] == 1
    assert told["loss_after"] == float(step["loss_after"])
    assert told["probabilities"] == step["p"][0].tolist()
    assert [one["name"] for one in told["quantities"]] == list(step.step.arrays)
    assert told["entry"]["value"] == step["dW2"][1, 2]
    factors = [factor["name"] for factor in told["entry"]["terms"][0]["factors"]]
    assert factors == ["a1", "dz2"]


def test_a_picture_is_read_as_predict_reads_it(glassnet: Glassnet) -> None:
    paper = np.full((200, 200), 255, np.uint8)
    points = [(60, 50), (110, 40), (140, 70), (100, 95), (145, 130), (110, 165), (55, 150)]
    cv2.polylines(paper, [np.array(points, np.int32)], False, 0, 14, cv2.LINE_AA)
    cv2.imwrite("three.png", paper)
    told = json.loads(glassnet("explain", "mnist-small", "three.png", "--json").out)
    (read,) = json.loads(glassnet("predict", "three.png", "--model", "mnist-small", "--json").out)
    assert told["read_as"] == told["label"] == read["digit"] == 3
    words = glassnet("explain", "mnist-small", "three.png").out
    assert words.startswith("three.png: read as 3; the right answer is 3 (as read)\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--at", "z9[0]"), "trace: there is no 'z9'"),
        (("--at", "z1[0,99]"), "z1 has indices 0 to 0, 0 to 7, got (0, 99)"),
        (("--at", "[["), "needs a number's place as z1[0,17], W1[401,17] or loss, got '[['"),
        (("--nudge", "z1[5]"), "nudge: z1 is computed, not learnt"),
        (("--part", "exam"), "part: needs test, validation, train, got 'exam'"),
        (("--label", "7"), "knows classes 0 to 2, got 7"),
        (("--learning-rate", "0"), "learning_rate: needs a number above 0, got 0"),
    ],
)
def test_a_mistake_gets_one_line(
    arguments: tuple[str, ...], says: str, run: Path, bars: Path, glassnet: Glassnet
) -> None:
    done = glassnet("explain", run, "3", "--data", bars, *arguments)
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert says in line


def test_what_is_no_image_gets_one_line(run: Path, bars: Path, glassnet: Glassnet) -> None:
    far = glassnet("explain", run, "4000", "--data", bars)
    assert far.code == 2
    assert "image: test has images 0 to 47, got 4000" in far.err
    other = glassnet("explain", "mnist-small", "notes.txt")
    assert "notes.txt: needs a picture (.png, .jpg, ...), or a number" in other.err
    cv2.imwrite("blank.png", np.full((80, 80), 255, np.uint8))
    blank = glassnet("explain", "mnist-small", "blank.png")
    assert (blank.code, blank.err) == (
        2,
        "glassnet: blank.png: no ink that could be a digit\n",
    )
