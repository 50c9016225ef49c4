"""``glassnet data``, and training on valid and invalid files of every format."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.data.sources.registry import REGISTRY
from tests.cli.conftest import Glassnet
from tests.data import makers
from tests.data.makers import csv_bytes, idx_bytes, npz_bytes, parquet_bytes, zip_bytes

QUICK = ("--hidden", "none", "--epochs", "1", "--no-pictures", "--json")
IMAGES, LABELS = makers.images_and_labels(60, 4, 4)
TABLE = csv_bytes(IMAGES, LABELS)
ROWS = TABLE.decode().splitlines()
HEADER = ROWS[0]


def with_cell(cell: str) -> bytes:
    cells = ROWS[17].split(",")
    cells[5] = cell
    return "\r\n".join([*ROWS[:17], ",".join(cells), *ROWS[18:]]).encode()


def table_with_labels(labels: list[int]) -> bytes:
    return csv_bytes(IMAGES[: len(labels)], np.array(labels))


def arrays(**changes: Any) -> bytes:
    good = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES, "y_test": LABELS}
    return npz_bytes(**good | changes)


PIXEL = "needs a whole number from 0 to 255"
MAGIC = bytes.fromhex("00000803")
BAD_FILES: list[tuple[str, str, bytes, str]] = [
    ("truncated gz", "set.csv.gz", gzip.compress(TABLE)[:-20], "gzip data is damaged or truncated"),
    ("truncated IDX gz", "i-images-idx3-ubyte.gz", gzip.compress(idx_bytes(IMAGES))[:-20], "gzip"),
    (
        "wrong magic",
        "i-images-idx3-ubyte",
        b"\0\0\x0d\x03" + bytes(40),
        "byte 0: needs the IDX magic",
    ),
    ("counts that differ", "i-images-idx3-ubyte", idx_bytes(IMAGES[:9]), "9 images, but"),
    ("sizes that overflow", "i-images-idx3-ubyte", MAGIC + b"\xff" * 12, "--max-bytes raises it"),
    ("truncated IDX", "i-images-idx3-ubyte", idx_bytes(IMAGES)[:-1], "needs 960 values"),
    ("783 columns", "set.csv", csv_bytes(np.zeros((9, 1, 782), np.uint8), LABELS[:9]), "got 782"),
    *(
        (
            f"a cell of {cell!r}",
            "set.csv",
            with_cell(cell),
            f"row 18, column p4: {PIXEL}, got {cell!r}",
        )
        for cell in ("300", "-1", "", "abc", "3.7", "1e3", "nan")
    ),
    ("a short row", "set.csv", TABLE + b"1,2,3\r\n", "row 62: needs 17 columns, got 3"),
    (
        "a long row",
        "set.csv",
        TABLE + ROWS[5].encode() + b",1\r\n",
        "row 62: needs 17 columns, got 18",
    ),
    ("an unclosed quote", "set.csv", TABLE + b'1,"2,3\r\n' + TABLE[60:], "row 62"),
    (
        "UTF-16",
        "set.csv",
        TABLE.decode().encode("utf-16"),
        "row 1: needs comma-separated text in UTF-8",
    ),
    ("NUL bytes", "set.csv", TABLE + bytes(50), "row 62"),
    ("NUL bytes alone", "set.csv", bytes(500), "row 1: needs comma-separated text"),
    (
        "an HTML error page",
        "set.csv",
        b"<!DOCTYPE html>\n<html><body>404, not found</body></html>\n",
        "row 1",
    ),
    (
        "a label without a class",
        "set.csv",
        table_with_labels([0, 1, 1000, 2] * 5),
        "row 4, column label: needs a whole number from 0 to 999",
    ),
    ("one class only", "set.csv", table_with_labels([3] * 20), "needs labels of 2 to 1000 classes"),
    ("fewer images than needed", "set.csv", table_with_labels([0, 1, 1]), "too few"),
    ("an empty file", "set.csv", b"", "needs a table, got an empty file"),
    ("an empty gz", "set.csv.gz", b"", "needs a table, got an empty file"),
    ("an empty zip file", "set.zip", b"", "zip"),
    ("an empty npz file", "set.npz", b"", "zip"),
    ("an empty Parquet file", "set.parquet", b"", "got an empty file"),
    ("only a header", "set.csv", HEADER.encode() + b"\r\n", "only a header"),
    (
        "a zip without a CSV",
        "set.zip",
        zip_bytes({"readme.txt": b"hello"}),
        "needs a member train.csv, got readme.txt",
    ),
    ("a broken zip", "set.zip", zip_bytes({"train.csv": TABLE})[:-30], "zip is damaged"),
    (
        "a zip with a bad cell",
        "set.zip",
        zip_bytes({"train.csv": with_cell("300")}),
        "train.csv, row 18, column p4",
    ),
    (
        "an npz with pickled arrays",
        "set.npz",
        arrays(x_train=IMAGES.astype(object)),
        "array x_train: needs plain numbers, got pickled objects",
    ),
    (
        "an npz with other names",
        "set.npz",
        npz_bytes(X=IMAGES, y=LABELS),
        "y_test, got X.npy, y.npy",
    ),
    (
        "an npz of floats",
        "set.npz",
        arrays(x_train=IMAGES / 255),
        "array x_train: needs (n, height, width) of uint8",
    ),
    ("an npz cut short", "set.npz", arrays()[:-40], "zip is damaged"),
    ("a Parquet of garbage", "set.parquet", bytes(range(256)) * 4, "needs Parquet"),
    (
        "a Parquet with a garbled middle",
        "set.parquet",
        b"PAR1" + bytes(900) + parquet_bytes(IMAGES, LABELS)[904:],
        "damaged",
    ),
    (
        "a Parquet without labels",
        "set.parquet",
        parquet_bytes(IMAGES, None),
        "needs a column 'label', got image",
    ),
    ("another kind of file", "set.pickle", b"\x80\x04N.", "needs a folder of IDX files"),
]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [bad[1:] for bad in BAD_FILES],
    ids=[bad[0] for bad in BAD_FILES],
)
def test_an_invalid_file_gets_a_one_line_error_and_no_run(
    glassnet: Glassnet, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    if "idx3" in name:
        labels = idx_bytes(LABELS.astype(np.uint8))
        (tmp_path / "i-labels-idx1-ubyte").write_bytes(labels)
    done = glassnet("train", "--data", path, *QUICK)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert str(path) in done.err
    assert message in done.err
    assert not list(Path().iterdir()), "train left files behind"


@pytest.mark.parametrize("kind", makers.FORMATS)
def test_training_works_with_every_format(glassnet: Glassnet, tmp_path: Path, kind: str) -> None:
    path = makers.write(tmp_path, kind, IMAGES, LABELS)
    done = glassnet("train", "--data", path, *QUICK)
    # The test set of the npz file is its training images, so no accuracy is computed.
    assert done.code == (1 if kind == "npz" else 0)
    assert json.loads(done.out)["n_train"] > 40


@pytest.mark.parametrize("content", ["empty", "other"])
def test_a_folder_without_data_is_an_error(
    glassnet: Glassnet, tmp_path: Path, content: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    if content == "other":
        (folder / "notes.txt").touch()
        (folder / "inner").mkdir()
    done = glassnet("train", "--data", folder)
    assert done.code == 2
    assert f"{folder}: needs IDX files" in done.err
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--shape", "4"], "--shape: needs height and width"),
        (["--shape", "a,b"], "--shape: needs height and width"),
        (["--shape", "0,16"], "--shape: needs height and width"),
        (["--shape", "5,5"], "needs 25 pixels for images of 5 x 5, got 16"),
        (["--label", "digit"], "needs one column 'digit'"),
        (["--max-bytes", "0"], "max-bytes"),
        (["--max-bytes", "1000"], "above the limit of 1,000 (--max-bytes raises it)"),
    ],
)
def test_invalid_read_options_are_errors(
    glassnet: Glassnet, tmp_path: Path, options: list[str], message: str
) -> None:
    path = makers.write(tmp_path, "csv", IMAGES, LABELS)
    done = glassnet("train", "--data", path, *options)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert message in done.err
    assert not list(Path().iterdir())


@pytest.mark.parametrize("kind", ["csv.gz", "zip", "npz", "parquet", "idx"])
def test_the_size_limit_applies_to_every_format(
    glassnet: Glassnet, tmp_path: Path, kind: str
) -> None:
    images = np.random.default_rng(0).integers(10, size=(60, 30, 30), dtype=np.uint8)
    path = makers.write(tmp_path, kind, images, LABELS)
    done = glassnet("train", "--data", path, *QUICK, "--max-bytes", "20000")
    assert done.code == 2
    assert "above the limit of 20,000 (--max-bytes raises it)" in done.err
    done = glassnet("train", "--data", path, *QUICK, "--max-bytes", "200000")
    assert done.code == (1 if kind == "npz" else 0)  # its test set is its training images


def test_a_run_stores_the_read_options_of_its_table(glassnet: Glassnet, tmp_path: Path) -> None:
    images, labels = makers.images_and_labels(60, 2, 8)
    rows = np.column_stack([images.reshape(60, -1), labels])
    path = tmp_path / "digits.csv"
    np.savetxt(path, rows, fmt="%d", delimiter=",")
    options = ("--label", "last", "--shape", "2,8", "--max-bytes", "100000")
    done = glassnet("train", "--data", path, *QUICK, *options)
    assert done.code == 0
    config = json.loads(Path("runs/fast-1/config.json").read_text())
    assert (config["label"], config["shape"], config["max_bytes"]) == ("last", [2, 8], 100_000)
    report = json.loads(glassnet("evaluate", "runs/fast-1", "--json").out)
    assert report["accuracy"] == json.loads(done.out)["test_accuracy"]
    other = tmp_path / "other.csv"
    images, labels = makers.images_and_labels(30, 2, 8, seed=1)
    np.savetxt(other, np.column_stack([images.reshape(30, -1), labels]), "%d", delimiter=",")
    done = glassnet("evaluate", "runs/fast-1", "--data", other, *options[:4], "--json")
    assert json.loads(done.out)["n"] == 30


def test_list_prints_paths_credits_and_licences(
    glassnet: Glassnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mnist").mkdir()
    monkeypatch.setenv("GLASSNET_DATA", str(tmp_path))
    done = glassnet("data", "list")
    assert (done.code, done.err) == (0, "")
    for name, entry in REGISTRY.items():
        assert name in done.out
        assert entry.credits in done.out
        assert entry.licence in done.out
    assert str(tmp_path / "mnist") in done.out
    assert "not downloaded" in done.out
    listed = json.loads(glassnet("data", "list", "--json").out)["datasets"]
    assert list(listed) == list(REGISTRY)
    assert listed["mnist"]["path"] == str(tmp_path / "mnist")
    assert listed["kmnist"]["path"] is None


def test_info_prints_class_counts_of_each_part(glassnet: Glassnet, tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    path.write_bytes(arrays(x_test=IMAGES[:7], y_test=LABELS[:7]))
    done = glassnet("data", "info", path)
    assert (done.code, done.err) == (0, "")
    assert "60 train, 7 test images of 4 x 4, 3 classes" in done.out
    content = json.loads(glassnet("data", "info", path, "--json").out)
    assert content["parts"] == {
        "train": {"n": 60, "per_class": [20, 20, 20]},
        "test": {"n": 7, "per_class": [3, 2, 2]},
    }
    assert content["image_shape"] == [4, 4]
    assert content["source"] == str(path)


def test_fetch_finds_a_local_dataset_and_prints_credits(
    glassnet: Glassnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kmnist").mkdir()
    monkeypatch.setenv("GLASSNET_DATA", str(tmp_path))
    done = glassnet("data", "fetch", "kmnist")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == f"kmnist: {tmp_path / 'kmnist'}"
    assert "CODH" in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fetch", "mnits"], "Did you mean 'mnist'?"),
        (["fetch", "fashion-mnist"], "cannot be downloaded"),
        (["info", "nowhere"], "nowhere: no such file or folder"),
        (["info", "kmnist"], "cannot be downloaded"),
        (["lsit"], "lsit"),
        ([], "Missing command"),
    ],
)
def test_usage_errors_get_one_line(glassnet: Glassnet, arguments: list[str], message: str) -> None:
    done = glassnet("data", *arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert message in done.err
