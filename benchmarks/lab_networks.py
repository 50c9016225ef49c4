"""Train the small networks of the Lab again: python -m benchmarks.lab_networks.

Both are trained on 55,000 of MNIST's training images with mild augmentation and seed 0; the other
5,000 are used to fit temperature and threshold, and the test images for the printed accuracy only.
"""

import sys
from dataclasses import replace
from pathlib import Path

import glassnet as gn
from glassnet.data.transforms.augment import Augment
from glassnet.evaluation.calibration import choose_threshold, fit_temperature
from glassnet.recipe import Recipe
from glassnet.recipes import TEXTBOOK
from glassnet.runs.build import build_training
from glassnet.runs.config import RunConfig

PACKAGE = Path("src/glassnet/lab/networks")
REJECTED = (
    0.03  # fraction of held-out images below the threshold; small networks are less confident
)
BASE = replace(
    TEXTBOOK,
    name="lab",
    initializer="he",
    optimizer="adam",
    learning_rate=3e-3,
    schedule="warmup_cosine",
    batch_size=128,
    epochs=20,
    min_updates=0,
    full_pass=False,
    augment=Augment(rotation=8, scale=0.1, shift=1, stroke_width=0.3),
)
# Weight decay makes the images of the ten classes' weights smooth enough to recognise.
NETWORKS: dict[str, Recipe] = {
    "784-32-10": replace(BASE, hidden=(32,)),
    "784-10": replace(BASE, hidden=(), optimizer="adamw", weight_decay=0.3),
}


def main() -> int:
    """Train, calibrate and save the networks; print their test accuracy."""
    dataset = gn.load_dataset("mnist")
    held_out, test = dataset.validation, dataset.test
    assert held_out is not None  # noqa: S101 - MNIST has both
    assert test is not None  # noqa: S101
    for name, recipe in NETWORKS.items():
        training = build_training(RunConfig(recipe=recipe, data="mnist"), dataset)
        for _ in training:
            pass
        model = gn.Model.of(training.trained, (28, 28))
        temperature = fit_temperature(model.predict_proba(held_out.images), held_out.labels)
        model = replace(model, temperature=temperature)
        threshold = choose_threshold(model.predict_proba(held_out.images), REJECTED)
        model = replace(model, threshold=threshold)
        PACKAGE.mkdir(parents=True, exist_ok=True)
        gn.save(model, PACKAGE / f"{name}.safetensors")
        accuracy = (model.predict(test.images) == test.labels).mean()
        sys.stdout.write(f"{name}: test accuracy {accuracy:.2%}, {model!r}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
