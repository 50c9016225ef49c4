"""Ensemble runs: members, held-out images and results."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

import glassnet as gn
from glassnet.data.image_hash import ImageHashes, hash_images
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import configure
from glassnet.runs.ensemble_run import EnsembleRun
from glassnet.runs.run import Run
from glassnet.runs.training_hashes import read_training_hashes, write_training_hashes
from tests.runs.ensembles import VIEWS, complete, ensemble_of, table


def test_each_member_has_a_separate_preprocessing_and_seed() -> None:
    ensemble = EnsembleRun.start(ensemble_of(seed=7))
    complete(ensemble)
    assert ensemble.folder == Path("runs/ensemble-1")
    assert [folder.name for folder in ensemble.folders] == ["member-1", "member-2", "member-3"]
    configs = [RunConfig.read(folder / "config.json") for folder in ensemble.folders]
    assert [config.recipe.preprocess for config in configs] == list(VIEWS)
    assert [config.seed for config in configs] == [7, 8, 9]
    assert [config.split_seed for config in configs] == [7, 7, 7]
    assert all(config.recipe.members == () for config in configs)
    assert all(Run.is_finished(folder) for folder in [*ensemble.folders, ensemble.folder])


def test_members_share_a_given_split_seed() -> None:
    ensemble = EnsembleRun.start(ensemble_of(seed=7, split_seed=3))
    assert [config.split_seed for config in ensemble.configs] == [3, 3, 3]
    assert RunConfig.read(ensemble.folder / "config.json").split_seed == 3


def test_a_member_equals_a_separate_run() -> None:
    ensemble = EnsembleRun.start(ensemble_of(seed=7))
    complete(ensemble)
    config = configure(
        "fast",
        "two",
        hidden=(6,),
        batch_size=10,
        epochs=2,
        seed=8,
        preprocess="deskew",
        pictures=False,
    )
    with Run.start(replace(config, split_seed=7)) as alone:
        list(alone.train())
        alone.finish()
    expected = (alone.folder / "model.safetensors").read_bytes()
    assert (ensemble.folders[1] / "model.safetensors").read_bytes() == expected


def test_the_model_has_the_members_in_order() -> None:
    ensemble = EnsembleRun.start(ensemble_of())
    complete(ensemble)
    model = gn.load(ensemble.folder)
    assert [str(member.preprocessing) for member in model.members] == list(VIEWS)
    assert model.image_shape == (4, 4)
    for member, folder in zip(model.members, ensemble.folders, strict=True):
        alone = gn.load(folder).network
        for name, theta in alone.params.items():
            assert member.network.params[name].tobytes() == theta.tobytes()


@pytest.mark.parametrize(
    ("source", "options"),
    [
        ("two", {}),
        ("one", {}),
        ("one", {"test": 0.5, "validation": 0.25}),
        ("one", {"split_seed": 5}),
        ("table.csv", {}),
    ],
)
def test_no_member_is_trained_on_test_images_of_another(
    source: str, options: dict[str, Any]
) -> None:
    if source == "table.csv":
        table(source)
    config = ensemble_of(source, seed=7, **options)
    if source != "two":  # the split depends on the seed, so separate runs would differ
        first, second = (
            replace(config, seed=seed, split_seed=None).load_dataset() for seed in (7, 8)
        )
        assert first.test is not None
        assert np.isin(first.test.hashes, second.image_hashes.training).any()
    ensemble = EnsembleRun.start(config)
    metrics, report = complete(ensemble)
    records = [load_file(folder / "training_hashes.safetensors") for folder in ensemble.folders]
    for part in ("train", "validation"):
        assert len(records[0][part])
        assert all(record[part].tolist() == records[0][part].tolist() for record in records)
    assert report is not None
    assert (metrics["n_test_leaked"], report.n_in_training) == (0, 0)
    dataset = RunConfig.read(ensemble.folder / "config.json").load_dataset()
    assert dataset.test is not None
    assert metrics["n_test"] == len(dataset.test) > 0
    training_hashes = read_training_hashes(ensemble.folder)
    assert training_hashes is not None
    assert not np.isin(hash_images(dataset.test.images), training_hashes).any()
    seen = [dataset.train, dataset.validation]
    hashes = np.concatenate([hash_images(part.images) for part in seen if part is not None])
    assert training_hashes.tolist() == sorted(hashes.tolist())


def test_training_images_of_any_member_are_left_out() -> None:
    ensemble = EnsembleRun.start(ensemble_of())
    for number, run, _ in ensemble.unfinished():
        with run:
            list(run.train())
            run.finish()
        assert run.dataset.test is not None
        if number == 2:  # as if it had been trained on two of the test images
            hashes = {"train": np.append(run.dataset.train.hashes, run.dataset.test.hashes[5:7])}
            write_training_hashes(run.folder, ImageHashes("two", hashes))
    metrics, report = ensemble.finish()
    assert report is not None
    assert (report.n, report.n_in_training) == (19, 2)
    assert (metrics["n_test"], metrics["n_test_leaked"]) == (19, 2)


def test_metrics_match_the_report() -> None:
    ensemble = EnsembleRun.start(ensemble_of(seed=4, learning_rate=0.05, epochs=30))
    metrics, report = complete(ensemble)
    assert report is not None
    assert report.accuracy == 1.0  # the bright row is easy to classify
    kept = json.loads((ensemble.folder / "metrics.json").read_text())
    assert kept == json.loads(json.dumps(metrics))
    members = [json.loads((member / "metrics.json").read_text()) for member in ensemble.folders]
    assert kept == {
        "run": "runs/ensemble-1",
        "data": "two",
        "recipe": "ensemble",
        "seed": 4,
        "members": 3,
        "seconds": pytest.approx(sum(member["seconds"] for member in members)),
        "n_train": 55,
        "temperature": 1.0,  # too few mistakes on the validation set to fit one
        "test_loss": report.loss,
        "test_accuracy": 1.0,
        "test_accuracy_interval": list(report.accuracy_interval or ()),
        "test_calibration_error": report.calibration_error,
        "n_test": 21,
        "n_test_leaked": 0,
    }
    test = gn.load_dataset("two").test
    assert test is not None
    again = gn.evaluate(gn.load(ensemble.folder), test)
    assert (again.accuracy, again.loss) == (report.accuracy, report.loss)


def test_the_temperature_is_fitted_to_the_validation_part() -> None:
    name = table("wrong.csv", n=480, wrong=0.3)
    config = ensemble_of(name, validation=0.5, learning_rate=0.05, epochs=30)
    ensemble = EnsembleRun.start(config)
    metrics, _ = complete(ensemble)
    model, dataset = gn.load(ensemble.folder), config.load_dataset()
    assert metrics["temperature"] == model.temperature
    members = [gn.load(folder).temperature for folder in ensemble.folders]
    assert model.temperature != pytest.approx(np.prod(members) ** (1 / 3), rel=0.01)

    def best(split: gn.Split | None) -> float:
        assert split is not None
        around = [model.temperature * factor for factor in (0.97, 1.0, 1.03)]
        losses = [gn.evaluate(replace(model, temperature=t), split).loss for t in around]
        return around[int(np.argmin([loss or 0 for loss in losses]))]

    assert best(dataset.validation) == model.temperature
    assert best(dataset.train) != model.temperature
    assert best(dataset.test) != model.temperature


@pytest.mark.parametrize("missing", ["test", "validation"])
def test_an_ensemble_works_without_a_held_out_part(missing: str) -> None:
    options: dict[str, Any] = {"test": 0.25, "validation": 0.25} | {missing: 0.0}
    metrics, report = complete(EnsembleRun.start(ensemble_of("one", **options)))
    assert (report is None) == (metrics["test_accuracy"] is None) == (missing == "test")
    assert metrics["temperature"] == 1.0
    assert metrics["n_train"] == 45


def test_the_ensemble_has_pictures() -> None:
    ensemble = EnsembleRun.start(ensemble_of(members=VIEWS[:2], epochs=1, pictures=True))
    complete(ensemble)
    for name in ("confusion.png", "mistakes.png", "reliability.png"):
        assert (ensemble.folder / name).read_bytes().startswith(b"\x89PNG")
