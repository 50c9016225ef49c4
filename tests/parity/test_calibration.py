"""Temperature compared with SciPy's minimum of PyTorch's loss of logits / T."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from torch.nn import functional

from glassnet.evaluation.calibration import fit_temperature


@pytest.mark.parametrize("spread", [0.3, 1.0, 5.0])
@pytest.mark.parametrize("seed", range(3))
def test_temperature_matches_scipy(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    logits = torch.from_numpy(spread * rng.standard_normal((400, 7)))
    labels = logits.argmax(dim=1)
    wrong = torch.from_numpy(rng.random(400) < 0.4)
    labels[wrong] = torch.from_numpy(rng.integers(0, 7, int(wrong.sum())))

    def loss(log_t: float) -> float:
        return float(functional.cross_entropy(logits / np.exp(log_t), labels))

    theirs = minimize_scalar(loss, bounds=(-2.99, 2.99), method="bounded", options={"xatol": 1e-9})
    ours = fit_temperature(functional.softmax(logits, dim=1).numpy(), labels.numpy())
    assert ours == pytest.approx(np.exp(theirs.x), rel=1e-6)
