"""Terms: what each number of a step was made of. Every finder is given layer, time and place."""

from collections.abc import Callable, Iterable

import numpy as np

from glassnet.nn.tracing.explanation import Index, Input, Step, Value, split_name


def find_inputs(step: Step, name: str, index: Index) -> tuple[list[Input], bool]:
    """Find what a number was made of.

    Parameters
    ----------
    step : Step
        The step.
    name : str
        Of the quantity.
    index : tuple of int
        The number's place.

    Returns
    -------
    terms : list of Input
        In order of their places.
    is_sum : bool
        Whether they add up to the number.
    """
    letter, number, after = split_name(name)
    if after and letter in ("W", "b"):
        return _updated(step, letter, number, index), True
    if name == f"dz{step.n_layers}":
        return _dlogits(step, *index), True
    if letter not in _FINDERS:  # given: nothing made it
        return [], False
    return _FINDERS[letter](step, number, after, *index), letter != "p"


def _z(step: Step, number: int, after: str, i: int, j: int) -> list[Input]:
    W, below = f"W{number}{after}", step.below(number, after)
    pairs = ((step.entry(below, i, k), step.entry(W, k, j)) for k in range(len(step.arrays[W])))
    bias = step.entry(f"b{number}{after}", j)
    return [*_products(pairs), Input(bias.value, (bias,), "the bias")]


def _products(pairs: Iterable[tuple[Value, Value]]) -> list[Input]:
    return [Input(one.value * other.value, (one, other)) for one, other in pairs]


def _a(step: Step, number: int, after: str, i: int, j: int) -> list[Input]:
    z = step.entry(f"z{number}{after}", i, j)
    return [Input(step.entry(f"a{number}{after}", i, j).value, (z,), "phi(z)")]


def _p(step: Step, number: int, after: str, i: int, k: int) -> list[Input]:
    name = f"z{step.n_layers}{after}"
    powers = np.exp(step.arrays[name][i] - step.arrays[name][i].max())
    return [
        Input(float(power), (step.entry(name, i, j),), "exp(z - max z)")
        for j, power in enumerate(powers)
    ]


def _loss(step: Step, number: int, after: str) -> list[Input]:
    y, terms = step.arrays["y"], []
    logits = step.arrays[f"z{step.n_layers}{after}"]
    for i, k in np.ndindex(y.shape):
        share, sure = step.entry("y", i, k), step.entry(f"p{after}", i, k)
        if step.is_squared:
            distance = (sure.value - share.value) ** 2
            terms.append(Input(distance / (2 * len(y)), (sure, share), "(p - y)^2 / 2n"))
        elif share.value:
            # Not by the logarithm of p, which may have been rounded to 0: by log-sum-exp.
            shifted = logits[i] - logits[i].max()
            surprise = float(np.log(np.exp(shifted).sum()) - shifted[k])
            terms.append(Input(share.value * surprise / len(y), (sure, share), "-y log p / n"))
    return terms


def _dlogits(step: Step, i: int, k: int) -> list[Input]:
    n = len(step.arrays["y"])
    p, y = step.entry("p", i, k), step.entry("y", i, k)
    if not step.is_squared:
        return [Input(p.value / n, (p,), "p / n"), Input(-y.value / n, (y,), "-y / n")]
    terms = [Input(p.value * (p.value - y.value) / n, (p, y), "p (p - y) / n")]
    for j in range(step.arrays["p"].shape[1]):
        other, truth = step.entry("p", i, j), step.entry("y", i, j)
        along = other.value * (other.value - truth.value) / n
        terms.append(Input(-p.value * along, (p, other, truth), "-p times a class's p (p - y) / n"))
    return terms


def _dW(step: Step, number: int, after: str, k: int, j: int) -> list[Input]:
    below, dz = step.below(number), f"dz{number}"
    return _products((step.entry(below, i, k), step.entry(dz, i, j)) for i in step.samples)


def _db(step: Step, number: int, after: str, j: int) -> list[Input]:
    entries = (step.entry(f"dz{number}", i, j) for i in step.samples)
    return [Input(dz.value, (dz,)) for dz in entries]


def _da(step: Step, number: int, after: str, i: int, k: int) -> list[Input]:
    dz, W = f"dz{number + 1}", f"W{number + 1}"
    n_units = step.arrays[W].shape[1]
    return _products((step.entry(dz, i, j), step.entry(W, k, j)) for j in range(n_units))


def _slope(step: Step, number: int, after: str, i: int, j: int) -> list[Input]:
    z = step.entry(f"z{number}", i, j)
    return [Input(step.entry(f"slope{number}", i, j).value, (z,), "phi'(z)")]


def _dz(step: Step, number: int, after: str, i: int, j: int) -> list[Input]:
    return _products([(step.entry(f"da{number}", i, j), step.entry(f"slope{number}", i, j))])


def _updated(step: Step, letter: str, number: int, index: Index) -> list[Input]:
    theta = step.entry(f"{letter}{number}", *index)
    gradient = step.entry(f"d{letter}{number}", *index)
    change = Input(-step.learning_rate * gradient.value, (gradient,), "-eta times the gradient")
    return [Input(theta.value, (theta,), "as it was"), change]


_FINDERS: dict[str, Callable[..., list[Input]]] = {
    "z": _z,
    "a": _a,
    "p": _p,
    "loss": _loss,
    "dW": _dW,
    "db": _db,
    "da": _da,
    "slope": _slope,
    "dz": _dz,
}
