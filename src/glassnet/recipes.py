"""Recipes: complete training set-ups under a name."""

from dataclasses import replace

from glassnet.data.augment import Augment
from glassnet.recipe import Recipe

# The teaching set-up: one hidden layer, the textbook's small random weights, plain mini-batch
# gradient descent at one rate, and the training part measured after each epoch.
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

# The default: two small layers, normalised over the batch, Adam, and a high rate that rises and
# falls once.
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

# Every image distorted a little, differently each time, and looked at upright.
ACCURATE = Recipe(
    name="accurate",
    hidden=(512, 128),
    activation=("gelu",),
    initializer="he",
    loss="cross_entropy",
    optimizer="adam",
    learning_rate=3e-2,
    schedule="warmup_cosine",
    batch_size=512,
    epochs=8,
    min_updates=900,
    beta2=0.99,
    batch_norm=True,
    label_smoothing=0.1,
    augment=Augment(rotation=8, shear=4, scale=0.1, shift=1, elastic=0.6, group=4),
    view="deslant",
)

# As accurate as one net gets in half an hour. Each image has a distortion of its own.
BEST = Recipe(
    name="best",
    hidden=(1200, 1200),
    activation=("gelu",),
    initializer="he",
    loss="cross_entropy",
    optimizer="adamw",
    learning_rate=8e-3,
    schedule="warmup_cosine",
    batch_size=512,
    epochs=120,
    min_updates=2_000,
    weight_decay=0.05,
    beta2=0.99,
    batch_norm=True,
    label_smoothing=0.1,
    augment=Augment(rotation=12, shear=8, scale=0.17, shift=1, elastic=1.6, smoothness=5, group=1),
    calm=0.2,
    view="deslant",
)

# At most half a megabyte, a byte for each weight.
SMALL = replace(BEST, name="small", hidden=(400, 400), epochs=100)

# Several nets like the best one, which answer together. What each has of its own beside its seed
# is how it looks at a digit: nets that see differently make different mistakes.
COMMITTEE = replace(
    BEST,
    name="committee",
    members=("deslant", "deslant", "deslant", "plain", "width-12"),
)

# Nothing that knows about images: any order of the pixels would do as well. What keeps the net
# from learning them by heart is that it never sees all of them, nor has all of its units.
UNAUGMENTED = replace(
    BEST,
    name="unaugmented",
    hidden=(1024, 512),
    learning_rate=4e-3,
    epochs=40,
    input_dropout=0.2,
    dropout=0.3,
    augment=None,
    calm=0.0,
    view="plain",
)

RECIPES = {
    recipe.name: recipe
    for recipe in (FAST, TEXTBOOK, ACCURATE, BEST, COMMITTEE, SMALL, UNAUGMENTED)
}
