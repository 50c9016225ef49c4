"""Scale: multiplication by a constant."""

from dataclasses import dataclass

from glassnet.errors import check_positive
from glassnet.nn.layers.layer import BoundLayer, Layer, LayerBackward
from glassnet.types import Array, Arrays, Rng


@dataclass(frozen=True)
class Scale(Layer):
    """Multiplication by a constant: a = c x.

    As the first layer it sets the scale of the input: pixels are floats from 0 to 1, and a factor
    of 255 restores the integers of the image file.

    Parameters
    ----------
    factor : float
        c, a finite number above 0.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> x = np.array([[0.0, 0.5, 1.0]])
    >>> a, backward = gn.Scale(255).forward(x, {}, {}, training=False, rng=None)
    >>> a
    array([[  0. , 127.5, 255. ]])
    >>> gn.mlp([784, 10], input_scale=255, rng=0)
    Network(784 -> times 255 -> 10 softmax, 7,850 parameters, float32)
    """

    factor: float

    def __post_init__(self) -> None:
        """Validate the factor."""
        check_positive("factor", self.factor)

    def __str__(self) -> str:
        """Return a description such as ``"times 255"``."""
        return f"times {self.factor:g}"

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, *, training: bool, rng: Rng | None
    ) -> tuple[Array, LayerBackward]:
        """Compute a = c x; da/dx = c."""

        def backward(da: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
            da *= self.factor
            return da

        return x * self.factor, backward

    def fuse(self, own: BoundLayer, before: list[BoundLayer]) -> list[BoundLayer]:
        """Merge with a preceding scale; a following dense layer absorbs the result."""
        if before and isinstance(before[0].layer, Scale):
            return [own._replace(layer=Scale(before[0].layer.factor * self.factor))]
        return [*before, own]
