"""Metrics of a live run, for its charts."""

from typing import Any

import numpy as np

from glassnet.lab.encoding import finite
from glassnet.nn.monitoring.evaluation import evaluate_loss
from glassnet.nn.monitoring.health import measure_health
from glassnet.nn.training import Training
from glassnet.nn.validation import to_unit
from glassnet.types import Array

N_VALIDATION = 1_000  # images
N_PROBES = 256  # training images, for activations and gradients


class Metrics:
    """The metrics of a training run, always measured on the same images.

    Parameters
    ----------
    training : Training
        Without validation images, the first training images are used.
    """

    def __init__(self, training: Training) -> None:
        self._training = training
        images, labels = training.validation or (training.images, training.labels)
        self._held_out = images[:N_VALIDATION], labels[:N_VALIDATION]
        self._x = to_unit(training.images[:N_PROBES], training.network.dtype)
        self._labels = training.labels[:N_PROBES]

    # A failed run is measured too; values that overflow become None.
    @np.errstate(all="ignore")
    def read(self) -> dict[str, Any]:
        """Measure the network in its current state.

        Returns
        -------
        dict
            ``step``, ``images`` (number seen), ``loss`` and ``accuracy`` on validation images,
            ``train_loss`` on training images; for each dense layer ``activations`` (root mean
            square) and ``gradients`` (norm); for each hidden layer the fractions of ``dead`` and
            ``saturated`` units.
        """
        training = self._training
        network, step = training.network.for_inference(), training.step
        loss, accuracy = evaluate_loss(network, *self._held_out, training.loss)
        health = measure_health(network, self._x)
        outputs = [a for a, _ in network.activations(self._x)]
        grads = network.empty_grads()
        train_loss = network.loss_and_grads(self._x, self._labels, grads, loss=training.loss)
        return {
            "step": step,
            "images": self._n_images(),
            "loss": finite(loss),
            "accuracy": accuracy,
            "train_loss": finite(train_loss),
            "activations": [finite(_root_mean_square(a)) for a in outputs],
            "gradients": [
                finite(float(np.linalg.norm(grads[f"W{number + 1}"])))
                for number in range(len(outputs))
            ],
            "dead": list(health.dead),
            "saturated": list(health.saturated_units),
        }

    def _n_images(self) -> int:
        training, n = self._training, len(self._training.images)
        return training.epoch * n + min(n, training.batch * training.batch_size)


def _root_mean_square(a: Array) -> float:
    return float(np.sqrt(np.mean(np.square(a, dtype=np.float64))))
