"""PyTorch backends, eager and compiled, with fused optimisers."""

from itertools import pairwise
from typing import Any

import torch
from torch import nn

from benchmarks.backends.task import EPS, Deck, Task


class PyTorch:
    """Backend in eager mode, in the usual style."""

    is_compiled = False

    def __init__(self, task: Task) -> None:
        modules: list[nn.Module] = []
        for n_in, n_out in pairwise(task.sizes):
            modules += [nn.Linear(n_in, n_out), nn.ReLU()]
        model = nn.Sequential(*modules[:-1])
        linears = [module for module in model if isinstance(module, nn.Linear)]
        params = task.parameters()
        with torch.no_grad():
            for number, linear in enumerate(linears, start=1):
                linear.weight.copy_(torch.from_numpy(params[f"W{number}"]).T)
                linear.bias.copy_(torch.from_numpy(params[f"b{number}"]))
        parameters, rate = model.parameters(), task.learning_rate
        optimizer: Any = (
            torch.optim.SGD(parameters, lr=rate, fused=True)
            if task.optimizer == "sgd"
            else torch.optim.Adam(parameters, lr=rate, eps=EPS, fused=True)
        )
        # To gather bytes and then scale them is faster than to gather floats, as in glassnet.
        images, labels = torch.from_numpy(task.images), torch.from_numpy(task.labels)
        cross_entropy = nn.CrossEntropyLoss()

        def loss_of(x: Any, y: Any) -> Any:
            return cross_entropy(model(x), y)

        if self.is_compiled:
            loss_of = torch.compile(loss_of)

        def step(rows: Any) -> Any:
            x, y = images[rows].float().mul_(1 / 255), labels[rows]
            optimizer.zero_grad()
            loss = loss_of(x, y)
            loss.backward()
            optimizer.step()
            return loss.detach()

        self.step, self.deck = step, Deck(task)

    def train(self, n_steps: int) -> list[float]:
        """Make `n_steps` steps; return their losses."""
        losses = [self.step(rows) for rows in torch.from_numpy(self.deck.deal(n_steps))]
        return [loss.item() for loss in losses]


class PyTorchCompiled(PyTorch):
    """Backend with forward pass, loss and backward pass through torch.compile."""

    is_compiled = True
