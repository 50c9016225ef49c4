"""``glassnet predict`` on tables and datasets: submissions, CSV and JSON."""

import csv
import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.types import Array
from tests.cli.conftest import Glassnet

QUICK = ("--hidden", "none", "--epochs", "1", "--no-pictures")


@pytest.fixture
def model(glassnet: Glassnet, bars: Path) -> Path:
    glassnet("train", "--data", bars, *QUICK)
    return Path("runs/fast-1")


def write_table(path: Path, images: Array) -> Path:
    """Write a table without labels, like Kaggle's test.csv."""
    rows = images.reshape(len(images), -1)
    header = ",".join(f"pixel{k}" for k in range(rows.shape[1]))
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\r\n".join([*lines, ""]), newline="")
    return path


@pytest.fixture
def images() -> Array:
    return np.random.default_rng(5).integers(0, 256, (25, 6, 6), np.uint8)


@pytest.fixture
def table(images: Array) -> Path:
    return write_table(Path("new.csv"), images)


def test_a_submission_has_kaggles_format(
    glassnet: Glassnet, model: Path, table: Path, images: Array
) -> None:
    done = glassnet("predict", "--model", model, table, "--submission", "out.csv")
    assert (done.code, done.err) == (0, "")
    digits = gn.load(model).predict(images)
    expected = [f"{number},{digit}" for number, digit in enumerate(digits, start=1)]
    assert Path("out.csv").read_bytes().decode() == "\n".join(["ImageId,Label", *expected, ""])


def test_the_test_table_of_a_zip_is_read(
    glassnet: Glassnet, model: Path, table: Path, images: Array
) -> None:
    with zipfile.ZipFile("digits.zip", "w") as archive:
        archive.write(table, "test.csv")
        archive.writestr("train.csv", "label,pixel0\n1,2\n")
    glassnet("predict", "--model", model, table, "--submission", "table.csv")
    assert glassnet("predict", "--model", model, "digits.zip", "--submission", "zip.csv").code == 0
    assert Path("zip.csv").read_text() == Path("table.csv").read_text()


def test_json_has_all_probabilities(
    glassnet: Glassnet, model: Path, table: Path, images: Array
) -> None:
    done = glassnet("predict", "--model", model, table, "--json")
    assert (done.code, done.err) == (0, "")
    rows = json.loads(done.out)
    probabilities = gn.load(model).predict_proba(images)
    assert [row["index"] for row in rows] == list(range(25))
    for row, expected in zip(rows, probabilities, strict=True):
        assert row["file"] == "new.csv"
        assert row["probabilities"] == expected.tolist()
        assert row["digit"] == int(expected.argmax())
        assert row["probability"] == float(expected.max())


def test_csv_has_a_row_for_each_image(
    glassnet: Glassnet, model: Path, table: Path, bars: Path, images: Array
) -> None:
    other = write_table(Path('a "name", with all.csv'), images[:3])
    done = glassnet("predict", "--model", model, table, other, "--csv", "out.csv")
    assert done.code == 0
    with Path("out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["file", "index", "digit", "probability"]
    places = [(row["file"], int(row["index"])) for row in rows]
    assert places == [("new.csv", k) for k in range(25)] + [(str(other), k) for k in range(3)]
    probabilities = gn.load(model).predict_proba(images)
    for row, expected in zip(rows, [*probabilities, *probabilities[:3]], strict=True):
        assert int(row["digit"]) == expected.argmax()
        assert float(row["probability"]) == expected.max()


def test_all_images_of_a_dataset_without_a_test_part_are_read(
    glassnet: Glassnet, model: Path, bars: Path
) -> None:
    done = glassnet("predict", "--model", model, bars, "--json")
    assert len(json.loads(done.out)) == 240
    # 176 training, 16 validation and 48 test images
    assert "192 of 240 images were seen in training or validation" in done.err
    assert len(done.err.splitlines()) == 1
    assert glassnet("predict", "--model", model, bars, "--quiet") == (0, "", "")


def test_a_biased_submission_is_written_with_a_warning(
    glassnet: Glassnet, model: Path, bars: Path
) -> None:
    done = glassnet("predict", "--model", model, bars, "--submission", "out.csv")
    assert done.code == 0
    assert "would be biased" in done.err
    assert len(Path("out.csv").read_text().splitlines()) == 241


def test_a_submission_warns_if_the_training_images_are_unknown(
    glassnet: Glassnet, model: Path, table: Path
) -> None:
    shutil.copy(model / "model.safetensors", "lone.safetensors")
    assert glassnet("predict", "--model", "lone.safetensors", table).err == ""
    done = glassnet("predict", "--model", "lone.safetensors", table, "--submission", "out.csv")
    assert done.code == 0
    assert "no record of the training images" in done.err


def test_few_images_are_listed_and_many_are_counted(
    glassnet: Glassnet, model: Path, table: Path, images: Array
) -> None:
    few = write_table(Path("few.csv"), images[:3])
    lines = glassnet("predict", "--model", model, few).out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"few.csv, image {k}" for k in range(3)]
    (line,) = glassnet("predict", "--model", model, table).out.splitlines()
    assert line.startswith("new.csv: 25 images, ")


