"""Gradient check: backpropagation compared with central differences.

A derivative is approximated by a difference quotient: a parameter is moved by eps in both
directions, and the two losses are compared. This needs no calculus, which makes it an independent
test of the layers' backward functions.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glassnet.errors import lookup
from glassnet.nn.checking.finite_differences import Probe, find_worst
from glassnet.nn.losses import LOSSES, Loss
from glassnet.nn.network import Network
from glassnet.nn.validation import check_images, check_labels, to_unit
from glassnet.types import Array

EXHAUSTIVE_LIMIT = 3_000  # parameters; larger networks are checked along random directions
N_DIRECTIONS = 8  # per array of a large network
TOLERANCE = 1e-6  # of the relative error, equation 30
MIN_NORM = 1e-9  # two arrays with smaller norms count as equal


@dataclass(frozen=True, kw_only=True)
class ParameterCheck:
    """Result of the check for one parameter array.

    Parameters
    ----------
    name : str
        A key of ``Network.params``, such as ``"W1"``.
    relative_error : float
        ||analytic - numeric|| / (||analytic|| + ||numeric||) over all comparisons; infinite if
        there are none.
    index : tuple of int
        Index of the entry with the largest difference.
    analytic, numeric : float
        Derivative with respect to this entry, by backpropagation and by finite differences.
    n_checked : int
        Number of entries compared, or of random directions through the whole array.
    n_kinks : int
        Number of comparisons left out because a ReLU switched between the two points, which makes
        the finite difference meaningless.
    """

    name: str
    relative_error: float
    index: tuple[int, ...]
    analytic: float
    numeric: float
    n_checked: int
    n_kinks: int

    @property
    def is_correct(self) -> bool:
        """Whether there is at least one comparison and the derivatives agree."""
        return self.n_checked > 0 and self.relative_error < TOLERANCE


@dataclass(frozen=True)
class GradientReport:
    """Result of a gradient check, with one entry per parameter array.

    Parameters
    ----------
    checks : tuple of ParameterCheck
        Results in the order of ``network.params``.
    is_exhaustive : bool
        Whether every entry was checked separately, instead of random directions.

    Examples
    --------
    >>> import numpy as np, glassnet as gn
    >>> net = gn.mlp([6, 4, 3], activation="tanh", rng=0)
    >>> report = gn.check_gradients(net, np.full((2, 6), 0.5), [0, 2])
    >>> report.is_correct, report.is_exhaustive
    (True, True)
    >>> [(check.name, check.n_checked) for check in report.checks]
    [('W1', 24), ('b1', 4), ('W2', 12), ('b2', 3)]
    """

    checks: tuple[ParameterCheck, ...]
    is_exhaustive: bool

    @property
    def worst(self) -> float:
        """Largest relative error over all arrays."""
        return max(check.relative_error for check in self.checks)

    @property
    def is_correct(self) -> bool:
        """Whether every array passed."""
        return all(check.is_correct for check in self.checks)


def check_gradients(
    network: Network,
    X: ArrayLike,
    labels: ArrayLike,
    *,
    loss: str | Loss = "cross_entropy",
    eps: float = 1e-5,
    rng: np.random.Generator | int = 0,
) -> GradientReport:
    """Compare backpropagation with central differences in float64.

    Networks with up to 3,000 parameters are checked entry by entry. Larger ones are checked along
    random directions in each array, which involve all of its entries; the direction with the
    largest error is bisected to find the entry.

    Parameters
    ----------
    network : Network
        Network of any dtype; a float64 copy is checked.
    X : array-like, (n, n_in) or (n, height, width)
        A small batch of images, as in `Network.predict_proba`.
    labels : array-like, (n,) int or (n, n_classes)
        Correct classes, or a distribution for each image.
    loss : str or callable
        Name or function, as in `Network.loss_and_grads`.
    eps : float
        Distance by which a parameter is moved.
    rng : numpy.random.Generator or int
        Source of the random directions; an int is a seed.

    Returns
    -------
    GradientReport
        Its ``worst`` is the largest relative error; below 1e-6 the gradients are correct.

    Examples
    --------
    A layer with a wrong derivative (it should be ``2 * da``):

    >>> import numpy as np, glassnet as gn
    >>> class Double(gn.Layer):
    ...     def forward(self, x, params, buffers, *, training=False, rng=None):
    ...         return 2 * x, lambda da, grads, *, needs_dx=True: da
    >>> layers, X, labels = [gn.Dense(6, 4, "tanh"), gn.Dense(4, 3)], np.full((2, 6), 0.5), [0, 2]
    >>> gn.check_gradients(gn.Network.build(layers, rng=0), X, labels).worst < 1e-6
    True
    >>> layers.insert(1, Double())
    >>> report = gn.check_gradients(gn.Network.build(layers, rng=0), X, labels)
    >>> [check.name for check in report.checks if not check.is_correct]
    ['W1', 'b1']
    """
    rows = check_images(X, network.n_in)
    x = to_unit(rows, np.float64)
    y = check_labels(labels, len(x), network.n_classes)
    rng = np.random.default_rng(rng)
    # A copy, so that the running statistics of batch normalisation do not change.
    twin = network.astype(np.float64)
    loss_function = loss if callable(loss) else lookup("loss", LOSSES, loss)
    probe = Probe(network=twin, x=x, labels=y, loss=loss_function, eps=eps)
    grads = twin.empty_grads()
    noise = np.random.default_rng(probe.seed)
    twin.loss_and_grads(x, y, grads, loss=loss_function, rng=noise)

    is_exhaustive = sum(theta.size for theta in twin.params.values()) <= EXHAUSTIVE_LIMIT
    checks = tuple(
        _check_entries(probe, name, gradient)
        if is_exhaustive
        else _check_directions(probe, name, gradient, rng)
        for name, gradient in grads.items()
    )
    return GradientReport(checks, is_exhaustive)


def _check_entries(probe: Probe, name: str, gradient: Array) -> ParameterCheck:
    numeric = np.full(gradient.shape, np.nan)
    for index in np.ndindex(gradient.shape):
        direction = np.zeros_like(gradient)
        direction[index] = 1
        slope = probe.slope(name, direction)
        if slope is not None:
            numeric[index] = slope
    is_checked = ~np.isnan(numeric)
    difference = np.where(is_checked, np.abs(gradient - numeric), -1)
    worst = np.unravel_index(difference.argmax(), gradient.shape)
    return ParameterCheck(
        name=name,
        relative_error=_relative_error(gradient[is_checked], numeric[is_checked]),
        index=tuple(int(i) for i in worst),
        analytic=float(gradient[worst]),
        numeric=float(numeric[worst]),
        n_checked=int(is_checked.sum()),
        n_kinks=int((~is_checked).sum()),
    )


def _check_directions(
    probe: Probe, name: str, gradient: Array, rng: np.random.Generator
) -> ParameterCheck:
    compared: list[tuple[float, float, Array]] = []
    n_kinks = 0
    for direction in _directions(gradient.shape, rng):
        numeric = probe.slope(name, direction)
        if numeric is None:
            n_kinks += 1
        else:
            analytic = float((gradient * direction).sum())  # equation 31
            compared.append((analytic, numeric, direction))
    if not compared:
        nowhere = (0,) * gradient.ndim
        return ParameterCheck(
            name=name,
            relative_error=np.inf,
            index=nowhere,
            analytic=float(gradient[nowhere]),
            numeric=np.nan,
            n_checked=0,
            n_kinks=n_kinks,
        )
    analytics, numerics, directions = zip(*compared, strict=True)
    differences = np.abs(np.subtract(analytics, numerics))
    worst = find_worst(probe, name, gradient, directions[int(differences.argmax())])
    unit = np.zeros_like(gradient)
    unit[worst] = 1
    numeric_there = probe.slope(name, unit)
    return ParameterCheck(
        name=name,
        relative_error=_relative_error(np.array(analytics), np.array(numerics)),
        index=worst,
        analytic=float(gradient[worst]),
        numeric=np.nan if numeric_there is None else numeric_there,
        n_checked=len(compared),
        n_kinks=n_kinks,
    )


def _directions(shape: tuple[int, ...], rng: np.random.Generator) -> Iterator[Array]:
    for _ in range(N_DIRECTIONS):
        direction = rng.normal(size=shape)
        yield direction / np.linalg.norm(direction)


def _relative_error(analytic: Array, numeric: Array) -> float:
    """Compute the relative error (equation 30), or return 0 if both arrays are nearly 0."""
    if not analytic.size:
        return np.inf
    norms = float(np.linalg.norm(analytic)), float(np.linalg.norm(numeric))
    if max(norms, default=0.0) < MIN_NORM:
        return 0.0
    return float(np.linalg.norm(analytic - numeric)) / sum(norms)
