"""A small dataset of ten classes, and the records of a healthy run."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from glassnet.data.dataset import Dataset, Split
from glassnet.nn.monitoring.epoch_record import EpochRecord

RECORD = EpochRecord(
    epoch=1,
    step=100,
    train_loss=0.6,
    train_accuracy=0.85,
    validation_loss=0.5,
    validation_accuracy=0.88,
    learning_rate=0.1,
    gradient_norms=(0.5, 0.4, 0.3),
    dead=(0.0, 0.0),
    saturated_units=(0.0, 0.0),
    seconds=1.0,
    images_per_second=5e3,
    trajectory=(2.2, 1.4, 0.9, 0.7, 0.6),
    first_loss=2.4,
    peak_loss=2.5,
    update_ratios=(0.01, 0.02, 0.02),
    first_update=0.02,
    saturated_activations=(0.0, 0.0),
    unit_similarity=(0.02, 0.03),
    label_order=0.1,
    input_scale=0.33,
    majority=0.1,
    label_dependence=45.0,
)


@pytest.fixture
def records() -> Callable[..., list[EpochRecord]]:
    """Return a function that makes two healthy epochs, with changes to both."""

    def make(**changes: Any) -> list[EpochRecord]:
        second = replace(RECORD, epoch=2, step=200, train_loss=0.4, train_accuracy=0.9)
        return [replace(record, **changes) for record in (RECORD, second)]

    return make


def draw(n: int, seed: int) -> Split:
    """Draw noisy images: a random pattern for each class, shifted by up to one pixel."""
    patterns = np.random.default_rng(99).random((10, 8, 8)) > 0.6
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 10)
    images = 200.0 * patterns[labels] + rng.normal(0, 180, (n, 8, 8))
    for image, shift in zip(images, rng.integers(0, 2, n), strict=True):
        image[...] = np.roll(image, shift, axis=1)
    return Split(np.clip(images, 0, 255).astype(np.uint8), labels)


@pytest.fixture(scope="session")
def pictures() -> Dataset:
    return Dataset(
        name="pictures",
        train=draw(1500, 1),
        validation=draw(400, 2),
        test=draw(400, 3),
        n_classes=10,
    )