def test_the_default_model_is_the_shipped_one(glassnet: Glassnet) -> None:
    images = np.random.default_rng(5).integers(0, 256, (3, 28, 28), np.uint8)
    done = glassnet("predict", write_table(Path("new.csv"), images))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "Model mnist, shipped with glassnet"
    assert len(done.out.splitlines()) == 4


def test_an_unreadable_file_does_not_stop_the_others(
    glassnet: Glassnet, model: Path, table: Path, images: Array
) -> None:
    Path("broken.csv").write_text("pixel0,pixel1\n1,x\n")
    small = write_table(Path("small.csv"), images[:, :5, :5])
    files = ("broken.csv", table, "nowhere.csv", small)
    done = glassnet("predict", "--model", model, *files, "--csv", "out.csv", "--json")
    assert done.code == 1
    assert len(done.err.splitlines()) == 3
    for line, name in zip(done.err.splitlines(), ("broken", "nowhere", "small"), strict=True):
        assert line.startswith("glassnet: ")
        assert f"{name}.csv" in line
    assert {row["file"] for row in json.loads(done.out)} == {"new.csv"}
    assert len(Path("out.csv").read_text().splitlines()) == 26


def test_nothing_is_written_if_no_file_can_be_read(glassnet: Glassnet, model: Path) -> None:
    done = glassnet("predict", "--model", model, "no.csv", "none.csv", "--csv", "out.csv")
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 2
    assert not Path("out.csv").exists()


def test_an_image_size_error_names_both_sizes(
    glassnet: Glassnet, model: Path, images: Array
) -> None:
    small = write_table(Path("small.csv"), images[:, :5, :5])
    done = glassnet("predict", "--model", model, small)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "glassnet: small.csv: needs images of 6 x 6 pixels, as the model was trained on, "
        "got 5 x 5\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument"),
        (("new.csv", "new.csv", "--submission", "out.csv"), "--submission: needs one input"),
        (
            ("new.csv", "--csv", "new.csv"),
            "--csv: needs a file that is not an input or another output, got new.csv",
        ),
        (
            ("new.csv", "--submission", "x.csv", "--csv", "./x.csv"),
            "--csv: needs a file that is not",
        ),
        (("new.csv", "--csv", "no/out.csv"), "--csv: needs a file in an existing folder, got no"),
        (("new.csv", "--model", "nowhere"), "nowhere: needs a model file"),
        (("nowhere.csv",), "nowhere.csv: no such file"),
    ],
)
def test_usage_errors_get_one_line(
    glassnet: Glassnet, model: Path, table: Path, arguments: tuple[str, ...], message: str
) -> None:
    before = table.read_bytes()
    done = glassnet("predict", *arguments)
    assert (done.code, done.out) == (2, "") or message.startswith("nowhere.csv")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert message in done.err
    assert table.read_bytes() == before
    assert {path.name for path in Path().iterdir()} == {"runs", "new.csv"}


def test_a_table_is_read_in_the_image_shape_of_the_model(
    glassnet: Glassnet, tmp_path: Path
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (6, 2, 4), np.uint8)
    gn.save(gn.Model.of(gn.mlp([8, 3], rng=0), (2, 4)), "wide.safetensors")
    table = write_table(Path("wide.csv"), images)
    done = glassnet("predict", "--model", "wide.safetensors", table, "--json")
    digits = [row["digit"] for row in json.loads(done.out)]
    assert digits == gn.load("wide.safetensors").predict(images).tolist()


def test_a_folder_as_an_output_file_is_an_error(
    glassnet: Glassnet, model: Path, table: Path
) -> None:
    Path("taken").mkdir()
    done = glassnet("predict", "--model", model, table, "--csv", "taken")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert "needs the name of a file, got the folder taken" in done.err
    assert not list(Path("taken").iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_is_shown_in_a_terminal_but_not_in_a_pipe(model: Path, table: Path) -> None:
    import pty
    import subprocess

    command = [sys.executable, "-m", "glassnet", "predict", "--model", str(model), str(table)]
    environment = {k: v for k, v in os.environ.items() if "COLOR" not in k} | {"TERM": "xterm"}
    master, slave = pty.openpty()
    with os.fdopen(slave, "wb") as terminal:
        subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=terminal, check=True
        )
    assert b"Reading" in os.read(master, 65_536)
    os.close(master)
    piped = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert piped.stderr == b""
    assert b"\x1b" not in piped.stdout
