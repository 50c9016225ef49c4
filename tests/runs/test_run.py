"""Runs: files in the folder, and reproducibility from the seed."""

import csv
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import glassnet as gn
from glassnet.errors import ConfigError, DataError, GlassnetError
from glassnet.runs import results
from glassnet.runs import run as run_module
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure
from glassnet.runs.run import Run

FILES = [
    "config.json",
    "history.csv",
    "metrics.json",
    "model.safetensors",
    "training_hashes.safetensors",
]
PICTURES = ["confusion.png", "curves.png", "mistakes.png", "reliability.png"]
TINY: dict[str, Any] = {"hidden": (6,), "batch_size": 10, "epochs": 3}


def make(folder: Path | None = None, *, data: str = "two", **changes: Any) -> Run:
    recipe = changes.pop("recipe", "fast")
    return Run.start(configure(recipe, data, **TINY | changes), folder)


def run(folder: Path | None = None, **changes: Any) -> Path:
    with make(folder, pictures=False, **changes) as current:
        list(current.train())
        current.finish()
    return current.folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def sha256(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "history.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_writes_its_files_and_pictures() -> None:
    current = make()
    list(current.train())
    metrics, report = current.finish()
    assert names(current.folder) == sorted(FILES + PICTURES)
    for name in PICTURES:
        assert (current.folder / name).read_bytes().startswith(b"\x89PNG")
    assert report is not None
    assert json.loads((current.folder / "metrics.json").read_text()) == json.loads(
        json.dumps(metrics)
    )


def test_pictures_can_be_turned_off() -> None:
    assert names(run()) == FILES


def test_results_are_written_even_if_drawing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise RuntimeError("no fonts")

    monkeypatch.setattr(results, "draw_curves", fail)
    current = make()
    list(current.train())
    with pytest.raises(RuntimeError, match="no fonts"):
        current.finish()
    # The checkpoint stays, so that --resume can draw the missing pictures.
    assert names(current.folder) == sorted([*FILES, "checkpoint.safetensors"])
    assert gn.load(current.folder).network.n_in == 16


def test_metrics_match_the_report() -> None:
    current = make(recipe="textbook", learning_rate=1.0, epochs=60, seed=4, pictures=False)
    records = list(current.train())
    metrics, report = current.finish()
    last = records[-1]
    assert report is not None
    assert metrics.pop("seconds") > 0
    assert metrics == {
        "run": "runs/textbook-1",
        "data": "two",
        "recipe": "textbook",
        "seed": 4,
        "epochs": 60,
        "steps": 360,  # 60 images minus a twelfth are 55: six batches of 10 per epoch
        "n_train": 55,
        "train_loss": last.train_loss,
        "train_accuracy": last.train_accuracy,
        "temperature": 1.0,  # too few mistakes on the validation set to fit one
        "validation_loss": last.validation_loss,
        "validation_accuracy": last.validation_accuracy,
        "test_loss": report.loss,
        "test_accuracy": report.accuracy,
        "test_accuracy_interval": report.accuracy_interval,
        "test_calibration_error": report.calibration_error,
        "n_test": 21,
        "n_test_leaked": 0,
    }
    assert report.accuracy == 1.0  # the bright row is easy to classify
    assert last.train_accuracy == 1.0


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"data": "one", "test": 0.0}, "test"),
        ({"validation": 0.0}, "validation"),
        ({"epochs": 0}, "train"),
    ],
)
def test_metrics_of_a_missing_part_are_none(changes: dict[str, Any], missing: str) -> None:
    current = make(pictures=missing == "test", **changes)
    list(current.train())
    metrics, report = current.finish()
    empty = {name for name, value in metrics.items() if value is None}
    assert {f"{missing}_loss", f"{missing}_accuracy"} <= empty
    assert ("test_accuracy" in empty) == (report is None) == (missing == "test")
    assert (current.folder / "metrics.json").is_file()
    pictures = [name for name in names(current.folder) if name.endswith("png")]
    assert pictures == (["curves.png"] if missing == "test" else [])


def test_zero_epochs_keep_the_initial_network() -> None:
    current = make(epochs=0, pictures=False)
    assert list(current.train()) == []
    before = {name: theta.tobytes() for name, theta in current.model.network.params.items()}
    current.finish()
    after = gn.load(current.folder).network.params
    assert {name: theta.tobytes() for name, theta in after.items()} == before


