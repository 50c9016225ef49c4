"""Recording: one step of plain gradient descent, with copies of all arrays.

The network's own forward and backward functions run; its layers are wrapped to record their arrays.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.nn.activations import Activation, ElementBackward, find_activation, softmax
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.layer import BoundLayer, Layer, LayerBackward
from glassnet.nn.losses import Loss, one_hot
from glassnet.nn.network import Network
from glassnet.nn.optimizers import SGD
from glassnet.nn.tracing.step import Symbol, TracedLayer
from glassnet.types import Array, Arrays

Recorded = dict[Symbol, Array]


def record_step(
    network: Network, x: Array, labels: Array, learning_rate: float, loss: Loss
) -> tuple[Recorded, tuple[TracedLayer, ...]]:
    """Run one step (forward, loss, backward, update) and a second forward pass; copy every array.

    Parameters
    ----------
    network : Network
        Network fused for inference; not modified.
    x : ndarray, (n, n_in)
        A batch of floats in the network's dtype.
    labels : ndarray, (n,) int or (n, n_classes)

    Returns
    -------
    arrays : dict of Symbol to ndarray
        Arrays in order of computation.
    layers : tuple of TracedLayer
        Layers from input to output.
    """
    layers = trace_layers(network)
    y = labels if labels.ndim == 2 else one_hot(labels, network.n_classes)
    arrays: Recorded = {Symbol("x"): x.copy(), Symbol("y"): y.astype(network.dtype)}
    grads = network.empty_grads()

    def recorded_loss(logits: Array, labels: Array) -> tuple[float, Array]:
        """Compute the loss, and record it with the probabilities."""
        arrays[Symbol("p")] = softmax(logits.copy())[0]
        value, dlogits = loss(logits, labels)
        arrays[Symbol("loss")] = np.array(value)
        return value, dlogits

    observed = _observe(network, layers, arrays, grads, is_after=False)
    observed.loss_and_grads(
        x, labels, grads, loss=recorded_loss, training=False, rng=np.random.default_rng(0)
    )
    updated, optimizer = network.copy(), SGD()
    state = optimizer.init(updated.params)
    optimizer.update(updated.params, grads, state, learning_rate=learning_rate)
    logits, _ = _observe(updated, layers, arrays, grads, is_after=True).forward(x)
    arrays[Symbol("p", is_after=True)] = softmax(logits.copy())[0]
    arrays[Symbol("loss", is_after=True)] = np.array(loss(logits, labels)[0])
    return arrays, layers


def trace_layers(network: Network) -> tuple[TracedLayer, ...]:
    """Name the input and the output of each layer.

    A dense layer computes z and a; the last one computes only z, the logits. The output
    of any other layer is named after its class, such as ``negate1``.
    """
    layers: list[TracedLayer] = []
    source = Symbol("x")
    for place, bound in enumerate(network.bound_layers, start=1):
        if isinstance(bound.layer, Dense):
            letter = "z" if place == len(network.layers) else "a"
        else:
            letter = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(bound.layer).__name__).lower()
        output = Symbol(letter, bound.number)
        layers.append(
            TracedLayer(
                layer=bound.layer,
                number=bound.number,
                input=source,
                output=output,
                params=tuple(bound.params),
            )
        )
        source = output
    return tuple(layers)


def _observe(
    network: Network,
    layers: tuple[TracedLayer, ...],
    arrays: Recorded,
    grads: Arrays,
    *,
    is_after: bool,
) -> Network:
    observed: list[BoundLayer] = []
    for bound, traced in zip(network.bound_layers, layers, strict=True):
        recorder = _Recorder(
            bound=bound, traced=traced, arrays=arrays, grads=grads, is_after=is_after
        )
        layer: Layer = (
            replace(bound.layer, activation=recorder.observe(bound.layer.activation))
            if isinstance(bound.layer, Dense)
            else _RecordedLayer(recorder)
        )
        observed.append(bound._replace(layer=layer))
    return Network(observed)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Recorder:
    """Recorder for the arrays of one layer."""

    bound: BoundLayer
    traced: TracedLayer
    arrays: Recorded
    grads: Arrays
    is_after: bool

    def record(self, letter: str, array: Array) -> None:
        self.arrays[Symbol(letter, self.traced.number, self.is_after)] = array

    def record_params(self) -> None:
        for letter, theta in self.bound.params.items():
            self.record(letter, theta.copy())

    def record_grads(self) -> None:
        # Not copied: the layer fills them once dz is known.
        for letter in self.bound.params:
            self.record(f"d{letter}", self.grads[f"{letter}{self.traced.number}"])

    def observe(self, activation: str | Activation) -> Activation:
        """Wrap the activation of a dense layer to record z, a, da, slope and dz."""
        phi = find_activation(activation)
        is_hidden = self.traced.output.letter == "a"

        def observed(z: Array) -> tuple[Array, ElementBackward]:
            """Compute the activation and record it."""
            self.record_params()
            kept = z.copy()
            self.record("z", kept)
            a, backward = phi(z)
            if is_hidden:
                self.record("a", a.copy())

            def recorded(da: Array) -> Array:
                if is_hidden:
                    self.record("da", da.copy())
                    self.record("slope", phi(kept.copy())[1](np.ones_like(da)))
                dz = backward(da)
                self.record("dz", dz.copy())
                self.record_grads()
                return dz

            return a, recorded

        return observed


@dataclass(frozen=True, eq=False)
class _RecordedLayer(Layer):
    """Wrapper that records the output and the gradients of any other layer."""

    recorder: _Recorder

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, **options: Any
    ) -> tuple[Array, LayerBackward]:
        """Compute the layer's output and record it."""
        layer, letter = self.recorder.bound.layer, self.recorder.traced.output.letter
        self.recorder.record_params()
        a, backward = layer.forward(x, params, buffers, **options)
        self.recorder.record(letter, a.copy())

        def recorded(da: Array, grads: Arrays, **needs: Any) -> Array | None:
            self.recorder.record(f"d{letter}", da.copy())
            self.recorder.record_grads()
            return backward(da, grads, **needs)

        return a, recorded
