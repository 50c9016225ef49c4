"""Ensembles: averaged probabilities, saved in one file, independent of the order."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.transforms.preprocessing import Preprocessing
from glassnet.errors import ConfigError
from glassnet.models.ensemble import ensemble
from glassnet.types import Array

PREPROCESSING = ("plain", "deskew", "width-5")


def constant_model(*odds: float) -> gn.Model:
    """Return a model with the same probabilities for every image, in the ratio of the odds."""
    net = gn.mlp([4, len(odds)], dtype=np.float64, rng=0)
    net.params["W1"][...] = 0
    net.params["b1"][:] = np.log(odds)
    return gn.Model.of(net, (2, 2))


def random_model(seed: int, preprocess: str = "plain", **options: Any) -> gn.Model:
    net = gn.mlp([64, 7, 3], rng=seed, **options)
    net.params["b2"][:] = np.random.default_rng(seed).normal(size=3)
    return gn.Model.of(net, (8, 8), Preprocessing.parse(preprocess))


def images(n: int = 40) -> Array:
    return np.random.default_rng(9).integers(0, 256, (n, 8, 8), np.uint8)


BLACK = np.zeros((3, 2, 2), np.uint8)


def test_an_ensemble_averages_probabilities_and_takes_the_geometric_mean_temperature() -> None:
    # The mean of 0.90 and 0.38 is 0.64, the geometric mean of 1 and 4 is sqrt(1 x 4) = 2;
    # sqrt(0.64) : sqrt(0.36) = 0.8 : 0.6 = 4/7 : 3/7.
    combined = ensemble([constant_model(90, 10), replace(constant_model(38, 62), temperature=4.0)])
    assert combined.temperature == 2
    probabilities = combined.predict_proba(BLACK)
    np.testing.assert_allclose(probabilities, [[4 / 7, 3 / 7]] * 3, rtol=1e-14)


def test_one_confident_member_can_outweigh_two_unsure_ones() -> None:
    # (0.9 + 0.4 + 0.4) / 3 = 0.5667, although two of the three predict 1.
    combined = ensemble([constant_model(9, 1), constant_model(4, 6), constant_model(4, 6)])
    np.testing.assert_allclose(combined.predict_proba(BLACK)[0], [17 / 30, 13 / 30], rtol=1e-14)
    assert combined.predict(BLACK).tolist() == [0, 0, 0]


def test_an_ensemble_of_ensembles_weights_networks_equally() -> None:
    # (0.9 + 0.1 + 0.1) / 3 = 0.3667; the mean of the inner mean 0.5 and 0.1 would be 0.3.
    combined = ensemble(
        [ensemble([constant_model(9, 1), constant_model(1, 9)]), constant_model(1, 9)]
    )
    assert len(combined.members) == 3
    assert combined.predict_proba(BLACK)[0, 0] == pytest.approx(11 / 30, rel=1e-14)


def test_an_ensemble_of_one_model_predicts_the_same() -> None:
    model = replace(random_model(1, "deskew"), temperature=1.7)
    alone = ensemble([model])
    assert alone.predict_proba(images()).tobytes() == model.predict_proba(images()).tobytes()


@pytest.mark.parametrize("temperature", [0.01, 100.0])
@pytest.mark.parametrize("n", [2, 5, 10, 11])
def test_equal_temperatures_are_kept_exactly(temperature: float, n: int) -> None:
    combined = ensemble([replace(constant_model(1, 2), temperature=temperature)] * n)
    assert combined.temperature == temperature


def test_each_member_keeps_its_own_preprocessing() -> None:
    models = [random_model(seed, name) for seed, name in enumerate(PREPROCESSING)]
    combined = ensemble(models)
    assert [str(member.preprocessing) for member in combined.members] == list(PREPROCESSING)
    inputs = [Preprocessing.parse(name)(images()) for name in PREPROCESSING]
    assert not np.array_equal(inputs[0], inputs[1])
    answers = [model.network.predict_proba(x) for model, x in zip(models, inputs, strict=True)]
    np.testing.assert_allclose(combined.predict_proba(images()), sum(answers) / 3, rtol=1e-6)


def test_the_order_of_the_members_does_not_matter() -> None:
    models = [random_model(seed, name) for seed, name in enumerate(PREPROCESSING)]
    models[1] = replace(models[1], temperature=3.0)
    expected = ensemble(models).predict_proba(images())
    for order in ([1, 2, 0], [2, 1, 0]):
        answer = ensemble([models[k] for k in order]).predict_proba(images())
        np.testing.assert_allclose(answer, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [None, "float32", "float16", "int8"])
def test_an_ensemble_is_saved_and_loaded_bit_identically(tmp_path: Path, dtype: str | None) -> None:
    models = [replace(random_model(s, v), temperature=s + 1.0) for s, v in enumerate(PREPROCESSING)]
    combined = ensemble(models)
    gn.save(combined, tmp_path / "combined", dtype)
    loaded = gn.load(tmp_path / "combined")
    assert [str(member.preprocessing) for member in loaded.members] == list(PREPROCESSING)
    assert (loaded.temperature, loaded.image_shape, loaded.classes) == (
        combined.temperature,
        (8, 8),
        ("0", "1", "2"),
    )
    # Each network in a separate file.
    alone = []
    for number, model in enumerate(models):
        gn.save(model, tmp_path / str(number), dtype)
        alone.append(gn.load(tmp_path / str(number)))
    for member, model in zip(loaded.members, alone, strict=True):
        for name, theta in model.network.params.items():
            assert member.network.params[name].tobytes() == theta.tobytes()
    answer = loaded.predict_proba(images())
    assert answer.tobytes() == ensemble(alone).predict_proba(images()).tobytes()
    is_exact = dtype in (None, "float32")
    assert (answer.tobytes() == combined.predict_proba(images()).tobytes()) == is_exact
    gn.save(loaded, tmp_path / "again", dtype)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "combined").read_bytes()


def test_networks_of_different_depth_and_dtype_can_be_combined(tmp_path: Path) -> None:
    deep = gn.Model.of(gn.mlp([64, 9, 8, 3], rng=3, dtype=np.float64), (8, 8))
    normalised = random_model(4, batch_norm=True)
    combined = ensemble([deep, normalised])
    assert combined.dtype == np.float64
    gn.save(combined, tmp_path / "combined")
    loaded = gn.load(tmp_path / "combined")
    assert loaded.predict_proba(images()).tobytes() == combined.predict_proba(images()).tobytes()


def test_thresholds_are_dropped() -> None:
    assert ensemble([replace(constant_model(1, 2), threshold=0.9)] * 2).threshold is None


def test_an_ensemble_has_a_repr_and_no_single_network() -> None:
    combined = ensemble([random_model(0), random_model(1, "deskew"), random_model(2, "deskew")])
    n_parameters = 3 * (64 * 7 + 7 + 7 * 3 + 3)
    assert repr(combined) == (
        f"Model(3 networks, {n_parameters:,} parameters; preprocessing 2 x deskew, 1 x plain; "
        "images of 8 x 8)"
    )
    with pytest.raises(ConfigError, match="needs a single network for this, got an ensemble of 3"):
        _ = combined.network


def sized(n_in: int, n_classes: int, shape: tuple[int, int] | None) -> gn.Model:
    return gn.Model.of(gn.mlp([n_in, n_classes], rng=0), shape)


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ([], "ensemble: needs at least one model, got none"),
        ([sized(6, 2, (2, 3)), sized(6, 2, (3, 2))], "model 2 needs the image shape of the first"),
        ([sized(6, 2, (2, 3)), sized(6, 2, None)], "image shape of the first, (2, 3), got None"),
        ([sized(6, 2, (2, 3))] * 2 + [sized(4, 2, (2, 2))], "model 3 needs the image shape"),
        ([sized(6, 2, (2, 3)), sized(6, 3, (2, 3))], "model 2 needs the classes of the first"),
        (
            [constant_model(1, 2), replace(constant_model(1, 2), classes=("no", "yes"))],
            "the classes of the first, ('0', '1'), got ('no', 'yes')",
        ),
        ([sized(6, 2, None), sized(4, 2, None)], "needs members of one size, got 4 -> 2 and 6"),
    ],
)
def test_incompatible_models_raise(models: list[gn.Model], expected: str) -> None:
    with pytest.raises(ConfigError) as raised:
        ensemble(models)
    assert expected in str(raised.value)
    assert "\n" not in str(raised.value)


def test_combined_models_are_unchanged() -> None:
    models = [random_model(0), random_model(1)]
    before = [model.network.params["W1"].tobytes() for model in models]
    X = images()
    X.flags.writeable = False
    total = ensemble(models).predict_proba(X).sum(axis=1)
    assert total.tolist() == pytest.approx([1] * len(X), abs=1e-6)
    assert [model.network.params["W1"].tobytes() for model in models] == before
    assert all(math.isclose(model.temperature, 1) for model in models)
