"""Embedded pictures: their decoded pixels."""

import base64
import io
import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from glassnet.evaluation.html_report.pictures import embed_image, embed_weights

BLUE, VERMILLION = [0, 114, 178], [213, 94, 0]  # Okabe and Ito


def decoded(img: str, mode: str) -> NDArray[Any]:
    found = re.search(r'src="data:image/png;base64,([^"]*)"', img)
    assert found is not None
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(found.group(1)))).convert(mode))


def test_images_are_embedded_inverted() -> None:
    image = np.random.default_rng(0).integers(0, 256, (9, 7), np.uint8)
    img = embed_image(image, "a < b")
    np.testing.assert_array_equal(decoded(img, "L"), 255 - image)
    assert 'alt="a &lt; b"' in img
    assert 'width="7" height="9"' in img


@pytest.mark.parametrize(("shape", "size"), [((300, 150), (64, 32)), ((1, 783), (1, 64))])
def test_large_images_are_reduced(shape: tuple[int, int], size: tuple[int, int]) -> None:
    assert decoded(embed_image(np.full(shape, 200, np.uint8), ""), "L").shape == size


def test_negative_weights_are_blue_and_positive_ones_vermillion() -> None:
    pixels = decoded(embed_weights(np.array([[-2.0, -1.0, 0.0], [0.5, 1.0, 3.0]]), 1.0, ""), "RGBA")
    assert pixels[0, 0].tolist() == pixels[0, 1].tolist() == [*BLUE, 255]
    assert pixels[1, 1].tolist() == pixels[1, 2].tolist() == [*VERMILLION, 255]
    assert pixels[0, 2, 3] == 0  # transparent
    assert pixels[1, 0, :3].tolist() == VERMILLION
    assert 0.4 < pixels[1, 0, 3] / 255 < 0.6
