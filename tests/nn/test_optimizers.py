"""Optimisers compared with the papers' recurrences in plain Python, one weight at a time."""

import math
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from glassnet.errors import ConfigError
from glassnet.nn.optimizers import SGD, Adam, AdamW, Optimizer

GRADIENTS = [0.5, -1.25, 2.0, 0.0, 0.75]
RATES = [0.1, 0.1, 0.05, 0.05, 0.2]


def sgd_by_hand(w: float, mu: float, nesterov: bool, decay: float) -> float:
    v = 0.0
    for g, rate in zip(GRADIENTS, RATES, strict=True):
        g = g + decay * w
        v = mu * v + g
        w = w - rate * (g + mu * v if nesterov else v)
    return w


def adam_by_hand(w: float, b1: float, b2: float, eps: float, l2: float, decoupled: float) -> float:
    m = v = 0.0
    for t, (g, rate) in enumerate(zip(GRADIENTS, RATES, strict=True), start=1):
        w = w - rate * decoupled * w
        g = g + l2 * w
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        m_hat, v_hat = m / (1 - b1**t), v / (1 - b2**t)
        w = w - rate * m_hat / (math.sqrt(v_hat) + eps)
    return w


CASES: list[tuple[Optimizer, Callable[[float], float], Callable[[float], float]]] = [
    # optimiser, recurrence for a weight, recurrence for a bias (which does not decay)
    (SGD(), lambda w: sgd_by_hand(w, 0, False, 0), lambda b: sgd_by_hand(b, 0, False, 0)),
    (
        SGD(weight_decay=0.1),
        lambda w: sgd_by_hand(w, 0, False, 0.1),
        lambda b: sgd_by_hand(b, 0, False, 0),
    ),
    (
        SGD(momentum=0.9),
        lambda w: sgd_by_hand(w, 0.9, False, 0),
        lambda b: sgd_by_hand(b, 0.9, False, 0),
    ),
    (
        SGD(momentum=0.8, nesterov=True, weight_decay=0.1),
        lambda w: sgd_by_hand(w, 0.8, True, 0.1),
        lambda b: sgd_by_hand(b, 0.8, True, 0),
    ),
    (
        Adam(),
        lambda w: adam_by_hand(w, 0.9, 0.999, 1e-8, 0, 0),
        lambda b: adam_by_hand(b, 0.9, 0.999, 1e-8, 0, 0),
    ),
    (
        # With such a large eps, it matters whether eps is inside or outside the root.
        Adam(beta1=0.7, beta2=0.9, eps=0.5, weight_decay=0.1),
        lambda w: adam_by_hand(w, 0.7, 0.9, 0.5, 0.1, 0),
        lambda b: adam_by_hand(b, 0.7, 0.9, 0.5, 0, 0),
    ),
    (
        Adam(beta1=0, beta2=0, eps=0.5),
        lambda w: adam_by_hand(w, 0, 0, 0.5, 0, 0),
        lambda b: adam_by_hand(b, 0, 0, 0.5, 0, 0),
    ),
    (
        AdamW(weight_decay=0.1),
        lambda w: adam_by_hand(w, 0.9, 0.999, 1e-8, 0, 0.1),
        lambda b: adam_by_hand(b, 0.9, 0.999, 1e-8, 0, 0),
    ),
]
IDS = [repr(case[0]) for case in CASES]


@pytest.mark.parametrize(("optimizer", "weight", "bias"), CASES, ids=IDS)
def test_five_steps_match_the_recurrence(
    optimizer: Optimizer, weight: Callable[[float], float], bias: Callable[[float], float]
) -> None:
    params = {"W1": np.array([[1.5, -0.5]]), "b1": np.array([0.25])}
    state = optimizer.init(params)
    for g, rate in zip(GRADIENTS, RATES, strict=True):
        grads = {name: np.full_like(theta, g) for name, theta in params.items()}
        for gradient in grads.values():
            gradient.flags.writeable = False
        optimizer.update(params, grads, state, learning_rate=rate)
    np.testing.assert_allclose(params["W1"], [[weight(1.5), weight(-0.5)]], rtol=1e-12)
    np.testing.assert_allclose(params["b1"], [bias(0.25)], rtol=1e-12)
    assert state["step"] == 5


@pytest.mark.parametrize("optimizer", [case[0] for case in CASES], ids=IDS)
def test_update_is_in_place_and_allocates_no_parameter_sized_arrays(
    optimizer: Optimizer,
) -> None:
    params = {"W1": np.ones((400, 300), np.float32), "b1": np.ones(300, np.float32)}
    grads = {name: np.ones_like(theta) for name, theta in params.items()}
    held = dict(params)
    state = optimizer.init(params)
    optimizer.update(params, grads, state, learning_rate=0.1)
    tracemalloc.start()
    optimizer.update(params, grads, state, learning_rate=0.1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < params["W1"].nbytes / 10
    assert all(params[name] is held[name] for name in held)
    assert all(theta.dtype == np.float32 for theta in params.values())


@pytest.mark.parametrize("optimizer", [case[0] for case in CASES], ids=IDS)
def test_quadratic_function_is_minimised(optimizer: Optimizer) -> None:
    params = {"W1": np.array([[3.0, -2.0]])}
    state = optimizer.init(params)
    for _ in range(500):
        optimizer.update(params, {"W1": params["W1"].copy()}, state, learning_rate=0.03)
    assert np.abs(params["W1"]).max() < 0.05


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SGD(momentum=1), "momentum: needs a finite number, at least 0 and below 1"),
        (lambda: SGD(momentum=-0.1), "got -0.1"),
        (lambda: SGD(nesterov=True), "nesterov: needs momentum"),
        (lambda: SGD(weight_decay=math.nan), "weight_decay"),
        (lambda: Adam(beta2=1), "beta2"),
        (lambda: Adam(eps=-1), "eps"),
        (lambda: AdamW(weight_decay=math.inf), "weight_decay"),
        (lambda: AdamW(beta1=2), "beta1"),
    ],
)
def test_hyper_parameters_out_of_range_are_rejected(
    build: Callable[[], Optimizer], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        build()
