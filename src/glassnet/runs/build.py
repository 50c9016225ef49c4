"""Build the network and the training loop for a configuration."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from glassnet.compute import check_memory
from glassnet.data.dataset import Dataset
from glassnet.data.transforms.preprocessing import Preprocessing
from glassnet.nn.mlp import mlp
from glassnet.nn.schedules import augment_decay, make_schedule
from glassnet.nn.training import Training, train
from glassnet.recipe import make_optimizer
from glassnet.runs.config import RunConfig


def build_training(config: RunConfig, dataset: Dataset) -> Training:
    """Build the network and its training loop, ready for the first step.

    Initialisation and training use separate random streams.

    Raises
    ------
    GlassnetError
        If the network does not fit into memory, or a hyper-parameter is out of range.
    """
    recipe, (height, width) = config.recipe, dataset.train.images.shape[1:]
    sizes = [height * width, *recipe.hidden, dataset.n_classes]
    check_memory(sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes)))
    network = mlp(
        sizes,
        activation=recipe.activation[0] if len(recipe.activation) == 1 else recipe.activation,
        initializer=recipe.initializer,
        batch_norm=recipe.batch_norm,
        dropout=recipe.dropout,
        input_dropout=recipe.input_dropout,
        noise=recipe.noise,
        input_scale=recipe.input_scale,
        gain=recipe.gain,
        bias=recipe.bias,
        rng=np.random.default_rng([config.seed, 2]),
    )
    preprocess, held_out = Preprocessing.parse(recipe.preprocess), dataset.validation
    n_train = len(dataset.train)
    n_epochs = recipe.n_epochs(n_train)
    n_steps = n_epochs * recipe.steps_per_epoch(n_train)
    return train(
        network,
        (preprocess(dataset.train.images), dataset.train.labels),
        validation=None if held_out is None else (preprocess(held_out.images), held_out.labels),
        loss=recipe.loss,
        optimizer=make_optimizer(recipe),
        learning_rate=make_schedule(recipe.schedule, recipe.learning_rate, n_steps),
        epochs=n_epochs,
        batch_size=recipe.batch_size,
        full_pass=recipe.full_pass,
        label_smoothing=recipe.label_smoothing,
        augment=None if recipe.augment is None else replace(recipe.augment, shape=(height, width)),
        strength=augment_decay(1.0, n_steps=n_steps, fraction=recipe.augment_decay_fraction),
        ema_decay=recipe.ema_decay,
        shuffle=recipe.shuffle,
        rng=np.random.default_rng([config.seed, 3]),
    )
