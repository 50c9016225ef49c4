"""Statistics of the training data: scale of the inputs, classes, order of the labels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.nn.network import Network
from glassnet.types import Array

N_BLOCKS = 20  # that an epoch is cut into, to see whether classes come in turns
BLOCK = 50  # images in a block, at least: of fewer, chance alone makes any mixture


@dataclass(frozen=True)
class DataStats:
    """Statistics that do not change during a training run.

    Parameters
    ----------
    input_scale : float
        Root mean square of the numbers that enter the first layer with weights.
    majority : float
        Share of the most frequent class: the accuracy of always naming it.
    label_dependence : float
        By how many standard deviations the nearest mean image names the class more often than it
        would if labels had nothing to do with images. The means are of every other image looked
        at, the images that are named are the rest.
    """

    input_scale: float
    majority: float
    label_dependence: float


def measure_data_stats(network: Network, x: Array, classes: Array) -> DataStats:
    """Measure the training data.

    Parameters
    ----------
    network : Network
        What learns.
    x : ndarray, (n, n_in)
        Training images as floats in the network's dtype, from all over the set.
    classes : ndarray of int, (n,)
        Their classes.

    Returns
    -------
    DataStats
        Finite, unless what enters the first layer is not.
    """
    inputs = x  # of the first layer with parameters
    for bound, (a, _) in zip(network.bound_layers, network.activations(x), strict=True):
        if bound.params:
            break
        inputs = a
    scale = math.sqrt(float(np.mean(np.square(inputs, dtype=np.float64))))
    majority = float(np.bincount(classes).max() / len(classes))
    return DataStats(scale, majority, measure_label_dependence(x, classes))


def measure_label_dependence(x: Array, classes: Array) -> float:
    """Measure how strongly labels depend on images, without a network.

    Parameters
    ----------
    x : ndarray, (n, n_in)
        Images as floats.
    classes : ndarray of int, (n,)
        Their classes.

    Returns
    -------
    float
        Standard deviations above chance; 0 where there is nothing to compare.
    """
    # Of every class, one image goes here and the next there, in whatever order they come.
    order = np.argsort(classes, kind="stable")
    known, asked = order[::2], order[1::2]
    names = np.unique(classes[known])
    if not len(asked) or len(names) < 2:
        return 0.0
    members = (classes[known][:, None] == names).astype(x.dtype)
    means = members.T @ x[known] / members.sum(axis=0)[:, None]
    # |x - m|^2 = |x|^2 - 2 x m + |m|^2, and |x|^2 is the same for every m.
    distances = np.square(means).sum(axis=1) - 2 * (x[asked] @ means.T)
    named, truth = names[distances.argmin(axis=1)], classes[asked]
    shares = [float(np.mean(named == c) * np.mean(truth == c)) for c in names]
    chance = sum(shares)
    spread = math.sqrt(max(chance * (1 - chance), 1e-12) / len(asked))
    return (float(np.mean(named == truth)) - chance) / spread if chance < 1 else 0.0


def measure_label_order(classes: Array, batches: Sequence[Array]) -> float:
    """Measure how far an epoch presents the classes one after another.

    The epoch is cut into blocks of whole batches. Of each block, half the sum of
    |share in the block - share in all| over the classes says how differently it is mixed.

    Parameters
    ----------
    classes : ndarray of int, (n,)
        Of the training images.
    batches : sequence of ndarray of int
        Row numbers, in the order in which they are used.

    Returns
    -------
    float
        The mean over the blocks, from 0 (all alike) to 1 (one class in each).
    """
    order = np.concatenate(batches)
    size = max(len(order) // N_BLOCKS, len(batches[0]), BLOCK)
    n_blocks = max(1, len(order) // size)
    n_classes = int(classes.max()) + 1
    block = np.minimum(np.arange(len(order)) // size, n_blocks - 1)
    counts = np.bincount(block * n_classes + classes[order], minlength=n_blocks * n_classes)
    counts = counts.reshape(n_blocks, n_classes)
    shares, whole = counts / counts.sum(axis=1, keepdims=True), counts.sum(axis=0) / len(order)
    most = 1 - float(np.square(whole).sum())  # what blocks of one class each would give
    return float(0.5 * np.abs(shares - whole).sum(axis=1).mean()) / most if most else 0.0
