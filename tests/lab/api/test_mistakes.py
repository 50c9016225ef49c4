"""Confusion matrix, pixel attributions and similar training images."""

import base64

import numpy as np
import pytest

import glassnet as gn
from glassnet.lab.api.mistakes import confuse, find_evidence, find_nearest
from glassnet.lab.catalog import Catalog


def test_without_hidden_layers_the_attributions_add_up(images: Catalog) -> None:
    model, test = images.model("784-10"), images.require_pictures().part("test")
    b = model.network.params["b1"]
    for index in range(5):
        found = find_evidence(model, test.images[index], int(test.labels[index]))
        evidence = np.frombuffer(base64.b64decode(found["evidence"]), "<f8")
        bias = float(b[found["answer"]] - b[found["other"]])
        assert evidence.sum() + bias == pytest.approx(found["difference"], abs=1e-4)
        assert found["answer"] != found["other"]


def test_the_nearest_training_image_of_a_training_image_is_itself(images: Catalog) -> None:
    pictures = images.require_pictures()
    nearest = find_nearest(pictures.dataset.train.images[123], pictures)
    assert (nearest[0]["index"], nearest[0]["distance"]) == (123, 0)
    distances = [image["distance"] for image in nearest]
    assert distances == sorted(distances)


def test_the_confusion_matrix_agrees_with_evaluate(images: Catalog) -> None:
    pictures, model = images.require_pictures(), images.model("784-32-10")
    found = confuse(model, pictures)
    report = gn.evaluate(model, pictures.part("test"))
    assert found["accuracy"] == report.accuracy
    np.testing.assert_array_equal(found["matrix"], report.confusion)
    predicted = model.predict(pictures.part("test").images)
    for key, cell in found["cells"].items():
        row, column = map(int, key.split(","))
        for image in cell:
            assert pictures.part("test").labels[image["index"]] == row
            assert predicted[image["index"]] == column
