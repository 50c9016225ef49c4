"""Statistics of the training data: input scale, class proportions and label order."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.nn.network import Network
from glassnet.types import Array

N_BLOCKS = 20  # parts of an epoch, compared to detect rows sorted by class
MIN_BLOCK_SIZE = 50  # images; in smaller blocks, class proportions vary too much by chance


@dataclass(frozen=True)
class DataStats:
    """Statistics of the training data; they are the same for all epochs.

    Parameters
    ----------
    input_scale : float
        Root mean square of the inputs of the first layer with weights.
    majority : float
        Proportion of the most frequent class: the accuracy of always predicting it.
    label_dependence : float
        Accuracy of a nearest-class-mean classifier, in standard deviations above chance: near 0 if
        labels do not depend on images. Half of the images define the means; the other half is
        classified.
    """

    input_scale: float
    majority: float
    label_dependence: float


def measure_data_stats(network: Network, x: Array, classes: Array) -> DataStats:
    """Compute the statistics of a sample: images, (n, n_in) floats, and classes, (n,) int."""
    inputs = x  # of the first layer with parameters
    for bound, (a, _) in zip(network.bound_layers, network.activations(x), strict=True):
        if bound.params:
            break
        inputs = a
    scale = math.sqrt(float(np.mean(np.square(inputs, dtype=np.float64))))
    majority = float(np.bincount(classes).max() / len(classes))
    return DataStats(scale, majority, measure_label_dependence(x, classes))


def measure_label_dependence(x: Array, classes: Array) -> float:
    """Measure how strongly labels depend on images; see `DataStats.label_dependence`.

    Return 0 for fewer than two classes or images.
    """
    # Sorted by class, so that every class is split evenly, for any order of the rows.
    order = np.argsort(classes, kind="stable")
    known, unknown = order[::2], order[1::2]
    names = np.unique(classes[known])
    if not len(unknown) or len(names) < 2:
        return 0.0
    members = (classes[known][:, None] == names).astype(x.dtype)
    means = members.T @ x[known] / members.sum(axis=0)[:, None]
    # |x - m|^2 = |x|^2 - 2 x m + |m|^2, and |x|^2 is the same for every m.
    distances = np.square(means).sum(axis=1) - 2 * (x[unknown] @ means.T)
    predicted, truth = names[distances.argmin(axis=1)], classes[unknown]
    shares = [float(np.mean(predicted == c) * np.mean(truth == c)) for c in names]
    chance = sum(shares)
    spread = math.sqrt(max(chance * (1 - chance), 1e-12) / len(unknown))
    return (float(np.mean(predicted == truth)) - chance) / spread if chance < 1 else 0.0


def measure_label_order(classes: Array, batches: Sequence[Array]) -> float:
    """Measure how strongly an epoch is sorted by class, from 0 (shuffled) to 1 (sorted).

    The epoch is divided into blocks. For each block, the class proportions are compared with those
    of the whole epoch, by half the sum of |proportion in the block - proportion in the epoch|.
    The result is the mean over the blocks, divided by its value for blocks of a single class.

    Parameters
    ----------
    classes : ndarray of int, (n,)
        Classes of the training images.
    batches : sequence of ndarray of int
        Row numbers of each batch, in order of use.
    """
    order = np.concatenate(batches)
    size = max(len(order) // N_BLOCKS, len(batches[0]), MIN_BLOCK_SIZE)
    n_blocks = max(1, len(order) // size)
    n_classes = int(classes.max()) + 1
    block = np.minimum(np.arange(len(order)) // size, n_blocks - 1)
    counts = np.bincount(block * n_classes + classes[order], minlength=n_blocks * n_classes)
    counts = counts.reshape(n_blocks, n_classes)
    shares, overall = counts / counts.sum(axis=1, keepdims=True), counts.sum(axis=0) / len(order)
    maximum = 1 - float(np.square(overall).sum())  # for blocks of one class each
    return float(0.5 * np.abs(shares - overall).sum(axis=1).mean()) / maximum if maximum else 0.0
