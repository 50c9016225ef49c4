"""LaTeX formulas for the values in a step, and the lines of code that compute them."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from glassnet.errors import lookup
from glassnet.nn.activations import Activation, find_activation, softmax
from glassnet.nn.layers.dense import affine
from glassnet.nn.losses import LOSSES, one_hot
from glassnet.nn.optimizers import SGD
from glassnet.nn.validation import to_unit

PACKAGE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Formula:
    """Formula for one kind of value.

    Parameters
    ----------
    rows : str
        LaTeX with samples as rows, as in the code. In a template ``#`` stands for the number of the
        layer, ``<`` for its input and ``>`` for the number of the next dense layer.
    columns : str
        LaTeX with samples as columns, as in many textbooks, where W is transposed.
    description : str
        Short description in words.
    phase : str
        ``"given"``, ``"forward"``, ``"loss"``, ``"backward"`` or ``"update"``.
    """

    rows: str
    columns: str
    description: str
    phase: str

    def latex(self, *, columns: bool = False) -> str:
        """Return the formula as LaTeX, with samples as rows or as columns."""
        return self.columns if columns else self.rows

    def fill(self, layer: int, source: str, reader: int) -> "Formula":
        """Fill in the layer's number, its input and the number of the next dense layer."""
        rows, columns = (
            text.replace("#", str(layer)).replace("<", source).replace(">", str(reader))
            for text in (self.rows, self.columns)
        )
        return replace(self, rows=rows, columns=columns)


FORMULAS = MappingProxyType(
    {
        "x": Formula("x", "x", "image, one value in [0, 1] per pixel", "given"),
        "y": Formula("y", "y", "one-hot label", "given"),
        "W": Formula("W_{#}", "W_{#}^{T}", "weights from each input to each unit", "given"),
        "b": Formula("b_{#}", "b_{#}", "biases of the units", "given"),
        "z": Formula(
            r"z_{#} = < W_{#} + b_{#}",
            r"z_{#} = W_{#}^{T} < + b_{#}",
            "pre-activation: weighted sum of the inputs, plus the bias",
            "forward",
        ),
        "a": Formula(
            r"a_{#} = \varphi(z_{#})",
            r"a_{#} = \varphi(z_{#})",
            "activation: output of the unit",
            "forward",
        ),
        "p": Formula(
            r"p_k = e^{z_k} / \sum_j e^{z_j}",
            r"p_k = e^{z_k} / \sum_j e^{z_j}",
            "softmax: probability of each class",
            "forward",
        ),
        "loss": Formula(
            r"L = -\frac{1}{n} \sum \log p_{label}",
            r"L = -\frac{1}{n} \sum \log p_{label}",
            "cross-entropy loss for the label",
            "loss",
        ),
        "dlogits": Formula(
            r"dz_{#} = (p - y) / n",
            r"dz_{#} = (p - y) / n",
            "gradient of the loss with respect to the logits",
            "loss",
        ),
        "dW": Formula(
            r"dW_{#} = <^{T} \, dz_{#}",
            r"dW_{#}^{T} = dz_{#} \, <^{T}",
            "gradient with respect to the weights: inputs times error signal",
            "backward",
        ),
        "db": Formula(
            r"db_{#} = \sum_i dz_{#}",
            r"db_{#} = \sum_i dz_{#}",
            "gradient with respect to the biases",
            "backward",
        ),
        "da": Formula(
            r"da_{#} = dz_{>} W_{>}^{T}",
            r"da_{#} = W_{>} \, dz_{>}",
            "gradient with respect to the activations: the error signal propagated back through "
            "the weights",
            "backward",
        ),
        "slope": Formula(
            r"\varphi'(z_{#})",
            r"\varphi'(z_{#})",
            "derivative of the activation function at z",
            "backward",
        ),
        "dz": Formula(
            r"dz_{#} = da_{#} \, \varphi'(z_{#})",
            r"dz_{#} = da_{#} \, \varphi'(z_{#})",
            "gradient with respect to the pre-activations: activation gradient times derivative",
            "backward",
        ),
        "W_after": Formula(
            r"W_{#} \leftarrow W_{#} - \eta \, dW_{#}",
            r"W_{#}^{T} \leftarrow W_{#}^{T} - \eta \, dW_{#}^{T}",
            "weights after the step",
            "update",
        ),
        "b_after": Formula(
            r"b_{#} \leftarrow b_{#} - \eta \, db_{#}",
            r"b_{#} \leftarrow b_{#} - \eta \, db_{#}",
            "biases after the step",
            "update",
        ),
    }
)

