"""Scale: multiplication by a constant."""

from dataclasses import dataclass

from glassnet.errors import check_positive
from glassnet.nn.layers.layer import BoundLayer, Layer, LayerBackward
from glassnet.types import Array, Arrays, Rng


@dataclass(frozen=True)
class Scale(Layer):
    """Multiply by a constant: a = c x.

    In front of a network it sets the size of the input: pixels are floats from 0 to 1, and a
    factor of 255 restores the values in the file.

    Parameters
    ----------
    factor : float
        c, above 0.
    """

    factor: float

    def __post_init__(self) -> None:
        """Validate the factor."""
        check_positive("factor", self.factor)

    def __str__(self) -> str:
        """Return ``"times 255"``."""
        return f"times {self.factor:g}"

    def forward(
        self, x: Array, params: Arrays, buffers: Arrays, *, training: bool, rng: Rng | None
    ) -> tuple[Array, LayerBackward]:
        """Multiply; da/dx = c."""

        def backward(da: Array, grads: Arrays, *, needs_dx: bool = True) -> Array | None:
            da *= self.factor
            return da

        return x * self.factor, backward

    def fuse(self, own: BoundLayer, before: list[BoundLayer]) -> list[BoundLayer]:
        """Merge with a scale before it; a dense layer after it absorbs the result."""
        if before and isinstance(before[0].layer, Scale):
            return [own._replace(layer=Scale(before[0].layer.factor * self.factor))]
        return [*before, own]
