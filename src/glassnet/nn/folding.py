"""Folding: what normalises, scales or disturbs is one with the weights once training is over."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from glassnet.nn.layers.batch_norm import EPS, BatchNorm
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.layer import Layer, layer_view
from glassnet.nn.layers.scale import Scale
from glassnet.types import Arrays


def fold(
    layers: Sequence[Layer], params: Arrays, buffers: Arrays
) -> tuple[tuple[Dense, ...], Arrays]:
    """Fold batch normalisation and scale into the weights beside them, and leave noise out.

    Once training is over, a = phi(gamma (x W - mean) / sigma + beta) is again a dense layer:
    W' = W gamma / sigma, b' = beta - mean gamma / sigma. And (c x) W = x (c W).

    Parameters
    ----------
    layers : sequence of Layer
        Of a network, from input to output.
    params, buffers : dict of str to ndarray
        The network's; never written to.

    Returns
    -------
    layers : tuple of Dense
        Each with a bias; together they compute the same.
    params : dict of str to ndarray
        Theirs. An array that nothing was folded into is the network's own.
    """
    dense: list[Dense] = []
    folded: Arrays = {}
    factor = 1.0  # c of what was passed since the last weights
    number = 0
    for layer in layers:
        number += isinstance(layer, Dense)
        theta, W, b = layer_view(params, number), f"W{number}", f"b{number}"
        if isinstance(layer, Dense):
            dense.append(replace(layer, has_bias=True))
            folded[W] = theta["W"] if factor == 1 else theta["W"] * factor
            folded[b] = theta.get("b", np.zeros(layer.n_out, theta["W"].dtype))
            factor = 1.0
        elif isinstance(layer, Scale):
            factor *= layer.factor
        elif isinstance(layer, BatchNorm):
            dense[-1] = replace(dense[-1], activation=layer.activation)
            kept = layer_view(buffers, number)
            scale = theta["gamma"] / np.sqrt(kept["variance"] + EPS)
            folded[W] = folded[W] * scale  # equation 43
            folded[b] = (folded[b] - kept["mean"]) * scale + theta["beta"]
    return tuple(dense), folded
