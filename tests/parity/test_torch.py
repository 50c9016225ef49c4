"""Networks compared with PyTorch in float64, with the same weights and batches."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from glassnet.nn.losses import one_hot
from glassnet.nn.mlp import mlp
from glassnet.nn.network import Network
from glassnet.nn.optimizers import SGD, Adam, AdamW, Optimizer
from glassnet.nn.schedules import warmup_cosine
from glassnet.nn.training import minibatches, train
from glassnet.types import Array

Groups = list[dict[str, Any]]

torch.set_num_threads(1)  # more threads are slower for such small matrices

SIZES = [12, 9, 8, 7, 4]
ACTIVATIONS = ["relu", "tanh", "sigmoid"]
N_SAMPLES, BATCH_SIZE, N_EPOCHS = 200, 48, 20  # 5 updates an epoch, the last of 8 images
N_STEPS = 100
MODULES: dict[str, type[torch.nn.Module]] = {
    "relu": torch.nn.ReLU,
    "tanh": torch.nn.Tanh,
    "sigmoid": torch.nn.Sigmoid,
}


def build(seed: int) -> Network:
    """Build a network without zeros, including its biases."""
    rng = np.random.default_rng(seed)
    net = mlp(SIZES, activation=ACTIVATIONS, initializer="glorot", dtype=np.float64, rng=rng)
    for name, theta in net.params.items():
        if name.startswith("b"):
            theta[...] = rng.normal(scale=0.3, size=theta.shape)
    return net


def examples(seed: int, n: int = N_SAMPLES) -> tuple[Array, Array]:
    rng = np.random.default_rng([seed, 1])
    return rng.random((n, SIZES[0])), rng.integers(SIZES[-1], size=n)


def to_torch(net: Network) -> torch.nn.Sequential:
    """Build the same network in PyTorch, with transposed weights."""
    twin = torch.nn.Sequential()
    for number, (n_in, n_out) in enumerate(pairwise(SIZES), start=1):
        linear = torch.nn.Linear(n_in, n_out, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(net.params[f"W{number}"].T))
            linear.bias.copy_(torch.from_numpy(net.params[f"b{number}"]))
        twin.append(linear)
        if number <= len(ACTIVATIONS):
            twin.append(MODULES[ACTIVATIONS[number - 1]]())
    return twin


def linears(twin: torch.nn.Sequential) -> list[torch.nn.Linear]:
    return [module for module in twin if isinstance(module, torch.nn.Linear)]


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(logits, labels)


def half_squared_distance(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    y = labels if labels.ndim == 2 else functional.one_hot(labels, SIZES[-1]).to(logits.dtype)
    p = functional.softmax(logits, dim=1)
    return functional.mse_loss(p, y, reduction="sum") / (2 * len(p))


LOSSES = {"cross_entropy": cross_entropy, "mean_squared_error": half_squared_distance}


def difference(ours: Array, theirs: torch.Tensor | None) -> float:
    assert theirs is not None
    assert np.isfinite(ours).all()
    return float(np.abs(ours - theirs.detach().numpy()).max())


@pytest.mark.parametrize("labels_are", ["integers", "one-hot rows", "distributions"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("seed", range(5))
def test_logits_loss_and_gradients_match_torch(seed: int, loss: str, labels_are: str) -> None:
    net, (x, labels) = build(seed), examples(seed, n=33)
    twin = to_torch(net)
    if labels_are == "one-hot rows":
        labels = one_hot(labels, SIZES[-1], np.float64)
    elif labels_are == "distributions":
        labels = np.random.default_rng(seed).dirichlet(np.ones(SIZES[-1]), size=len(x))

    grads = net.empty_grads()
    value = net.loss_and_grads(x, labels, grads, loss=loss)
    logits = twin(torch.from_numpy(x))
    torch_value = LOSSES[loss](logits, torch.from_numpy(labels))
    torch_value.backward()  # type: ignore[no-untyped-call]

    differences = {"logits": difference(net.forward(x)[0], logits)}
    differences["loss"] = abs(value - torch_value.item())
    for number, linear in enumerate(linears(twin), start=1):
        assert linear.weight.grad is not None
        differences[f"W{number}"] = difference(grads[f"W{number}"], linear.weight.grad.T)
        differences[f"b{number}"] = difference(grads[f"b{number}"], linear.bias.grad)
        assert np.abs(grads[f"W{number}"]).max() > 1e-6, "nothing was compared"
    assert max(differences.values()) < 1e-12, differences


@dataclass(frozen=True)
class Case:
    """An optimiser and PyTorch's equivalent, which takes groups of parameters with options."""

    ours: Optimizer
    theirs: Callable[[Groups], torch.optim.Optimizer]
    weight_decay: float = 0.0


