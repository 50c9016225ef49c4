"""Test images seen in training or validation: messages, counts and exit statuses."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Glassnet, write_pair

REAL_DATA = os.environ.get("GLASSNET_DATA")  # unset by a fixture
QUICK = ("--hidden", "none", "--epochs", "1", "--no-pictures")


@pytest.fixture
def repeats(tmp_path: Path) -> Path:
    """Write a dataset whose first 5 of 20 test images are training images."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (75, 4, 4), np.uint8)
    folder = tmp_path / "repeats"
    write_pair(folder, "train", images[:60], np.arange(60) % 3)
    write_pair(folder, "t10k", images[55:], np.arange(55, 75) % 3)
    return folder


def test_train_leaves_out_leaked_images_and_reports_them(glassnet: Glassnet, repeats: Path) -> None:
    done = glassnet("train", "--data", repeats, *QUICK)
    assert (done.code, done.err) == (0, "")
    message = (
        "5 of 20 test images were seen in training or validation; "
        "the accuracy is that of the other 15"
    )
    assert [line for line in done.out.splitlines() if "were seen" in line] == [
        f"Leaked   {message}"
    ]
    assert "of 15 held-out images" in done.out
    metrics = json.loads(Path("runs/fast-1/metrics.json").read_text())
    assert (metrics["n_test"], metrics["n_test_leaked"]) == (15, 5)


@pytest.mark.parametrize("name", ["", "model.safetensors"])
@pytest.mark.parametrize("data", [None, "same"])
def test_evaluate_reports_the_same_counts(
    glassnet: Glassnet, repeats: Path, name: str, data: str | None
) -> None:
    trained = json.loads(glassnet("train", "--data", repeats, *QUICK, "--json").out)
    arguments = ["evaluate", Path("runs/fast-1") / name] + (["--data", repeats] if data else [])
    done = glassnet(*arguments, "--pictures", "pictures")
    assert (done.code, done.err) == (0, "")
    assert [line for line in done.out.splitlines() if "were seen" in line] == [
        "5 of 20 test images were seen in training or validation; "
        "the accuracy is that of the other 15"
    ]
    assert "of 15 images" in done.out
    report = json.loads(glassnet(*arguments, "--json").out)
    assert (report["n"], report["n_leaked"]) == (15, 5)
    assert report["accuracy"] == trained["test_accuracy"]
    assert sum(map(sum, report["confusion"])) == 15
    assert all(mistake["index"] >= 5 for mistake in report["mistakes"])


def test_no_accuracy_is_computed_if_all_images_were_seen(glassnet: Glassnet, repeats: Path) -> None:
    glassnet("train", "--data", repeats, *QUICK)
    arguments = ("evaluate", "runs/fast-1", "--data", repeats / "train-images-idx3-ubyte")
    message = (
        "glassnet: 60 of 60 test images were seen in training or validation; no accuracy computed\n"
    )
    done = glassnet(*arguments, "--pictures", "pictures")
    assert (done.code, done.err) == (1, message)
    assert "Accuracy" not in done.out
    assert len(list(Path("pictures").iterdir())) == 3
    done = glassnet(*arguments, "--json")
    assert (done.code, done.err) == (1, message)
    report = json.loads(done.out)
    assert (report["n"], report["n_leaked"]) == (0, 60)
    assert (report["accuracy"], report["accuracy_interval"], report["loss"]) == (None, None, None)
    assert glassnet(*arguments, "--quiet") == (1, "", message)


def test_a_run_with_only_leaked_test_images_is_saved_and_fails(
    glassnet: Glassnet, tmp_path: Path
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (30, 4, 4), np.uint8)
    for part in ("train", "t10k"):
        write_pair(tmp_path / "same", part, images, np.arange(30) % 3)
    done = glassnet("train", "--data", tmp_path / "same", *QUICK[:4])
    assert done.code == 1
    assert done.err.splitlines() == [
        "glassnet: 30 of 30 test images were seen in training or validation; no accuracy computed"
    ]
    metrics = json.loads(Path("runs/fast-1/metrics.json").read_text())
    assert (metrics["test_accuracy"], metrics["n_test"]) == (None, 0)
    assert Path("runs/fast-1/confusion.png").is_file()


