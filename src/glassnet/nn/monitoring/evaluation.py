"""Loss and accuracy of a network on labelled images."""

import numpy as np

from glassnet.nn.losses import Loss
from glassnet.nn.network import Network
from glassnet.nn.validation import to_unit
from glassnet.types import Array


def evaluate_loss(
    network: Network, images: Array, labels: Array, loss: Loss
) -> tuple[float, float]:
    """Compute the mean loss and the accuracy on validated images and labels, in inference mode."""
    total_loss, n_correct, batch_size = 0.0, 0, 1_000
    network = network.for_inference()
    for start in range(0, len(images), batch_size):
        batch = slice(start, start + batch_size)
        logits, _ = network.forward(to_unit(images[batch], network.dtype))
        total_loss += loss(logits, labels[batch])[0] * len(logits)
        n_correct += count_correct(logits, labels[batch])
    return total_loss / len(images), n_correct / len(images)


def count_correct(logits: Array, labels: Array) -> int:
    """Count the correct predictions, given the logits, (n, n_classes), and the labels."""
    classes = labels if labels.ndim == 1 else labels.argmax(axis=1)
    return int(np.count_nonzero(logits.argmax(axis=1) == classes))