CASES = {
    "SGD": Case(SGD(), lambda groups: torch.optim.SGD(groups, lr=1.0)),
    "SGD, decay": Case(
        SGD(weight_decay=0.02), lambda groups: torch.optim.SGD(groups, lr=1.0), 0.02
    ),
    "momentum": Case(
        SGD(momentum=0.9), lambda groups: torch.optim.SGD(groups, lr=1.0, momentum=0.9)
    ),
    "momentum, decay": Case(
        SGD(momentum=0.9, weight_decay=0.02),
        lambda groups: torch.optim.SGD(groups, lr=1.0, momentum=0.9),
        0.02,
    ),
    "Nesterov": Case(
        SGD(momentum=0.9, nesterov=True),
        lambda groups: torch.optim.SGD(groups, lr=1.0, momentum=0.9, nesterov=True),
    ),
    "Nesterov, decay": Case(
        SGD(momentum=0.9, nesterov=True, weight_decay=0.02),
        lambda groups: torch.optim.SGD(groups, lr=1.0, momentum=0.9, nesterov=True),
        0.02,
    ),
    "Adam": Case(Adam(), torch.optim.Adam),
    "Adam, L2": Case(Adam(weight_decay=0.02), torch.optim.Adam, 0.02),
    "Adam, other constants": Case(
        Adam(beta1=0.7, beta2=0.9, eps=1e-3),
        lambda groups: torch.optim.Adam(groups, betas=(0.7, 0.9), eps=1e-3),
    ),
    "AdamW": Case(AdamW(weight_decay=0.1), torch.optim.AdamW, 0.1),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", CASES)
def test_hundred_steps_with_minibatches_and_a_schedule_match_torch(name: str, loss: str) -> None:
    case = CASES[name]
    net, (X, y) = build(seed=7), examples(seed=7)
    start = {key: theta.copy() for key, theta in net.params.items()}
    twin = to_torch(net)
    highest = 0.02 if "Adam" in name else 0.1
    schedule = warmup_cosine(highest, n_steps=N_STEPS, n_warmup=10)

    records = list(
        train(
            net,
            (X, y),
            loss=loss,
            optimizer=case.ours,
            learning_rate=schedule,
            epochs=N_EPOCHS,
            batch_size=BATCH_SIZE,
            rng=3,
        )
    )
    assert records[-1].step == N_STEPS

    # Weight decay acts on matrices only, for which PyTorch needs two groups.
    groups: Groups = [
        {"params": [linear.weight for linear in linears(twin)], "weight_decay": case.weight_decay},
        {"params": [linear.bias for linear in linears(twin)], "weight_decay": 0.0},
    ]
    optimizer = case.theirs(groups)
    rng, step = np.random.default_rng(3), 0
    for _ in range(N_EPOCHS):
        for rows in minibatches(N_SAMPLES, BATCH_SIZE, rng):
            for group in optimizer.param_groups:
                group["lr"] = schedule(step)
            optimizer.zero_grad()
            value = LOSSES[loss](twin(torch.from_numpy(X[rows])), torch.from_numpy(y[rows]))
            value.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            step += 1

    differences = {}
    for number, linear in enumerate(linears(twin), start=1):
        differences[f"W{number}"] = difference(net.params[f"W{number}"], linear.weight.T)
        differences[f"b{number}"] = difference(net.params[f"b{number}"], linear.bias)
    assert max(differences.values()) < 1e-10, differences
    for key, theta in net.params.items():
        assert np.abs(theta - start[key]).max() > 1e-3, f"{key}: has not moved"
