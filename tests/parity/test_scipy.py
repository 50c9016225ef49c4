"""Image distortions compared with SciPy: interpolation, and covariance of elastic fields."""

import numpy as np
import pytest
from scipy import ndimage

from glassnet.data.transforms.augment import Augment
from glassnet.data.transforms.warp import warp
from glassnet.types import Array


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (28, 28)])
@pytest.mark.parametrize("spread", [0.3, 3.0, 40.0])  # pixels; some points lie far outside
@pytest.mark.parametrize("group", [1, 3])
def test_warp_matches_map_coordinates(shape: tuple[int, int], spread: float, group: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.random((7, *shape), np.float32)
    fields = np.indices(shape)[:, None] + rng.normal(0, spread, (2, -(-7 // group), *shape))
    ours = warp(X, shape, *fields, group)
    for i, image in enumerate(X):
        # SciPy does not interpolate beyond the outermost pixels, so that these have to be zeros.
        theirs = ndimage.map_coordinates(
            np.pad(image.astype(float), 1), fields[:, i // group] + 1, order=1, mode="constant"
        )
        np.testing.assert_allclose(ours[i], theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_warp_of_integers_matches_rounded_map_coordinates(dtype: type) -> None:
    rng = np.random.default_rng(1)
    X = rng.integers(0, 256, (5, 9, 8)).astype(dtype)
    fields = np.indices((9, 8))[:, None] + rng.normal(0, 2, (2, 5, 9, 8))
    for i, ours in enumerate(warp(X, (9, 8), *fields)):
        theirs = ndimage.map_coordinates(np.pad(X[i].astype(float), 1), fields[:, i] + 1, order=1)
        assert np.abs(ours - theirs).max() <= 0.5 + 1e-4


class Impulses:
    """Random generator without affine part, whose noise is 1 in one place, a new one per warp."""

    def uniform(self, low: float, high: float, shape: tuple[int, int]) -> Array:
        return np.zeros(shape)

    def standard_normal(self, shape: tuple[int, int, int, int], dtype: type) -> Array:
        _, n, k, m = shape
        assert n >= k * m
        return np.broadcast_to(np.eye(n, k * m, dtype=dtype).reshape(n, k, m), shape)


@pytest.mark.parametrize("smoothness", [0.7, 2.0, 4.0, 15.0])
def test_elastic_fields_have_the_covariance_of_filtered_noise(smoothness: float) -> None:
    # For white noise, the covariance of two pixels is the sum, over all impulses, of the products
    # of their responses, which needs no random numbers.
    shape, impulses = (11, 14), Impulses()
    places = np.eye(11 * 14).reshape(-1, *shape)
    blurred = [
        ndimage.gaussian_filter(place, smoothness, mode="constant", truncate=9) for place in places
    ]
    theirs = np.reshape(blurred, (len(places), -1))
    theirs = theirs.T @ theirs
    spread = np.sqrt(theirs.diagonal())  # SciPy's falls towards the border, ours must not
    for pixels, at in zip(
        Augment(shape=shape, elastic=1.5, smoothness=smoothness).draw(len(places), impulses),
        np.indices(shape),
        strict=True,
    ):
        ours = (pixels - at).reshape(len(places), -1)
        expected = 1.5**2 / 2 * theirs / np.outer(spread, spread)
        np.testing.assert_allclose(ours.T @ ours, expected, rtol=0, atol=2e-4)