# The two formulas that differ for the mean squared error.
SQUARED = MappingProxyType(
    {
        "loss": Formula(
            r"L = \frac{1}{2n} \sum |p - y|^2",
            r"L = \frac{1}{2n} \sum |p - y|^2",
            "half the squared distance between the probabilities and the one-hot label",
            "loss",
        ),
        "dlogits": Formula(
            r"dz_k = p_k (dp_k - \sum_j dp_j p_j), \; dp = (p - y) / n",
            r"dz_k = p_k (dp_k - \sum_j dp_j p_j), \; dp = (p - y) / n",
            "gradient of the loss with respect to the logits, backpropagated through softmax",
            "loss",
        ),
    }
)


@dataclass(frozen=True)
class Source:
    """A line of source code.

    Parameters
    ----------
    file : str
        Path within the package, such as ``"glassnet/nn/layers/dense.py"``, or a file name.
    line : int
        Number of the line, from 1; 0 for code without a file.
    """

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return file and line, such as ``"glassnet/nn/layers/dense.py:113"``."""
        return f"{self.file}:{self.line}"


# For each kind, the function and a text that identifies the line.
_LINES: dict[str, tuple[Callable[..., Any], str]] = {
    "x": (to_unit, "np.divide("),
    "y": (one_hot, "rows[np.arange"),
    "z": (affine, "z = x @ W"),
    "p": (softmax, "p /= "),
    "dW": (affine, 'out=grads["W"]'),
    "db": (affine, 'out=grads["b"]'),
    "da": (affine, "dz @ W.T"),
    "W_after": (SGD.update, "theta -= "),
    "b_after": (SGD.update, "theta -= "),
}
# For each loss, texts that identify the lines of its value and of its gradient.
_LOSS_LINES = {
    "cross_entropy": ("loss = float(", "p /= n"),
    "mean_squared_error": ("loss = (", "return float(loss), softmax_backward"),
}


@cache
def find_source(
    kind: str, activation: str | Activation = "identity", loss: str = "cross_entropy"
) -> Source:
    """Find the line that computes a kind of value, a key of ``FORMULAS``.

    For W and b, which are not computed, it is the line that uses them.
    """
    if kind in ("loss", "dlogits"):
        function = lookup("loss", LOSSES, loss)
        value, gradient = _LOSS_LINES[function.__name__]
        return _find_line(function, gradient if kind == "dlogits" else value)
    if kind in ("a", "slope", "dz"):
        phi = find_activation(activation)
        if activation == "identity":
            return _find_line(phi, "return z")
        return _find_line(phi, "a = " if kind == "a" else "da *= ")
    return _find_line(*_LINES["z" if kind in ("W", "b") else kind])


def find_definition(function: Callable[..., Any]) -> Source:
    """Find the first line of a function, such as `forward` of a user-defined layer."""
    return _find_line(function, "def ")


def _find_line(function: Callable[..., Any], text: str) -> Source:
    """Return the first line of a function that contains a text, or the function's first line."""
    function = inspect.unwrap(function)
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError):  # defined in an interactive interpreter
        return Source(getattr(function, "__module__", "unknown"), 0, function.__name__)
    body = _after_docstring(lines) if text != "def " else 0
    place = next((i for i, line in enumerate(lines) if i >= body and text in line), 0)
    path = Path(inspect.getsourcefile(function) or "").resolve()
    is_own = path.is_relative_to(PACKAGE)
    file = path.relative_to(PACKAGE.parent).as_posix() if is_own else path.name
    return Source(file, first + place, lines[place].strip())


def _after_docstring(lines: list[str]) -> int:
    ends = [i for i, line in enumerate(lines) if line.rstrip().endswith('"""')]
    return ends[-1] + 1 if ends else 0
