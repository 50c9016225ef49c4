"""``glassnet train``, ``evaluate`` and ``gradcheck``, end to end on a small dataset."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from glassnet import __version__, load
from glassnet.cli import console
from tests.cli.conftest import Glassnet

QUICK = ("--hidden", "12", "--epochs", "8", "--no-pictures")


def parse_json(out: str) -> dict[str, Any]:
    lines = out.splitlines()
    assert len(lines) == 1, "--json prints one object and nothing else"
    content: dict[str, Any] = json.loads(lines[0])
    return content


def test_train_learns_and_writes_all_files(glassnet: Glassnet, bars: Path) -> None:
    done = glassnet("train", "--data", bars, "--epochs", "8")
    assert (done.code, done.err) == (0, "")
    run = Path("runs/fast-1")
    assert {path.name for path in run.iterdir() if path.name != ".lock"} == {
        "config.json",
        "confusion.png",
        "curves.png",
        "history.csv",
        "metrics.json",
        "mistakes.png",
        "model.safetensors",
        "reliability.png",
        "training_hashes.safetensors",
    }
    lines = done.out.splitlines()
    assert sum(line.startswith("epoch") for line in lines) == 8
    assert "176 training, 16 validation, 48 test images of 6 x 6, 3 classes" in lines[0]
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["n_test"] == 48
    assert metrics["test_accuracy"] > 0.9
    assert len((run / "history.csv").read_text().splitlines()) == 9
    assert str(run) in lines[-1]


def test_train_prints_metrics_as_json(glassnet: Glassnet, bars: Path) -> None:
    done = glassnet("train", "--data", bars, *QUICK, "--json")
    metrics = parse_json(done.out)
    assert metrics["run"] == str(Path("runs/fast-1"))
    assert metrics["epochs"] == 8
    assert metrics["seconds"] > 0
    for name in ("train", "validation", "test"):
        assert 0 <= metrics[f"{name}_accuracy"] <= 1
    assert metrics["n_test"] == 48
    assert not list(Path("runs/fast-1").glob("*.png"))


def test_metrics_of_missing_parts_are_null(glassnet: Glassnet, bars: Path) -> None:
    done = glassnet("train", "--data", bars, *QUICK, "--validation", "0", "--test", "0", "--json")
    metrics = parse_json(done.out)
    assert metrics["validation_accuracy"] is None
    assert metrics["test_accuracy"] is None
    assert metrics["n_test"] is None
    assert metrics["n_train"] == 240
    done = glassnet("evaluate", metrics["run"])
    assert done.code == 2
    assert "has no test set" in done.err


def test_the_same_seed_gives_the_same_file(glassnet: Glassnet, bars: Path) -> None:
    def digest(*options: str) -> str:
        done = glassnet("train", "--data", bars, *QUICK, "--json", *options)
        model = Path(parse_json(done.out)["run"]) / "model.safetensors"
        return hashlib.sha256(model.read_bytes()).hexdigest()

    assert digest("--seed", "3") == digest("--seed", "3") != digest("--seed", "4")


def test_quiet_prints_nothing(glassnet: Glassnet, bars: Path) -> None:
    assert glassnet("train", "--data", bars, *QUICK, "--quiet") == (0, "", "")


@pytest.mark.parametrize(
    "options",
    [
        ("--recipe", "textbook", "--epochs", "30"),
        ("--hidden", "none"),
        (
            "--hidden",
            "9,8",
            "--activation",
            "relu,tanh",
            "--initializer",
            "glorot",
            "--epochs",
            "60",
        ),
        ("--loss", "mse", "--batch-size", "16"),
        ("--optimizer", "sgd", "--momentum", "0.8", "--schedule", "step-decay"),
        ("--optimizer", "nesterov", "--weight-decay", "0.001"),
        ("--optimizer", "adamw", "--weight-decay", "0.01", "--learning-rate", "0.003"),
        ("--optimizer", "sgd", "--learning-rate", "1", "--batch-size", "full", "--epochs", "60"),
    ],
)
def test_training_works_with_every_option(
    glassnet: Glassnet, bars: Path, options: tuple[str, ...]
) -> None:
    done = glassnet("train", "--data", bars, "--epochs", "20", "--no-pictures", "--json", *options)
    assert (done.code, done.err) == (0, "")
    assert parse_json(done.out)["test_accuracy"] > 0.9


def test_evaluate_uses_the_test_part_of_the_run(glassnet: Glassnet, bars: Path) -> None:
    trained = parse_json(glassnet("train", "--data", bars, *QUICK, "--seed", "7", "--json").out)
    run = Path(trained["run"])
    for model in (run, run / "model.safetensors"):
        report = parse_json(glassnet("evaluate", model, "--json").out)
        assert report["n"] == 48
        assert report["accuracy"] == trained["test_accuracy"]
        assert report["accuracy_interval"] == trained["test_accuracy_interval"]
        assert report["loss"] == trained["test_loss"]
        assert report["calibration_error"] == trained["test_calibration_error"]
        assert sum(bin_["n"] for bin_ in report["reliability"]) == 48
        assert sum(map(sum, report["confusion"])) == 48
        assert [row["n"] for row in report["per_class"]] == [16, 16, 16]


def test_evaluate_prints_a_table_and_writes_figures(glassnet: Glassnet, bars: Path) -> None:
    glassnet("train", "--data", bars, *QUICK)
    done = glassnet("evaluate", "runs/fast-1", "--pictures", "pictures")
    assert done.code == 0
    assert "precision" in done.out
    assert "95% interval" in done.out
    drawn = {path.name for path in Path("pictures").iterdir()}
    assert drawn == {"confusion.png", "mistakes.png", "reliability.png"}
    assert all(str(Path("pictures") / name) in done.out for name in drawn)
    report = parse_json(glassnet("evaluate", "runs/fast-1", "--json").out)
    assert f"Expected calibration error {report['calibration_error']:.2%} (15 bins)" in done.out


def test_evaluate_uses_all_images_of_a_dataset_without_a_test_part(
    glassnet: Glassnet, bars: Path
) -> None:
    glassnet("train", "--data", bars, *QUICK)
    copy = bars.parent / "others"
    bars.rename(copy)
    report = parse_json(glassnet("evaluate", "runs/fast-1", "--data", copy, "--json").out)
    assert (report["n"], report["n_leaked"]) == (
        48,
        192,
    )  # recognised by content under another name


def test_a_model_file_without_a_run_needs_data(glassnet: Glassnet, bars: Path) -> None:
    glassnet("train", "--data", bars, *QUICK)
    lone = Path("lone.safetensors")
    Path("runs/fast-1/model.safetensors").rename(lone)
    done = glassnet("evaluate", lone)
    assert done.code == 2
    assert "--data" in done.err
    assert parse_json(glassnet("evaluate", lone, "--data", bars, "--json").out)["n"] == 240


def test_gradcheck_passes_for_new_and_trained_networks(glassnet: Glassnet, bars: Path) -> None:
    glassnet("train", "--data", bars, *QUICK)
    for arguments in ((), ("runs/fast-1",), ("--sizes", "6,5,4", "--activation", "tanh")):
        done = glassnet("gradcheck", *arguments)
        assert done.code == 0
        assert "passed" in done.out
        assert "…" not in done.out, "a number was truncated"
    checked = parse_json(glassnet("gradcheck", "runs/fast-1", "--json").out)
    assert checked["worst"] < 1e-6
    assert list(checked["parameters"]) == ["W1", "b1", "W2", "b2"]


def test_gradcheck_exits_with_1_for_a_wrong_gradient(
    glassnet: Glassnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassnet.nn.activations import ACTIVATIONS

    monkeypatch.setitem(ACTIVATIONS, "tanh", lambda z: (z**3, lambda da: da * z))
    done = glassnet("gradcheck", "--sizes", "6,5,4", "--activation", "tanh")
    assert done.code == 1
    assert "FAILED" in done.out


def test_missing_mnist_falls_back_to_sample(glassnet: Glassnet) -> None:
    done = glassnet("train", "--hidden", "none", "--epochs", "1", "--no-pictures")
    assert done.code == 0
    assert len(done.err.splitlines()) == 1
    assert "Using sample instead" in done.err
    assert "1,000 test images" in done.out


def test_damaged_mnist_does_not_fall_back(
    glassnet: Glassnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mnist"
    folder.mkdir()
    (folder / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03")
    (folder / "t10k-images-idx3-ubyte").write_bytes(b"")
    monkeypatch.setenv("GLASSNET_DATA", str(tmp_path))
    done = glassnet("train")
    assert done.code == 2
    assert "train-images-idx3-ubyte" in done.err


def test_version_and_help(glassnet: Glassnet) -> None:
    assert glassnet("--version").out == f"glassnet {__version__}\n"
    for arguments in ((), ("--help",), ("train", "--help"), ("evaluate", "-h")):
        done = glassnet(*arguments)
        assert done.code == 0
        assert "Usage: glassnet" in done.out


def test_output_is_coloured_in_a_terminal_unless_no_color_is_set(bars: Path) -> None:
    program = [sys.executable, "-m", "glassnet", "train", "--data", str(bars), *QUICK]
    shown = {}
    for name, extra in (
        ("plain", {}),
        ("forced", {"FORCE_COLOR": "1"}),
        ("disabled", {"NO_COLOR": "1", "FORCE_COLOR": "1"}),
    ):
        environment = {k: v for k, v in os.environ.items() if "COLOR" not in k} | extra
        done = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
        shown[name] = done.stdout
    assert "\x1b[" not in shown["plain"]
    assert "\x1b[1;34m" in shown["forced"]
    assert "\x1b[1;34m" not in shown["disabled"]
    assert shown["forced"].count("accuracy") >= 8


def test_the_saved_model_can_be_loaded(glassnet: Glassnet, bars: Path) -> None:
    glassnet("train", "--data", bars, *QUICK)
    model = load("runs/fast-1")
    assert model.image_shape == (6, 6)
    assert repr(model.network).startswith("Network(36 -> 12 relu -> 3 softmax")


def test_epoch_lines_are_aligned() -> None:
    from glassnet import EpochRecord

    records = [
        EpochRecord(
            epoch=k,
            step=k,
            train_loss=2.5,
            train_accuracy=share,
            validation_loss=0.25,
            validation_accuracy=share,
            learning_rate=0.1,
            gradient_norms=(),
            dead=(),
            saturated_units=(),
            seconds=1.0,
            images_per_second=speed,
        )
        for k, share, speed in ((9, 0.05, 900.0), (10, 1.0, 120_000.0))
    ]
    first, second = (console.epoch_line(record, 12) for record in records)
    assert len(first) == len(second)
