"""Model: predictions of a single network."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import glassnet as gn


@pytest.fixture
def model() -> gn.Model:
    """Return a model of two pixels whose class is the brighter pixel."""
    net = gn.mlp([2, 2], dtype=np.float64, rng=0)
    net.params["W1"][...] = [[2.0, 0.0], [0.0, 2.0]]
    return gn.Model.of(net, (1, 2))


def test_probabilities_by_hand(model: gn.Model) -> None:
    probabilities = model.predict_proba(np.array([[255, 0], [0, 255], [0, 0]], np.uint8))
    # softmax([2, 0]) = [0.880797, 0.119203]: 1 / (1 + e^-2).
    expected = [[0.880797, 0.119203], [0.119203, 0.880797], [0.5, 0.5]]
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=5e-7)


@pytest.mark.parametrize(
    "X",
    [
        np.array([[[51, 204]], [[255, 0]]], np.uint8),
        np.array([[51, 204], [255, 0]], np.int64),
        np.array([[0.2, 0.8], [1.0, 0.0]]),
        [[0.2, 0.8], [1.0, 0.0]],
    ],
)
def test_all_representations_of_an_image_give_the_same_prediction(
    model: gn.Model, X: NDArray[Any]
) -> None:
    assert model.predict(X).tolist() == [1, 0]
    # softmax([0.4, 1.6]): 1 / (1 + e^1.2) = 0.231475
    np.testing.assert_allclose(model.predict_proba(X)[0], [0.231475, 0.768525], rtol=0, atol=5e-7)


def test_a_model_predicts_the_same_as_its_network() -> None:
    net = gn.mlp([9, 5, 4], rng=3)
    X = np.random.default_rng(0).integers(0, 256, (50, 3, 3), np.uint8)
    model = gn.Model.of(net, (3, 3))
    assert model.predict_proba(X).tobytes() == net.predict_proba(X).tobytes()
    assert model.predict(X).tolist() == net.predict(X).tolist()
    assert model.predict_proba(X).shape == (50, 4)


@pytest.mark.parametrize("X", [np.zeros((1, 3), np.uint8), np.zeros((0, 2)), np.zeros(2)])
def test_images_of_another_size_raise(model: gn.Model, X: NDArray[Any]) -> None:
    with pytest.raises(gn.ShapeError):
        model.predict(X)


def test_a_model_is_immutable(model: gn.Model) -> None:
    with pytest.raises(AttributeError):
        model.image_shape = (2, 1)  # type: ignore[misc]