def test_validation_images_count_as_seen(glassnet: Glassnet, bars: Path) -> None:
    glassnet("train", "--data", bars, *QUICK, "--validation", "0.5", "--test", "0.25")
    bars.rename(bars.parent / "others")
    done = glassnet("evaluate", "runs/fast-1", "--data", bars.parent / "others", "--json")
    report = json.loads(done.out)
    assert (report["n"], report["n_leaked"]) == (60, 180)


def test_without_a_record_of_training_images_leakage_is_unknown(
    glassnet: Glassnet, repeats: Path
) -> None:
    glassnet("train", "--data", repeats, *QUICK)
    Path("runs/fast-1/model.safetensors").rename("lone.safetensors")
    done = glassnet("evaluate", "lone.safetensors", "--data", repeats)
    assert done.code == 0
    assert "cannot check for leakage" in done.out
    report = json.loads(glassnet("evaluate", "lone.safetensors", "--data", repeats, "--json").out)
    assert (report["n"], report["n_leaked"]) == (20, None)


def test_a_damaged_record_gets_one_line(glassnet: Glassnet, bars: Path) -> None:
    glassnet("train", "--data", bars, *QUICK)
    Path("runs/fast-1/training_hashes.safetensors").write_bytes(b"{}")
    for command in (("evaluate", "runs/fast-1"), ("predict", "--model", "runs/fast-1", bars)):
        done = glassnet(*command)
        assert (done.code, done.out) == (2, "")
        assert len(done.err.splitlines()) == 1
        assert "training_hashes.safetensors" in done.err


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Path:
    if not REAL_DATA:
        pytest.skip("GLASSNET_DATA is not set")
    monkeypatch.setenv("GLASSNET_DATA", REAL_DATA)
    return Path(REAL_DATA)


def test_kaggles_training_table_contains_6015_mnist_test_images(
    glassnet: Glassnet, real: Path
) -> None:
    kaggle = real / "kaggle" / "digit-recognizer.zip"
    options = ("--validation", "0", "--test", "0")
    assert glassnet("train", "--data", kaggle, *QUICK, *options).code == 0
    done = glassnet("evaluate", "runs/fast-1", "--data", "mnist")
    assert done.code == 0
    assert (
        "6,015 of 10,000 test images were seen in training or validation; "
        "the accuracy is that of the other 3,985\n"
    ) in done.out
    report = json.loads(glassnet("evaluate", "runs/fast-1", "--data", "mnist", "--json").out)
    assert (report["n"], report["n_leaked"]) == (3_985, 6_015)
    assert sum(map(sum, report["confusion"])) == 3_985
    # Kaggle's test images are not in its training table.
    done = glassnet("predict", "--model", "runs/fast-1", kaggle, "--submission", "out.csv")
    assert (done.code, done.err) == (0, "")


def test_mnist_training_images_contain_sample_and_most_of_kaggle(
    glassnet: Glassnet, real: Path
) -> None:
    kaggle = real / "kaggle" / "digit-recognizer.zip"
    metrics = json.loads(glassnet("train", "--data", "mnist", *QUICK, "--json").out)
    assert (metrics["n_test"], metrics["n_test_leaked"]) == (10_000, 0)
    done = glassnet("evaluate", "runs/fast-1", "--data", "sample", "--json")
    assert done.code == 1
    report = json.loads(done.out)
    assert (report["n"], report["n_leaked"], report["accuracy"]) == (0, 1_000, None)
    done = glassnet("predict", "--model", "runs/fast-1", kaggle, "--submission", "out.csv")
    assert done.code == 0
    assert len(done.err.splitlines()) == 1
    assert "24,015 of 28,000 images were seen in training or validation" in done.err
    assert len(Path("out.csv").read_text().splitlines()) == 28_001


def test_the_shipped_model_has_not_seen_the_test_images(glassnet: Glassnet, real: Path) -> None:
    done = glassnet("evaluate", "--json")
    assert (done.code, done.err) == (0, "")
    report = json.loads(done.out)
    assert (report["model"], report["data"]) == ("mnist", "the test set of mnist")
    assert (report["n"], report["n_leaked"]) == (10_000, 0)
    done = glassnet("evaluate", "--data", "sample", "--json")
    assert json.loads(done.out)["n_leaked"] == 1_000
