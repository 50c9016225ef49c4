"""Batch norm, GELU, label smoothing, dropout and one-cycle compared with PyTorch in float64."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from glassnet.nn.activations import gelu
from glassnet.nn.layers.batch_norm import BatchNorm
from glassnet.nn.layers.dropout import Dropout
from glassnet.nn.losses import cross_entropy, smooth
from glassnet.nn.mlp import mlp
from glassnet.nn.network import Network
from glassnet.nn.optimizers import AdamW
from glassnet.nn.schedules import one_cycle
from glassnet.nn.training import minibatches, train
from glassnet.types import Array

torch.set_num_threads(1)  # more threads are slower for such small matrices

MODULES = {"identity": torch.nn.Identity, "relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}


def tensor(array: Array) -> torch.Tensor:
    return torch.from_numpy(array.copy())


def close(ours: Array, theirs: torch.Tensor | None, limit: float = 1e-12) -> None:
    assert theirs is not None
    assert np.isfinite(ours).all()
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=0, atol=limit)


def twin_of(gamma: Array, beta: Array) -> torch.nn.BatchNorm1d:
    twin = torch.nn.BatchNorm1d(len(gamma), dtype=torch.float64)
    with torch.no_grad():
        twin.weight.copy_(tensor(gamma))
        twin.bias.copy_(tensor(beta))
    return twin


@pytest.mark.parametrize("activation", MODULES)
@pytest.mark.parametrize("n", [2, 3, 50])
def test_batch_norm_matches_torch_in_training_and_inference(n: int, activation: str) -> None:
    rng = np.random.default_rng(n)
    layer = BatchNorm(6, activation)
    params, buffers = layer.parameters(np.float64, rng), layer.buffers(np.float64)
    for theta in params.values():
        theta += rng.normal(size=6)
    twin = torch.nn.Sequential(
        twin_of(params["gamma"], params["beta"]), MODULES[activation]()
    ).train()
    norm = twin[0]
    grads = {name: np.empty(6) for name in params}
    for _ in range(4):  # batches of different mean and variance
        x = rng.normal(size=(n, 6)) * rng.uniform(0.5, 3, 6) + rng.normal(size=6)
        da, theirs = rng.normal(size=(n, 6)), tensor(x).requires_grad_()
        twin.zero_grad()
        a, backward = layer.forward(x, params, buffers, training=True, rng=None)
        a_theirs = twin(theirs)
        a_theirs.backward(tensor(da))
        close(a, a_theirs)
        close(backward(da, grads), theirs.grad, 1e-11)
        close(grads["gamma"], norm.weight.grad)
        close(grads["beta"], norm.bias.grad)
        close(buffers["mean"], norm.running_mean)
        close(buffers["variance"], norm.running_var)
    twin.eval()
    x, da = rng.normal(size=(n, 6)), rng.normal(size=(n, 6))
    theirs = tensor(x).requires_grad_()
    a, backward = layer.forward(x, params, buffers, training=False, rng=None)
    a_theirs = twin(theirs)
    a_theirs.backward(tensor(da))
    close(a, a_theirs)
    close(backward(da, grads), theirs.grad)


def test_gelu_and_its_derivative_match_torch() -> None:
    z = np.linspace(-9, 9, 4001)
    theirs = tensor(z).requires_grad_()
    a, backward = gelu(z.copy())
    a_theirs = torch.nn.GELU(approximate="tanh")(theirs)
    a_theirs.sum().backward()
    close(a, a_theirs)
    close(backward(np.ones_like(z)), theirs.grad)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
def test_label_smoothing_matches_torch(smoothing: float) -> None:
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(20, 7)) * 3, rng.integers(7, size=20)
    theirs = tensor(logits).requires_grad_()
    value = torch.nn.CrossEntropyLoss(label_smoothing=smoothing)(theirs, tensor(labels))
    value.backward()
    loss, dlogits = cross_entropy(logits, smooth(labels, 7, smoothing, np.float64))
    assert loss == pytest.approx(value.item(), rel=1e-13)
    close(dlogits, theirs.grad)


# Not pct_start=0.5 with 2 steps, where the peak is at step 0 and PyTorch divides by zero.
@pytest.mark.parametrize("pct_start", [0.1, 0.3, 0.6])
@pytest.mark.parametrize("n_steps", [2, 3, 4, 7, 30, 101])
def test_one_cycle_matches_torch(n_steps: int, pct_start: float) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=0.4,
        total_steps=n_steps,
        pct_start=pct_start,
        anneal_strategy="linear",
        cycle_momentum=False,
    )
    rates = []
    for step in range(n_steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < n_steps - 1:
            theirs.step()
    schedule = one_cycle(0.4, n_steps=n_steps, pct_start=pct_start)
    assert [schedule(step) for step in range(n_steps)] == pytest.approx(rates, rel=1e-12)


@pytest.mark.parametrize("rate", [0.25, 0.5])  # multiples of 1 / 65,536
def test_dropout_with_the_same_mask_matches_torch(
    rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    x, da = rng.normal(size=(30, 40)), rng.normal(size=(30, 40))
    theirs = tensor(x).requires_grad_()
    torch.manual_seed(0)
    a_theirs = functional.dropout(theirs, rate, training=True)
    a_theirs.backward(tensor(da))
    is_kept = a_theirs.detach().numpy() != 0

    class FixedMask:
        def integers(self, low: int, high: int, shape: tuple[int, ...], dtype: type) -> Array:
            return np.where(is_kept, high - 1, low).astype(dtype)

    rng_stub: Any = FixedMask()
    a, backward = Dropout(rate).forward(x, {}, {}, training=True, rng=rng_stub)
    close(a, a_theirs)
    close(backward(da, {}), theirs.grad)


SIZES = [12, 9, 8, 4]
N_SAMPLES, BATCH_SIZE, N_EPOCHS = 200, 48, 20  # 5 updates an epoch, the last of 8 images
N_STEPS = 100


def to_torch(net: Network) -> torch.nn.Sequential:
    """Build the same network in PyTorch, with transposed weights."""
    twin = torch.nn.Sequential()
    for number, dense in enumerate(net.dense, start=1):
        linear = torch.nn.Linear(dense.n_in, dense.n_out, bias=dense.has_bias, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(tensor(net.params[f"W{number}"].T))
            if dense.has_bias:
                linear.bias.copy_(tensor(net.params[f"b{number}"]))
        twin.append(linear)
        if f"gamma{number}" in net.params:
            twin.append(twin_of(net.params[f"gamma{number}"], net.params[f"beta{number}"]))
            twin.append(torch.nn.GELU(approximate="tanh"))
    return twin


def test_hundred_steps_with_batch_norm_smoothing_and_one_cycle_match_torch() -> None:
    rng = np.random.default_rng(7)
    X, y = rng.random((N_SAMPLES, SIZES[0])), rng.integers(SIZES[-1], size=N_SAMPLES)
    net = mlp(SIZES, activation="gelu", batch_norm=True, dtype=np.float64, rng=1)
    start = {name: array.copy() for name, array in (net.params | net.buffers).items()}
    twin = to_torch(net).train()
    schedule = one_cycle(0.02, n_steps=N_STEPS)
    records = list(
        train(
            net,
            (X, y),
            validation=(X, y),
            optimizer=AdamW(weight_decay=0.1),
            learning_rate=schedule,
            epochs=N_EPOCHS,
            batch_size=BATCH_SIZE,
            label_smoothing=0.1,
            rng=3,
        )
    )
    assert records[-1].step == N_STEPS

    matrices = [p for p in twin.parameters() if p.ndim > 1]
    vectors = [p for p in twin.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    )
    rng, step = np.random.default_rng(3), 0
    for _ in range(N_EPOCHS):
        for rows in minibatches(N_SAMPLES, BATCH_SIZE, rng):
            for group in optimizer.param_groups:
                group["lr"] = schedule(step)
            optimizer.zero_grad()
            logits = twin(torch.from_numpy(X[rows]))
            value = functional.cross_entropy(logits, torch.from_numpy(y[rows]), label_smoothing=0.1)
            value.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            step += 1

    twin.eval()
    number = 0
    for module in twin:
        if isinstance(module, torch.nn.Linear):
            number += 1
            close(net.params[f"W{number}"], module.weight.T, 1e-9)
        elif isinstance(module, torch.nn.BatchNorm1d):
            close(net.params[f"gamma{number}"], module.weight, 1e-9)
            close(net.params[f"beta{number}"], module.bias, 1e-9)
            close(net.buffers[f"mean{number}"], module.running_mean, 1e-9)
            close(net.buffers[f"variance{number}"], module.running_var, 1e-9)
    assert number == len(SIZES) - 1
    close(net.forward(X)[0], twin(torch.from_numpy(X)), 1e-9)
    value = functional.cross_entropy(twin(torch.from_numpy(X)), torch.from_numpy(y))
    assert records[-1].validation_loss == pytest.approx(value.item(), rel=1e-9)
    for name, array in (net.params | net.buffers).items():
        assert np.abs(array - start[name]).max() > 1e-3, f"{name}: has not moved"