def test_the_history_has_a_row_for_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "CHECKPOINT_SECONDS", -1.0)
    current = make(hidden=(6, 5), epochs=4)
    for number, record in enumerate(current.train(), start=1):
        history = rows(current.folder)
        assert len(history) == number  # written after each epoch
        assert float(history[-1]["train_loss"]) == record.train_loss
    assert [row["epoch"] for row in history] == ["1", "2", "3", "4"]
    assert [row["step"] for row in history] == ["6", "12", "18", "24"]
    assert list(history[0]) == [
        "epoch",
        "step",
        "train_loss",
        "train_accuracy",
        "validation_loss",
        "validation_accuracy",
        "learning_rate",
        "gradient_norm_1",
        "gradient_norm_2",
        "gradient_norm_3",
        "dead_1",
        "dead_2",
        "saturated_unit_1",
        "saturated_unit_2",
        "seconds",
        "images_per_second",
        *(f"trajectory_{batch}" for batch in range(1, 7)),
        "first_loss",
        "peak_loss",
        "update_ratio_1",
        "update_ratio_2",
        "update_ratio_3",
        "first_update",
        "saturated_activation_1",
        "saturated_activation_2",
        "unit_similarity_1",
        "unit_similarity_2",
        "label_order",
        "input_scale",
        "majority",
        "label_dependence",
    ]


def test_the_configuration_is_written_before_the_first_epoch() -> None:
    current = make(seed=3, validation=0.25)
    assert names(current.folder) == ["config.json"]
    assert RunConfig.read(current.folder / "config.json") == current.config


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    first = sha256(run(tmp_path / "a", seed=5))
    assert sha256(run(tmp_path / "deeply" / "b", seed=5)) == first
    assert sha256(run(tmp_path / "c", seed=6)) != first


@pytest.mark.parametrize("recipe", ["fast", "textbook"])
def test_a_run_can_be_reproduced_from_its_configuration(recipe: str) -> None:
    folder = run(recipe=recipe, data="one", seed=8, validation=0.2, test=0.3)
    again = Run.start(RunConfig.read(folder / "config.json"))
    list(again.train())
    again.finish()
    assert again.folder != folder
    assert sha256(again.folder) == sha256(folder)
    for first, second in zip(rows(folder), rows(again.folder), strict=True):
        for name in first.keys() - {"seconds", "images_per_second"}:
            assert first[name] == second[name]


def test_runs_are_numbered() -> None:
    assert make().folder == Path("runs/fast-1")
    assert make().folder == Path("runs/fast-2")
    assert make(recipe="textbook").folder == Path("runs/textbook-1")
    for name in ("fast-9", "fast-x", "fast-", "fastest-70", "other"):
        Path("runs", name).mkdir()
    assert make().folder == Path("runs/fast-10")
    shutil.rmtree("runs/fast-10")
    shutil.rmtree("runs/fast-2")
    assert make().folder == Path("runs/fast-10")


def test_a_folder_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty") == tmp_path / "empty"
    assert names(run(tmp_path / "deep" / "er")) == FILES
    assert not Path("runs").exists()


def test_a_folder_with_files_is_rejected_and_unchanged(tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="needs a new or empty folder") as raised:
        make(folder)
    assert f"got {folder}; " in str(raised.value)
    assert names(folder) == ["thesis.txt"]
    assert (folder / "thesis.txt").read_text() == "mine"


def test_a_finished_run_is_not_overwritten() -> None:
    folder = run()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ConfigError):
        make(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_cannot_be_created_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(GlassnetError, match=r"--out: needs a folder, got") as raised:
            make(folder)
        assert str(folder) in str(raised.value)
        assert "\n" not in str(raised.value)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"data": "two", "test": 0.1}, ConfigError),
        ({"data": "two", "validation": 1.5}, ConfigError),
        ({"data": "empty"}, DataError),
    ],
)
def test_invalid_options_leave_no_folder(
    data: Path, tmp_path: Path, changes: dict[str, Any], error: type[Exception]
) -> None:
    (data / "empty").mkdir()
    for folder in (None, tmp_path / "out"):
        with pytest.raises(error):
            make(folder, **changes)
    assert not Path("runs").exists()
    assert not (tmp_path / "out").exists()


def test_a_model_records_the_shape_of_its_images() -> None:
    model = gn.load(run())
    assert model.image_shape == (4, 4)
    assert (model.network.n_in, model.network.n_classes) == (16, 3)


def test_each_hidden_layer_may_have_its_own_activation() -> None:
    folder = run(hidden=(6, 5), activation=("tanh", "relu"))
    layers = gn.load(folder).network.dense
    assert [layer.activation for layer in layers] == ["tanh", "relu", "identity"]
    assert [layer.activation for layer in make(hidden=()).model.network.dense] == ["identity"]
