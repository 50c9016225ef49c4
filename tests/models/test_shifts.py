"""Test-time augmentation: probabilities averaged over shifted copies."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.transforms.preprocessing import Preprocessing
from glassnet.errors import ConfigError
from glassnet.models.ensemble import ensemble
from glassnet.types import Array
from tests.models.conftest import moved


def random_model(
    seed: int = 0, preprocess: str = "plain", shape: tuple[int, int] = (6, 5)
) -> gn.Model:
    net = gn.mlp([shape[0] * shape[1], 8, 3], dtype=np.float64, rng=seed)
    return gn.Model.of(net, shape, Preprocessing.parse(preprocess))


def images(n: int = 20, shape: tuple[int, int] = (6, 5)) -> Array:
    X = np.random.default_rng(4).integers(0, 256, (n, *shape), np.uint8)
    X.flags.writeable = False
    return X


def test_the_nine_shifts_of_a_single_pixel_by_hand() -> None:
    # The network depends only on the centre pixel of 3 x 3: p = [3/4, 1/4] if it is bright and
    # [1/2, 1/2] if it is dark. A bright centre stays there in one of nine shifts, a bright corner
    # moves there in one, and a row of three covers it in three.
    net = gn.mlp([9, 2], dtype=np.float64, rng=0)
    net.params["W1"][...] = 0
    net.params["W1"][4, 0] = np.log(3)
    X = np.zeros((4, 3, 3), np.uint8)
    X[0, 1, 1] = X[1, 0, 2] = X[2, 2, :] = 255
    middle = gn.Model.of(net, (3, 3)).predict_proba(X, shifts=1)[:, 0]
    expected = [(0.75 + 8 * 0.5) / 9, (0.75 + 8 * 0.5) / 9, (3 * 0.75 + 6 * 0.5) / 9, 0.5]
    np.testing.assert_allclose(middle, expected, rtol=1e-14)


@pytest.mark.parametrize("preprocess", ["plain", "deskew", "width-3"])
@pytest.mark.parametrize("most", [1, 2, 4])
def test_probabilities_are_averaged_over_shifted_preprocessed_copies(
    preprocess: str, most: int
) -> None:
    model, preprocess_images = random_model(preprocess=preprocess), Preprocessing.parse(preprocess)
    copies = list(moved(preprocess_images(images()), most))
    assert len(copies) == (2 * most + 1) ** 2
    expected = np.mean([model.network.predict_proba(copy) for copy in copies], axis=0)
    answer = model.predict_proba(images(), shifts=most)
    np.testing.assert_allclose(answer, expected, rtol=1e-12)
    assert np.abs(answer - model.predict_proba(images())).max() > 0.01
    if preprocess != "plain":
        before = [
            model.network.predict_proba(preprocess_images(copy)) for copy in moved(images(), most)
        ]
        assert np.abs(answer - np.mean(before, axis=0)).max() > 0.001


def test_an_ensemble_averages_over_members_and_shifts_before_its_temperature() -> None:
    names = ("plain", "deskew")
    models = [random_model(seed, name) for seed, name in enumerate(names)]
    combined = replace(ensemble(models), temperature=2.0)
    p = np.mean(
        [
            model.network.predict_proba(copy)
            for model, name in zip(models, names, strict=True)
            for copy in moved(Preprocessing.parse(name)(images()), 1)
        ],
        axis=0,
    )
    expected = np.sqrt(p) / np.sqrt(p).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(combined.predict_proba(images(), shifts=1), expected, rtol=1e-12)
    assert combined.predict(images(), shifts=1).tolist() == expected.argmax(axis=1).tolist()


def test_shifted_floats_give_the_same_as_bytes() -> None:
    model = random_model()
    np.testing.assert_allclose(
        model.predict_proba(images() / 255, shifts=1),
        model.predict_proba(images(), shifts=1),
        rtol=1e-12,
    )


def test_flat_images_are_shifted_with_the_models_image_shape() -> None:
    model = random_model()
    expected = model.predict_proba(images(), shifts=1)
    answer = model.predict_proba(images().reshape(20, 30), shifts=1)
    assert answer.tobytes() == expected.tobytes()
    unknown = gn.Model.of(model.network)
    assert unknown.predict_proba(images(), shifts=1).tobytes() == expected.tobytes()


def test_without_shifts_each_image_is_read_once() -> None:
    model = random_model()
    expected = model.network.predict_proba(images())
    assert model.predict_proba(images(), shifts=0).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("shifts", "expected"),
    [
        (5, "shifts: needs larger images for 5, got 6 x 5 pixels"),
        (28, "shifts: needs larger images for 28, got 6 x 5 pixels"),
        (-1, "shifts: needs a whole number, at least 0, got -1"),
        (0.5, "shifts: needs a whole number, at least 0, got 0.5"),
    ],
)
def test_invalid_shifts_raise(shifts: Any, expected: str) -> None:
    model = random_model()
    for ask in (model.predict_proba, model.predict):
        with pytest.raises(ConfigError) as raised:
            ask(images(), shifts=shifts)
        assert str(raised.value) == expected


def test_flat_images_of_unknown_shape_cannot_be_shifted() -> None:
    model = gn.Model.of(gn.mlp([30, 3], rng=0))
    with pytest.raises(ConfigError, match="needs larger images for 1, got 30 pixels"):
        model.predict_proba(images().reshape(20, 30), shifts=1)
