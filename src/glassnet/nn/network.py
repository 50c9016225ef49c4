"""The network: layers, and one dictionary of named arrays that holds all they have learnt."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.errors import lookup
from glassnet.nn.activations import softmax
from glassnet.nn.inputs import check_images, to_unit
from glassnet.nn.layers import Arrays, Dense, LayerBackward
from glassnet.nn.losses import LOSSES, Loss

Array = NDArray[Any]


class Network:
    """A feedforward network: dense layers one after the other, logits at the end.

    Parameters
    ----------
    layers : sequence of Dense
        From input to output; the last one's activation is the identity, since softmax belongs to
        the loss.
    params : dict of str to ndarray
        ``{"W1": (n_in, n_out), "b1": (n_out,), "W2": ...}``, of one dtype. Training writes into
        these arrays.
    """

    def __init__(self, layers: Sequence[Dense], params: Arrays) -> None:
        self.layers = tuple(layers)
        self.params = params

    @property
    def n_in(self) -> int:
        """Return the number of inputs."""
        return self.layers[0].n_in

    @property
    def n_classes(self) -> int:
        """Return the number of outputs."""
        return self.layers[-1].n_out

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the dtype of the parameters, in which everything is computed."""
        return self.params["W1"].dtype

    def __repr__(self) -> str:
        """Return what was built, as a person would draw it."""
        hidden = "".join(f" -> {layer.n_out} {layer.activation}" for layer in self.layers[:-1])
        n_parameters = sum(theta.size for theta in self.params.values())
        return (
            f"Network({self.n_in}{hidden} -> {self.n_classes} softmax, "
            f"{n_parameters:,} parameters, {self.dtype})"
        )

    def activations(self, x: Array) -> Iterator[tuple[Array, LayerBackward]]:
        """Compute layer after layer, from input to output.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch of floats in the network's dtype; never written to.

        Yields
        ------
        a : ndarray, (n, n_out)
            Each layer's activation; the last are the logits.
        backward : callable
            The way back through that layer.
        """
        a = x
        for number, layer in enumerate(self.layers, start=1):
            a, backward = layer.forward(a, _own(self.params, number))
            yield a, backward

    def forward(self, x: Array) -> tuple[Array, LayerBackward]:
        """Compute the logits.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch of floats in the network's dtype; never written to.

        Returns
        -------
        logits : ndarray, (n, n_classes)
            Raw outputs.
        backward : callable
            ``backward(dlogits, grads)`` fills `grads`, a dictionary shaped like ``params``. It
            owns ``dlogits``.
        """
        steps = list(self.activations(x))
        logits = steps[-1][0]

        def backward(dlogits: Array, grads: Arrays) -> None:
            da: Array | None = dlogits
            for number in range(len(steps), 0, -1):  # from the last layer to the first
                layer_backward = steps[number - 1][1]
                # Nobody needs the gradient of the input: it would cost up to half of the
                # first layer's products.
                da = layer_backward(da, _own(grads, number), needs_dx=number > 1)

        return logits, backward

    def loss_and_grads(
        self, x: Array, labels: Array, grads: Arrays, *, loss: str | Loss = "cross_entropy"
    ) -> float:
        """Run forward, loss and backward once.

        Parameters
        ----------
        x : ndarray, (n, n_in)
            A batch of floats in the network's dtype.
        labels : ndarray, (n,) int or (n, n_classes)
            The truth.
        grads : dict of str to ndarray
            Arrays shaped like ``params``; overwritten.
        loss : str or callable
            A key of ``LOSSES``, or such a function.

        Returns
        -------
        float
            Mean loss over the batch.
        """
        loss_function = loss if callable(loss) else lookup("loss", LOSSES, loss)
        logits, backward = self.forward(x)
        value, dlogits = loss_function(logits, labels)
        backward(dlogits, grads)
        return value

    def empty_grads(self) -> Arrays:
        """Allocate a dictionary for the gradients.

        Returns
        -------
        dict of str to ndarray
            Zeros, shaped like ``params``.
        """
        return {name: np.zeros_like(theta) for name, theta in self.params.items()}

    def predict_proba(self, X: ArrayLike, *, batch_size: int = 1000) -> Array:
        """Tell how probable each class is.

        Parameters
        ----------
        X : array-like, (n, n_in) or (n, height, width)
            Whole numbers 0 to 255, or floats in [0, 1].
        batch_size : int
            Images taken through the network together.

        Returns
        -------
        ndarray, (n, n_classes)
            Probabilities; each row sums to 1.

        Raises
        ------
        ShapeError, DataError
            If `X` is not such images.
        """
        rows = check_images(X, self.n_in)
        probabilities = np.empty((len(rows), self.n_classes), self.dtype)
        for start in range(0, len(rows), batch_size):
            batch = slice(start, start + batch_size)
            # Layer by layer, not by forward, which would keep every activation for the way back.
            for a, _ in self.activations(to_unit(rows[batch], self.dtype)):
                logits = a
            probabilities[batch], _ = softmax(logits)
        return probabilities

    def predict(self, X: ArrayLike) -> Array:
        """Name the most probable class.

        Parameters
        ----------
        X : array-like, (n, n_in) or (n, height, width)
            Whole numbers 0 to 255, or floats in [0, 1].

        Returns
        -------
        ndarray of int, (n,)
            Classes.
        """
        classes: Array = self.predict_proba(X).argmax(axis=1)
        return classes


def _own(arrays: Arrays, number: int) -> Arrays:
    """Return one layer's arrays under their short names: W3, b3 as W, b."""
    return {"W": arrays[f"W{number}"], "b": arrays[f"b{number}"]}
