"""Gradient check: backpropagation compared with central differences.

A derivative is approximated by a quotient: move a parameter by eps both ways, run forward, compare
the losses. That needs no calculus, so it is an independent test of the layers' backward functions.
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

EXHAUSTIVE_LIMIT = 3_000  # parameters; above it, random directions
N_DIRECTIONS = 8  # for each array of a large network
TOLERANCE = 1e-6  # of the relative error, equation 30
MIN_NORM = 1e-9  # two arrays with smaller norms count as equal


@dataclass(frozen=True, kw_only=True)
class ParameterCheck:
    """Result of the check for one parameter array.

    Parameters
    ----------
    name : str
        ``"W1"``.
    relative_error : float
        ||analytic - numeric|| / (||analytic|| + ||numeric||) over all comparisons; infinite if
        there are none.
    index : tuple of int
        The entry where the two differ most.
    analytic, numeric : float
        The derivative there, by backpropagation and by finite differences.
    n_checked : int
        Entries compared, or random directions through the whole array.
    n_kinks : int
        Comparisons left out because a ReLU switched between the two points, which makes the
        finite difference meaningless.
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
        """Return whether the two agree, in at least one comparison."""
        return self.n_checked > 0 and self.relative_error < TOLERANCE


@dataclass(frozen=True)
class GradientReport:
    """A gradient check: one row for each parameter array.

    Parameters
    ----------
    checks : tuple of ParameterCheck
        In the order of ``network.params``.
    is_exhaustive : bool
        Whether every entry was moved separately, not along random directions.
    """

    checks: tuple[ParameterCheck, ...]
    is_exhaustive: bool

    @property
    def worst(self) -> float:
        """Return the largest relative error of all arrays."""
        return max(check.relative_error for check in self.checks)

    @property
    def is_correct(self) -> bool:
        """Return whether every array passed."""
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
    """Compare backpropagation with central differences, in float64.

    Networks of up to 3,000 parameters are checked entry by entry. In larger ones each array is
    moved along random directions, in which all entries take part, and the worst direction is
    bisected to find the worst entry.

    Parameters
    ----------
    network : Network
        Of any dtype; a float64 copy is checked.
    X : array-like, (n, n_in) or (n, height, width)
        A small batch of images, as for `Network.predict_proba`.
    labels : array-like, (n,) int or (n, n_classes)
        Their labels.
    loss : str or callable
        See `Network.loss_and_grads`.
    eps : float
        Size of the move.
    rng : numpy.random.Generator or int
        Source of the directions; an int is a seed.

    Returns
    -------
    GradientReport
        Its ``worst`` is the largest relative error; below 1e-6 the gradients are correct.

    Examples
    --------
    >>> from glassnet.nn.mlp import mlp
    >>> net = mlp([6, 4, 3], activation="tanh", rng=0)
    >>> check_gradients(net, np.full((2, 6), 0.5), [0, 2]).worst < 1e-6
    True
    """
    rows = check_images(X, network.n_in)
    x = to_unit(rows, np.float64)
    y = check_labels(labels, len(x), network.n_classes)
    rng = np.random.default_rng(rng)
    # A copy, so that the running statistics of batch normalisation stay as they are.
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
    """Return equation 30; 0 for two arrays that are nearly 0."""
    if not analytic.size:
        return np.inf
    norms = float(np.linalg.norm(analytic)), float(np.linalg.norm(numeric))
    if max(norms, default=0.0) < MIN_NORM:
        return 0.0
    return float(np.linalg.norm(analytic - numeric)) / sum(norms)
