"""Formulas: what each number of a step is, how it is written, and the line that computes it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from glassnet.errors import lookup
from glassnet.nn.activations import ACTIVATIONS, softmax
from glassnet.nn.layers.dense import affine
from glassnet.nn.losses import LOSSES, one_hot
from glassnet.nn.optimizers import SGD
from glassnet.nn.validation import to_unit

PACKAGE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Formula:
    """How a kind of number is computed.

    Parameters
    ----------
    rows : str
        LaTeX where samples are rows, as in the code; ``#`` stands for the layer's number, ``<``
        and ``>`` for those of the layers before and after.
    columns : str
        The same where samples are columns, as many textbooks have it; there W is transposed.
    says : str
        What it is, in words.
    phase : str
        ``"given"``, ``"forward"``, ``"loss"``, ``"backward"`` or ``"update"``.
    """

    rows: str
    columns: str
    says: str
    phase: str

    def latex(self, number: int, *, columns: bool = False) -> str:
        """Write the formula of one layer.

        Parameters
        ----------
        number : int
            The layer's, from 1.
        columns : bool
            Whether samples are columns.

        Returns
        -------
        str
            LaTeX.
        """
        text = self.columns if columns else self.rows
        for sign, value in (("#", number), ("<", number - 1), (">", number + 1)):
            text = text.replace(sign, str(value))
        return text.replace("a_{0}", "x")


FORMULAS = MappingProxyType(
    {
        "x": Formula("x", "x", "the image, a number from 0 to 1 for each pixel", "given"),
        "y": Formula("y", "y", "the right answer: 1 for the label, 0 elsewhere", "given"),
        "W": Formula("W_{#}", "W_{#}^{T}", "weights: from each input to each unit", "given"),
        "b": Formula("b_{#}", "b_{#}", "biases: what a unit starts from", "given"),
        "z": Formula(
            r"z_{#} = a_{<} W_{#} + b_{#}",
            r"z_{#} = W_{#}^{T} a_{<} + b_{#}",
            "pre-activation: inputs times weights, added up, and the bias",
            "forward",
        ),
        "a": Formula(
            r"a_{#} = \varphi(z_{#})",
            r"a_{#} = \varphi(z_{#})",
            "activation: what the unit hands on",
            "forward",
        ),
        "p": Formula(
            r"p_k = e^{z_k} / \sum_j e^{z_j}",
            r"p_k = e^{z_k} / \sum_j e^{z_j}",
            "softmax: how probable each class is",
            "forward",
        ),
        "loss": Formula(
            r"L = -\frac{1}{n} \sum \log p_{label}",
            r"L = -\frac{1}{n} \sum \log p_{label}",
            "cross-entropy: how surprised the network is by the right answer",
            "loss",
        ),
        "dlogits": Formula(
            r"dz_{#} = (p - y) / n",
            r"dz_{#} = (p - y) / n",
            "gradient of the loss at the logits: what is too much, what too little",
            "loss",
        ),
        "dW": Formula(
            r"dW_{#} = a_{<}^{T} \, dz_{#}",
            r"dW_{#}^{T} = dz_{#} \, a_{<}^{T}",
            "gradient of the weights: what came in times what was wrong",
            "backward",
        ),
        "db": Formula(
            r"db_{#} = \sum_i dz_{#}",
            r"db_{#} = \sum_i dz_{#}",
            "gradient of the biases",
            "backward",
        ),
        "da": Formula(
            r"da_{#} = dz_{>} W_{>}^{T}",
            r"da_{#} = W_{>} \, dz_{>}",
            "gradient of the activations: blame, handed back along the weights",
            "backward",
        ),
        "slope": Formula(
            r"\varphi'(z_{#})",
            r"\varphi'(z_{#})",
            "how steep the activation function is where z stands",
            "backward",
        ),
        "dz": Formula(
            r"dz_{#} = da_{#} \, \varphi'(z_{#})",
            r"dz_{#} = da_{#} \, \varphi'(z_{#})",
            "gradient of the pre-activations: blame times slope",
            "backward",
        ),
        "W_after": Formula(
            r"W_{#} \leftarrow W_{#} - \eta \, dW_{#}",
            r"W_{#}^{T} \leftarrow W_{#}^{T} - \eta \, dW_{#}^{T}",
            "weights after the step, against the gradient",
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

# Where half the squared distance is the loss, these two are computed otherwise.
SQUARED = MappingProxyType(
    {
        "loss": Formula(
            r"L = \frac{1}{2n} \sum |p - y|^2",
            r"L = \frac{1}{2n} \sum |p - y|^2",
            "half the squared distance of the probabilities from the right answer",
            "loss",
        ),
        "dlogits": Formula(
            r"dz_k = p_k (dp_k - \sum_j dp_j p_j), \; dp = (p - y) / n",
            r"dz_k = p_k (dp_k - \sum_j dp_j p_j), \; dp = (p - y) / n",
            "gradient of the loss at the logits, back through softmax",
            "loss",
        ),
    }
)


@dataclass(frozen=True)
class Source:
    """A line of this package.

    Parameters
    ----------
    file : str
        ``"glassnet/nn/layers.py"``.
    line : int
        From 1.
    text : str
        The line itself.
    """

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return ``"glassnet/nn/layers.py:113"``."""
        return f"{self.file}:{self.line}"


_PLACES: dict[str, tuple[Callable[..., Any], str]] = {
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
_LOSS_LINES = {
    "cross_entropy": ("loss = float(", "p /= n"),
    "mean_squared_error": ("loss = (", "return float(loss), softmax_backward"),
}


@cache
def find_source(kind: str, activation: str = "identity", loss: str = "cross_entropy") -> Source:
    """Find the line that computes a kind of number.

    Parameters
    ----------
    kind : str
        A key of ``FORMULAS``.
    activation : str
        A key of ``ACTIVATIONS``: that of the layer.
    loss : str
        A key of ``LOSSES``.

    Returns
    -------
    Source
        For W and b, which are given, the line that uses them.
    """
    if kind in ("loss", "dlogits"):
        function = lookup("loss", LOSSES, loss)
        value, gradient = _LOSS_LINES[function.__name__]
        return _line_of(function, gradient if kind == "dlogits" else value)
    if kind in ("a", "slope", "dz"):
        phi = ACTIVATIONS[activation]
        if activation == "identity":
            return _line_of(phi, "return z")
        return _line_of(phi, "a = " if kind == "a" else "da *= ")
    return _line_of(*_PLACES["z" if kind in ("W", "b") else kind])


def _line_of(function: Callable[..., Any], needle: str) -> Source:
    function = inspect.unwrap(function)
    lines, first = inspect.getsourcelines(function)
    in_code = _after_docstring(lines)
    place = next(i for i, line in enumerate(lines) if i >= in_code and needle in line)
    path = Path(inspect.getsourcefile(function) or "")
    file = path.relative_to(PACKAGE.parent).as_posix()
    return Source(file, first + place, lines[place].strip())


def _after_docstring(lines: list[str]) -> int:
    ends = [i for i, line in enumerate(lines) if line.rstrip().endswith('"""')]
    return ends[-1] + 1 if ends else 0
