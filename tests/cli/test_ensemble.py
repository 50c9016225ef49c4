"""``glassnet ensemble``: an ensemble of trained models."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from tests.cli.conftest import Glassnet

QUICK = ("--hidden", "none", "--epochs", "1", "--no-pictures")
RUNS = ("runs/fast-1", "runs/fast-2")
FOLDER = Path("runs/ensemble-1")


@pytest.fixture
def two(glassnet: Glassnet, bars: Path) -> Path:
    """Train two networks on different parts of the same 240 images."""
    glassnet("train", "--data", bars, *QUICK, "--test", "0.5", "--validation", "0.1")
    glassnet(
        "train", "--data", bars, *QUICK, "--test", "0.5", "--seed", "1", "--preprocess", "deskew"
    )
    return bars


def test_probabilities_are_averaged_and_every_command_accepts_an_ensemble(
    glassnet: Glassnet, two: Path
) -> None:
    done = glassnet("ensemble", *RUNS)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{FOLDER}: {gn.load(FOLDER)!r}\n"
    assert "2 networks, 222 parameters; preprocessing 1 x deskew, 1 x plain" in done.out
    images = gn.load_dataset(two, validation=0, test=0).train.images
    models = [gn.load(run) for run in RUNS]
    assert [model.temperature for model in models] == [1, 1]
    mean = (models[0].predict_proba(images) + models[1].predict_proba(images)) / 2
    for name in (FOLDER, FOLDER / "model.safetensors"):
        done = glassnet("predict", "--model", name, two, "--json")
        assert done.code == 0
        rows = json.loads(done.out)
        np.testing.assert_allclose([row["probabilities"] for row in rows], mean, rtol=1e-6)


def test_training_images_of_any_member_are_left_out(glassnet: Glassnet, two: Path) -> None:
    glassnet("ensemble", *RUNS)
    images = gn.load_dataset(two, validation=0, test=0).train.images
    tested = []
    for seed, share in ((0, 0.1), (1, 1 / 12)):
        part = gn.load_dataset(two, validation=share, test=0.5, seed=seed).test
        assert part is not None
        tested.append({image.tobytes() for image in part.images})
    unseen = [image.tobytes() in tested[0] & tested[1] for image in images]
    report = json.loads(glassnet("evaluate", FOLDER, "--data", two, "--json").out)
    assert (report["n"], report["n_leaked"]) == (sum(unseen), 240 - sum(unseen))
    assert 20 < report["n"] < 100  # fewer than the 120 test images of either run
    done = glassnet("predict", "--model", FOLDER, two)
    assert f"{240 - sum(unseen)} of 240 images were seen" in done.err


def test_an_ensemble_needs_data_to_be_evaluated(glassnet: Glassnet, two: Path) -> None:
    glassnet("ensemble", *RUNS)
    done = glassnet("evaluate", FOLDER)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "--data: needs a name or a path" in done.err


def test_json_out_and_dtype_options(glassnet: Glassnet, two: Path) -> None:
    done = glassnet("ensemble", *RUNS, RUNS[0], "--out", "mine", "--dtype", "int8", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == {"model": "mine", "members": 3}
    smaller = Path("mine/model.safetensors").read_bytes()
    assert glassnet("ensemble", *RUNS, RUNS[0], "--quiet") == (0, "", "")
    content = (FOLDER / "model.safetensors").read_bytes()
    assert len(smaller) < len(content)
    assert b'"I8"' in smaller
    assert b'"I8"' not in content
    glassnet("ensemble", "mine", RUNS[1])
    assert len(gn.load("runs/ensemble-2").members) == 4


def test_without_a_record_of_training_images_leakage_is_unknown(
    glassnet: Glassnet, two: Path
) -> None:
    shutil.copy("runs/fast-2/model.safetensors", "lone.safetensors")
    done = glassnet("ensemble", RUNS[0], "lone.safetensors")
    assert done.code == 0
    assert len(done.err.splitlines()) == 1
    assert "cannot check for leakage" in done.err
    assert [path.name for path in FOLDER.iterdir()] == ["model.safetensors"]
    report = json.loads(glassnet("evaluate", FOLDER, "--data", two, "--json").out)
    assert (report["n"], report["n_leaked"]) == (240, None)
    assert glassnet("ensemble", RUNS[0], "lone.safetensors", "-q") == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument"),
        (("nowhere", "runs/fast-1"), "nowhere: needs a model file"),
        (("runs/fast-1", "runs/fast-9"), "runs/fast-9: needs a model file"),
        (("runs/fast-1", "runs"), "runs/model.safetensors: needs a model file"),
        (("runs/fast-1", "bars.csv"), "bars.csv: needs a safetensors file"),
        (("runs/fast-1", "small.safetensors"), "model 2 needs the image shape of the first"),
        (
            ("runs/fast-1", "--dtype", "int4"),
            "dtype: needs one of float16, float32, int8, got 'int4'",
        ),
        (("runs/fast-1", "huge.safetensors", "--dtype", "float16"), "out of range for float16"),
        (("runs/fast-1", "--out", "runs"), "--out: needs a new or empty folder, got runs"),
        (("runs/fast-1", "--out", "bars.csv"), "--out: needs a folder, got the file bars.csv"),
        (("runs/fast-2", "damaged"), "training_hashes.safetensors"),
    ],
)
def test_errors_get_one_line_and_leave_no_files(
    glassnet: Glassnet, two: Path, arguments: tuple[str, ...], message: str
) -> None:
    Path("bars.csv").write_text("label,pixel0\n1,2\n")
    gn.save(gn.Model.of(gn.mlp([16, 3], rng=0), (4, 4)), "small.safetensors")
    huge = gn.mlp([36, 3], rng=0)
    huge.params["W1"][...] = 1e6
    gn.save(gn.Model.of(huge, (6, 6)), "huge.safetensors")
    shutil.copytree("runs/fast-1", "damaged")
    Path("damaged/training_hashes.safetensors").write_bytes(b"{}")
    before = sorted(Path().rglob("*"))
    done = glassnet("ensemble", *arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert message in done.err
    assert sorted(Path().rglob("*")) == before
