"""Recipes: named training configurations.

docs/accuracies.md lists the accuracy and training time of each.
"""

from dataclasses import replace

from glassnet.data.transforms.augment import Augment
from glassnet.recipe import Recipe

# For teaching: one hidden layer, small random weights, plain mini-batch gradient descent with a
# constant learning rate, and an evaluation on the whole training set after each epoch.
TEXTBOOK = Recipe(
    name="textbook",
    hidden=(128,),
    activation=("relu",),
    initializer="small",
    loss="cross_entropy",
    optimizer="sgd",
    learning_rate=0.2,
    batch_size=64,
    epochs=10,
    min_updates=4_000,
    full_pass=True,
)

# The default: two small layers with batch normalisation, and Adam with a high learning rate that
# warms up and decays once.
FAST = Recipe(
    name="fast",
    hidden=(112, 96),
    activation=("relu",),
    initializer="he",
    loss="cross_entropy",
    optimizer="adam",
    learning_rate=3e-2,
    schedule="warmup_cosine",
    batch_size=256,
    epochs=4,
    min_updates=800,
    beta2=0.99,
    batch_norm=True,
)

# Wider layers; images are deskewed, and distorted slightly and anew in each epoch.
ACCURATE = replace(
    FAST,
    name="accurate",
    hidden=(512, 128),
    activation=("gelu",),
    batch_size=512,
    epochs=8,
    min_updates=900,
    label_smoothing=0.1,
    augment=Augment(rotation=8, shear=4, scale=0.1, shift=1, elastic=0.6, group=4),
    preprocess="deskew",
)

# The most accurate single network. Each image has its own distortion.
BEST = replace(
    ACCURATE,
    name="best",
    hidden=(1200, 1200),
    optimizer="adamw",
    learning_rate=8e-3,
    epochs=120,
    min_updates=2_000,
    weight_decay=0.05,
    augment=Augment(
        rotation=12,
        shear=8,
        scale=0.17,
        shift=1,
        elastic=1.6,
        smoothness=5,
        stroke_width=0.5,
        group=1,
    ),
    augment_decay_fraction=0.2,
)

# The model file has at most half a megabyte with int8 weights.
SMALL = replace(BEST, name="small", hidden=(400, 400), epochs=100)

# Six networks trained as in BEST, with four kinds of preprocessing. On held-out images three
# networks with the same preprocessing were as accurate; varying it should help with new writers, as
# in the ensembles of Cireşan et al. (2011) and Meier et al. (2011).
ENSEMBLE = replace(
    BEST,
    name="ensemble",
    members=("deskew", "deskew", "deskew", "plain", "deskew-width-18", "deskew-width-14"),
)

# Permutation invariant: nothing depends on the order of the pixels. Dropout on inputs and hidden
# units reduces over-fitting.
UNAUGMENTED = replace(
    BEST,
    name="unaugmented",
    hidden=(1024, 512),
    learning_rate=4e-3,
    epochs=40,
    input_dropout=0.2,
    dropout=0.3,
    augment=None,
    augment_decay_fraction=0.0,
    preprocess="plain",
)

RECIPES = {
    recipe.name: recipe for recipe in (FAST, TEXTBOOK, ACCURATE, BEST, ENSEMBLE, SMALL, UNAUGMENTED)
}
