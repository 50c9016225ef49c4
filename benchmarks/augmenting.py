"""Throughput of data augmentation: python -m benchmarks.augmenting NAME prints it as JSON.

glassnet augments batches of 256 uint8 images; albumentations, which uses OpenCV, augments single
images, as its interface requires. The strengths are similar. Each runs in a separate process on
all cores.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.harness import default_environment
from glassnet.data.transforms.augment import Augment
from glassnet.recipes import ACCURATE, BEST, RECIPES

Distort = Callable[[Any], Any]
BATCH = 256
SECONDS = 0.5  # per measurement
AFFINE = Augment(rotation=10, shear=5, scale=0.1, shift=1, group=1)
ELASTIC = replace(AFFINE, elastic=1.0)


def with_glassnet(augment: Augment) -> Distort:
    """Return a function that augments a batch with glassnet."""
    rng = np.random.default_rng(0)
    return lambda images: augment(images, rng)


def with_albumentations(augment: Augment) -> Distort:
    """Return a function that augments images one by one with albumentations."""
    import albumentations

    steps: list[Any] = [
        albumentations.Affine(
            rotate=(-augment.rotation, augment.rotation),
            shear={"x": (-augment.shear, augment.shear), "y": (0, 0)},
            scale={"x": (1 - augment.scale, 1 + augment.scale), "y": (0.9, 1.1)},
            translate_px={"x": (-1, 1), "y": (-1, 1)},
            p=1,
        )
    ]
    if augment.elastic:
        steps.append(albumentations.ElasticTransform(alpha=10, sigma=augment.smoothness, p=1))
    distort = albumentations.Compose(steps)
    return lambda images: [distort(image=image)["image"] for image in images]


PROGRAMS: dict[str, Callable[[], Distort]] = {
    "glassnet, affine": lambda: with_glassnet(AFFINE),
    "glassnet, affine, groups of 8": lambda: with_glassnet(replace(AFFINE, group=8)),
    "albumentations, affine": lambda: with_albumentations(AFFINE),
    "glassnet, elastic and affine": lambda: with_glassnet(ELASTIC),
    "glassnet, elastic and affine, groups of 8": lambda: with_glassnet(replace(ELASTIC, group=8)),
    "albumentations, elastic and affine": lambda: with_albumentations(ELASTIC),
}


def measure_augmenting(n_rounds: int) -> dict[str, Any]:
    """Measure images per second of all programs in turn, and shares of training steps."""
    speeds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(n_rounds):
        for name, found in speeds.items():
            found.append(float(_run(name)))
    return {
        "images_per_second": {
            name: {"max": max(found), "median": statistics.median(found)}
            for name, found in speeds.items()
        },
        "shares": {recipe.name: float(_run(recipe.name)) for recipe in (ACCURATE, BEST)},
    }


def _run(name: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.augmenting", name],
        env=default_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def measure_speed(distort: Distort) -> float:
    """Return the number of images augmented per second."""
    images = np.random.default_rng(1).integers(0, 256, (BATCH, 28, 28), dtype=np.uint8)
    distort(images)
    n_batches, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        distort(images)
        n_batches += 1
    return BATCH * n_batches / (time.perf_counter() - started)


def measure_share(name: str) -> float:
    """Return the share of a recipe's training time that augmentation takes."""
    from glassnet.data.dataset import Dataset, Split
    from glassnet.runs.build import build_training
    from glassnet.runs.config import RunConfig

    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (20 * BATCH, 28, 28), dtype=np.uint8)
    split = Split(images, rng.integers(0, 10, len(images)))
    dataset = Dataset(name="noise", train=split, validation=None, test=None, n_classes=10)
    training = build_training(RunConfig(recipe=RECIPES[name], data="noise"), dataset)
    distort, augment_seconds = training.augment, 0.0
    if distort is None:
        return 0.0

    def timed(x: Any, rng: np.random.Generator, strength: float) -> Any:
        nonlocal augment_seconds
        started = time.perf_counter()
        result = distort(x, rng, strength)
        augment_seconds += time.perf_counter() - started
        return result

    training.augment = timed
    steps = training.steps()
    next(steps)
    augment_seconds, before = 0.0, training.monitor.stats.seconds
    for _ in range(8):
        next(steps)
    return augment_seconds / (training.monitor.stats.seconds - before)


def main() -> None:
    """Measure one program or one recipe, and print the figure as JSON."""
    name = sys.argv[1]
    found = measure_speed(PROGRAMS[name]()) if name in PROGRAMS else measure_share(name)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
