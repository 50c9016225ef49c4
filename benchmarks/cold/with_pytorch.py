"""Train, evaluate and save a model with PyTorch: with_pytorch.py FOLDER SEED OUT.

Network and recipe are those of glassnet's `fast`.
"""

import json
import sys
import time
from itertools import pairwise

import torch
from torch import nn

from benchmarks.cold.mnist import read_mnist
from glassnet.nn.schedules import make_schedule
from glassnet.recipes import FAST


def main() -> None:
    """Read MNIST, train, evaluate and save."""
    folder, seed, out = sys.argv[1:]
    torch.manual_seed(int(seed))
    X, y, X_test, y_test = map(torch.tensor, read_mnist(folder))
    y, y_test = y.long(), y_test.long()
    started = time.perf_counter()
    sizes = [784, *FAST.hidden]
    modules: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        modules += [nn.Linear(n_in, n_out), nn.ReLU()]
    model = nn.Sequential(*modules, nn.Linear(sizes[-1], 10))
    for module in model:
        if isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)
    optimizer = torch.optim.Adam(model.parameters(), lr=FAST.learning_rate, fused=True)
    n, size = len(X), int(FAST.batch_size)
    rate = make_schedule(FAST.schedule, 1.0, FAST.epochs * FAST.steps_per_epoch(n))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    cross_entropy = nn.CrossEntropyLoss()
    for _ in range(FAST.epochs):
        for rows in torch.randperm(n).split(size):
            optimizer.zero_grad()
            cross_entropy(model(X[rows].float() / 255), y[rows]).backward()
            optimizer.step()
            schedule.step()
    seconds = time.perf_counter() - started
    with torch.no_grad():
        accuracy = (model(X_test.float() / 255).argmax(1) == y_test).float().mean().item()
    torch.save(model.state_dict(), out)
    sys.stdout.write(json.dumps({"accuracy": accuracy, "training": seconds}))


if __name__ == "__main__":
    main()
