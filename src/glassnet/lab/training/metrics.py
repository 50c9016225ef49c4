"""Metrics: what is read off a training now and then, for its curves."""

from typing import Any

import numpy as np

from glassnet.lab.encoding import finite
from glassnet.nn.monitoring.evaluation import evaluate_loss
from glassnet.nn.monitoring.health import measure_health
from glassnet.nn.training import Training
from glassnet.nn.validation import to_unit
from glassnet.types import Array

N_LOOKED_AT = 1_000  # validation images
N_PROBES = 256  # training images, for activations and gradients


class Metrics:
    """Reads a training, always on the same images.

    Parameters
    ----------
    training : Training
        With a validation part.
    """

    def __init__(self, training: Training) -> None:
        self._training = training
        images, labels = training.validation or (training.images, training.labels)
        self._held_out = images[:N_LOOKED_AT], labels[:N_LOOKED_AT]
        self._x = to_unit(training.images[:N_PROBES], training.network.dtype)
        self._labels = training.labels[:N_PROBES]

    # Broken trainings are read too: what overflows is told as None.
    @np.errstate(all="ignore")
    def read(self) -> dict[str, Any]:
        """Read all of them.

        Returns
        -------
        dict
            ``step``, ``images`` seen, ``loss`` and ``accuracy`` on validation images,
            ``train_loss`` on training images, and of each layer with weights ``activations``
            (root mean square) and ``gradients`` (norm), of each hidden layer ``dead`` and
            ``saturated``.
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
            "images": self._images_seen(),
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

    def _images_seen(self) -> int:
        training, n = self._training, len(self._training.images)
        return training.epoch * n + min(n, training.batch * training.batch_size)


def _root_mean_square(a: Array) -> float:
    return float(np.sqrt(np.mean(np.square(a, dtype=np.float64))))
