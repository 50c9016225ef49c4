"""Checkpoints of runs with noise, buffers, augmentation and averaged weights."""

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.errors import ModelFileError
from glassnet.nn.mlp import mlp
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.optimizers import Adam, MaxNorm
from glassnet.nn.training import Training, train
from glassnet.runs.checkpoint import read_checkpoint, write_checkpoint
from glassnet.types import Array

STEPS = 12  # 45 images in batches of 12, three epochs


def jitter(x: Array, rng: np.random.Generator, _strength: float) -> Array:
    jittered: Array = x * rng.uniform(0.5, 1, x.shape).astype(x.dtype)
    return jittered


SETUPS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "dropout": ({"dropout": 0.3, "input_dropout": 0.2}, {}),
    "noise": ({"noise": 0.3}, {}),
    "batch norm": ({"batch_norm": True}, {}),
    "augment": ({}, {"augment": jitter}),
    "ema_decay": ({}, {"ema_decay": 0.9}),
    "all": (
        {"batch_norm": True, "dropout": 0.3, "input_dropout": 0.2, "noise": 0.3},
        {
            "augment": jitter,
            "ema_decay": 0.9,
            "label_smoothing": 0.1,
            "optimizer": MaxNorm(Adam(), 1.0),
        },
    ),
}


def start(setup: str) -> Training:
    layers, options = SETUPS[setup]
    rng = np.random.default_rng(4)
    X, y = rng.random((45, 6)), rng.integers(3, size=45)
    net = mlp([6, 5, 4, 3], rng=0, **layers)
    return train(
        net,
        (X, y),
        validation=(X, y),
        learning_rate=0.05,
        batch_size=12,
        epochs=3,
        rng=7,
        **options,
    )


def content(training: Training) -> dict[str, bytes]:
    networks = {"network": training.network, "trained": training.trained}
    return {
        f"{which}, {name}": array.tobytes()
        for which, net in networks.items()
        for name, array in (net.params | net.buffers).items()
    }


def losses(records: list[EpochRecord]) -> list[tuple[float, float | None]]:
    return [(record.train_loss, record.validation_loss) for record in records]


@pytest.mark.parametrize("n_steps", [0, 1, 3, 4, 7, STEPS - 1, STEPS])
@pytest.mark.parametrize("setup", SETUPS)
def test_resuming_from_any_step_gives_the_same_bits(
    setup: str, n_steps: int, tmp_path: Path
) -> None:
    uninterrupted = start(setup)
    expected = list(uninterrupted)
    stopped = start(setup)
    records = [record for record in islice(stopped.steps(), n_steps) if record is not None]
    write_checkpoint(tmp_path / "c", stopped)

    again = start(setup)
    read_checkpoint(tmp_path / "c", again)
    assert again.records == records
    assert content(again) == content(stopped)
    list(again)
    records = again.records
    assert content(again) == content(uninterrupted)
    assert losses(records) == losses(expected)


@pytest.mark.parametrize(
    ("setup", "other", "message"),
    [
        ("ema_decay", "dropout", r"average/params/\w+ needs nothing, got float32"),
        ("dropout", "ema_decay", r"average/params/\w+ needs float32 .*, got nothing"),
        ("batch norm", "dropout", r"\w+/\w+ needs nothing, got float32|/b. needs float32"),
    ],
)
def test_a_checkpoint_of_another_setup_is_rejected(
    setup: str, other: str, message: str, tmp_path: Path
) -> None:
    write_checkpoint(tmp_path / "c", start(setup))
    training = start(other)
    before = content(training)
    with pytest.raises(ModelFileError, match=message):
        read_checkpoint(tmp_path / "c", training)
    assert content(training) == before


@pytest.mark.parametrize("name", ["noise", "distortion"])
def test_a_changed_random_state_is_detected(name: str, tmp_path: Path) -> None:
    training = start("all")
    write_checkpoint(tmp_path / "c", training)
    content = (tmp_path / "c").read_bytes()
    state = str(getattr(training, name).bit_generator.state["state"]["state"]).encode()
    assert content.count(state) == 1
    (tmp_path / "c").write_bytes(content.replace(state, state[::-1]))
    with pytest.raises(ModelFileError, match="is damaged"):
        read_checkpoint(tmp_path / "c", start("all"))
