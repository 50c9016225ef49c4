"""Training: learning, records, reproducibility, and non-finite values."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.dataset import Split
from glassnet.errors import ConfigError, DataError, NotFiniteError, ShapeError
from glassnet.nn.losses import cross_entropy, one_hot
from glassnet.nn.mlp import mlp
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.network import Network
from glassnet.nn.optimizers import SGD, Adam
from glassnet.nn.training import minibatches, train
from glassnet.types import Array


def blobs(n: int = 240, seed: int = 0) -> tuple[Array, Array]:
    """Draw three clusters in the unit cube, separable by a small network and sorted by class."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) * 3 // n
    centres = np.array([[0.2, 0.2, 0.8], [0.8, 0.2, 0.2], [0.2, 0.8, 0.2]])
    return (centres[labels] + rng.normal(scale=0.08, size=(n, 3))).clip(0, 1), labels


def run(net: Network, examples: Any, **options: Any) -> list[EpochRecord]:
    settings: dict[str, Any] = {"epochs": 3, "batch_size": 16, "rng": 0} | options
    return list(train(net, examples, **settings))


@given(n=st.integers(1, 60), batch_size=st.integers(1, 70), seed=st.integers(0, 1000))
def test_minibatches_contain_every_row_once(n: int, batch_size: int, seed: int) -> None:
    batches = list(minibatches(n, batch_size, np.random.default_rng(seed)))
    assert sorted(np.concatenate(batches).tolist()) == list(range(n))
    assert [len(batch) for batch in batches[:-1]] == [batch_size] * (len(batches) - 1)
    assert 1 <= len(batches[-1]) <= batch_size


def test_minibatches_are_reshuffled_between_epochs() -> None:
    rng = np.random.default_rng(0)
    first, second = (list(minibatches(64, 16, rng)) for _ in range(2))
    assert not np.array_equal(np.concatenate(first), np.concatenate(second))
    batch_sets = [{frozenset(batch.tolist()) for batch in epoch} for epoch in (first, second)]
    assert not batch_sets[0] & batch_sets[1]


def test_each_epoch_uses_every_row_once_in_a_new_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    X = np.arange(12).reshape(12, 1) / 12
    seen: list[list[int]] = []
    forward = Network.forward

    def spy(self: Network, x: Array, **how: Any) -> Any:
        if how:  # a training step, not an evaluation
            seen.append(np.rint(x[:, 0] * 12).astype(int).tolist())
        return forward(self, x, **how)

    monkeypatch.setattr(Network, "forward", spy)
    run(mlp([1, 2], dtype=np.float64, rng=0), (X, np.arange(12) % 2), epochs=2, batch_size=5)
    epochs = [[row for batch in half for row in batch] for half in (seen[:3], seen[3:])]
    assert [len(batch) for batch in seen] == [5, 5, 2, 5, 5, 2]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(12))
    assert epochs[0] != epochs[1]


def test_separable_clusters_are_learnt() -> None:
    net = mlp([3, 16, 3], rng=0)
    records = run(net, blobs(), validation=blobs(seed=1), learning_rate=0.3, epochs=12)
    assert records[0].train_loss > records[-1].train_loss
    assert records[-1].validation_accuracy is not None
    assert records[-1].validation_accuracy > 0.97


def test_initial_loss_is_close_to_log_n_classes() -> None:
    rng = np.random.default_rng(0)
    net = mlp([784, 128, 10], initializer="small", rng=0)
    loss, _ = cross_entropy(net.forward(rng.random((64, 784)))[0], rng.integers(10, size=64))
    assert loss == pytest.approx(math.log(10), rel=0.02)


def test_network_can_overfit_a_single_batch() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.random((16, 20)), rng.integers(4, size=16)
    records = run(mlp([20, 64, 4], rng=0), (X, y), optimizer=Adam(), learning_rate=0.01, epochs=300)
    assert records[-1].train_loss < 1e-3
    assert records[-1].train_accuracy == 1


def test_shuffled_labels_give_chance_accuracy_on_new_images() -> None:
    rng = np.random.default_rng(0)
    (X, y), (X_new, y_new) = blobs(600), blobs(600, seed=1)
    net = mlp([3, 8, 3], rng=0)
    run(net, (X, rng.permutation(y)), learning_rate=0.05, epochs=2)
    accuracy = (net.predict(X_new) == rng.permutation(y_new)).mean()
    assert accuracy == pytest.approx(1 / 3, abs=0.08)


def test_full_batch_gradient_descent_matches_the_formula() -> None:
    X, y = blobs(30)
    net, twin = (mlp([3, 3], dtype=np.float64, rng=0) for _ in range(2))
    run(net, (X, y), batch_size="full", learning_rate=0.5, epochs=4)
    for _ in range(4):
        z = X @ twin.params["W1"] + twin.params["b1"]
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        difference = (p - np.eye(3)[y]) / 30
        twin.params["W1"] -= 0.5 * np.einsum("ni,nk->ik", X, difference)
        twin.params["b1"] -= 0.5 * difference.sum(axis=0)
    for name in net.params:
        np.testing.assert_allclose(net.params[name], twin.params[name], rtol=1e-12)


def test_running_mean_weights_batches_by_their_size() -> None:
    X, y = blobs(40)
    # With so small a rate nothing changes, and the running mean is the loss of all images.
    net = mlp([3, 4, 3], dtype=np.float64, rng=0)
    loss = cross_entropy(net.forward(X)[0], y)[0]
    accuracy = (net.predict(X) == y).mean()
    record = run(net, (X, y), learning_rate=1e-300, epochs=1, batch_size=16)[0]
    assert record.train_loss == pytest.approx(loss, rel=1e-12)
    assert record.train_accuracy == pytest.approx(accuracy)


def test_full_pass_evaluates_the_network_after_the_epoch() -> None:
    X, y = blobs(50)
    net = mlp([3, 4, 3], dtype=np.float64, rng=0)
    record = run(net, (X, y), learning_rate=0.5, epochs=1, full_pass=True)[0]
    assert record.train_loss == pytest.approx(cross_entropy(net.forward(X)[0], y)[0], rel=1e-12)
    assert record.train_accuracy == pytest.approx((net.predict(X) == y).mean())


def test_record_contains_the_statistics_of_the_epoch() -> None:
    X, y = blobs(40)
    net = mlp([3, 4, 3], dtype=np.float64, rng=0)
    records = run(
        net, (X, y), validation=blobs(20, seed=1), learning_rate=lambda step: 0.1 / (1 + step)
    )
    last = records[-1]
    assert [record.epoch for record in records] == [1, 2, 3]
    assert [record.step for record in records] == [3, 6, 9]
    assert last.learning_rate == pytest.approx(0.1 / 9)  # the ninth step has number 8
    assert len(last.gradient_norms) == 2
    assert len(last.dead) == len(last.saturated_units) == 1
    assert last.images_per_second == pytest.approx(40 / last.seconds)
    assert all(r.validation_loss is not None for r in records)


def test_each_step_uses_its_scheduled_rate() -> None:
    X, y = blobs(40)
    net, twin = (mlp([3, 4, 3], dtype=np.float64, rng=0) for _ in range(2))
    run(net, (X, y), batch_size="full", learning_rate=lambda step: 0.5 if step == 0 else 0.0)
    run(twin, (X, y), batch_size="full", learning_rate=0.5, epochs=1)
    for name in net.params:
        np.testing.assert_array_equal(net.params[name], twin.params[name])


def test_gradient_norms_are_those_of_the_last_step() -> None:
    X, y = blobs(10)
    net, twin = (mlp([3, 4, 3], dtype=np.float64, rng=0) for _ in range(2))
    grads = twin.empty_grads()
    twin.loss_and_grads(X, y, grads)
    record = run(net, (X, y), batch_size="full", epochs=1)[0]
    expected = [
        math.sqrt(float((grads[f"W{k}"] ** 2).sum() + (grads[f"b{k}"] ** 2).sum())) for k in (1, 2)
    ]
    assert record.gradient_norms == pytest.approx(expected)


def test_validation_does_not_affect_training() -> None:
    with_it, without = (mlp([3, 4, 3], rng=0) for _ in range(2))
    run(with_it, blobs(), validation=blobs(seed=1))
    records = run(without, blobs())
    assert records[-1].validation_loss is records[-1].validation_accuracy is None
    for name in with_it.params:
        np.testing.assert_array_equal(with_it.params[name], without.params[name])


def test_training_is_reproducible_with_the_same_seed() -> None:
    def trained(seed: int) -> bytes:
        net = mlp([3, 4, 3], rng=0)
        run(net, blobs(), rng=np.random.default_rng(seed))
        return net.params["W1"].tobytes()

    assert trained(1) == trained(1) != trained(2)


def test_training_does_not_depend_on_the_form_of_the_examples() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(256, size=(30, 2, 3), dtype=np.uint8)
    labels = rng.integers(3, size=30)
    flat = images.reshape(30, 6)
    forms: list[Any] = [
        Split(images, labels),
        (flat, labels),
        (flat / 255, labels),
        (flat / 255, one_hot(labels, 3, np.float64)),
    ]
    nets = [mlp([6, 5, 3], dtype=np.float64, rng=0) for _ in forms]
    for net, form in zip(nets, forms, strict=True):
        run(net, form)
    for first, other in pairwise(nets):
        for name in first.params:
            np.testing.assert_allclose(first.params[name], other.params[name], rtol=1e-12)


def test_inputs_are_not_modified() -> None:
    X, y = blobs(20)
    for array in (X, y):
        array.flags.writeable = False
    run(mlp([3, 4, 3], dtype=np.float64, rng=0), (X, y), validation=(X, y))


def test_parameters_are_updated_in_place() -> None:
    net = mlp([3, 4, 3], rng=0)
    held = dict(net.params)
    run(net, blobs(), optimizer=SGD(momentum=0.9, nesterov=True))
    assert all(net.params[name] is held[name] for name in held)


@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_divergence_raises_with_step_layer_and_advice(activation: str) -> None:
    net = mlp([3, 8, 3], activation=activation, rng=0)
    with pytest.raises(NotFiniteError) as stop:
        run(net, blobs(), learning_rate=1e30, epochs=50)
    message = str(stop.value)
    assert "\n" not in message
    assert "layer" in message
    assert "step" in message
    assert "smaller learning rate (it was 1e+30; a tenth" in message


def test_first_non_finite_parameter_is_named() -> None:
    net = mlp([3, 4, 4, 3], rng=0)
    net.params["W2"][0, 0] = np.inf
    with pytest.raises(NotFiniteError, match=r"parameter W2 \(layer 2\), before the first step"):
        run(net, blobs())


def test_non_finite_parameter_after_the_last_update_raises() -> None:
    net = mlp([3, 3], dtype=np.float64, rng=0)
    options: dict[str, Any] = {"optimizer": SGD(weight_decay=1e5), "batch_size": "full"}
    with pytest.raises(NotFiniteError, match="W1"):
        run(net, blobs(), learning_rate=1e308, epochs=1, **options)


@pytest.mark.parametrize("full_pass", [True, False])
@pytest.mark.parametrize("validation", [blobs(seed=1), None])
def test_non_finite_output_after_the_last_update_raises(validation: Any, full_pass: bool) -> None:
    # The weights are still finite, but the outputs are not.
    net = mlp([3, 40, 40, 3], activation="identity", rng=0)
    with pytest.raises(NotFiniteError, match="output of layer"):
        run(
            net,
            blobs(),
            validation=validation,
            full_pass=full_pass,
            learning_rate=1e25,
            epochs=1,
            batch_size="full",
        )


def test_infinite_bias_before_a_relu_raises() -> None:
    class Ruin(SGD):
        def update(self, params: Any, *arguments: Any, **options: Any) -> None:
            super().update(params, *arguments, **options)
            params["b1"][0] = -np.inf  # the unit is dead, and every output is finite

    with pytest.raises(NotFiniteError, match="parameter b1"):
        run(mlp([3, 4, 3], rng=0), blobs(), optimizer=Ruin(), epochs=1, batch_size="full")


def test_training_begins_with_the_first_record() -> None:
    net = mlp([3, 3], rng=0)
    before = net.params["W1"].copy()
    records = train(net, blobs(), rng=0)
    np.testing.assert_array_equal(net.params["W1"], before)
    next(records)
    assert not np.array_equal(net.params["W1"], before)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"batch_size": 0}, ConfigError, "batch_size"),
        ({"batch_size": "Full"}, ConfigError, "batch_size"),
        ({"batch_size": 12.5}, ConfigError, "batch_size"),
        ({"epochs": -1}, ConfigError, "epochs"),
        ({"epochs": 2.5}, ConfigError, "epochs"),
        ({"optimizer": "adam"}, ConfigError, "gn.Adam"),
        ({"optimizer": Adam}, ConfigError, "gn.Adam"),
        ({"learning_rate": 0}, ConfigError, "learning_rate"),
        ({"learning_rate": math.nan}, ConfigError, "learning_rate"),
        ({"loss": "cross_entorpy"}, ConfigError, "Did you mean 'cross_entropy'"),
        ({"examples": (np.zeros((2, 3)), [0])}, ShapeError, "one for each of 2 images"),
        ({"examples": (np.zeros((2, 3)), [0, 3])}, DataError, "classes 0 to 2, got 0 to 3"),
        ({"examples": (np.zeros((2, 3)), [0.0, 1.0])}, DataError, "whole numbers"),
        ({"examples": (np.zeros((1, 3)), [[0.5, 0.4, 0.0]])}, DataError, "sum 1"),
        ({"examples": (np.full((2, 3), 7.0), [0, 1])}, DataError, "divide by 255"),
        ({"validation": (np.zeros((2, 4)), [0, 1])}, ShapeError, "takes 3 values"),
    ],
)
def test_invalid_arguments_raise_before_training(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    examples = options.pop("examples", blobs(6))
    with pytest.raises(error, match=message):
        train(mlp([3, 3], rng=0), examples, rng=0, **options)


def test_sliced_examples_are_made_contiguous_once() -> None:
    images, labels = blobs()
    table = np.column_stack([labels, images])
    first, other = mlp([3, 5, 3], rng=0), mlp([3, 5, 3], rng=0)
    training = train(first, (table[:, 1:], labels[::-1][::-1]), epochs=2, rng=0)
    assert training.images.flags.c_contiguous
    assert training.labels.flags.c_contiguous
    list(training)
    run(other, (images, labels), epochs=2, batch_size=128)
    for name, theta in first.params.items():
        np.testing.assert_array_equal(theta, other.params[name])


def test_contiguous_images_are_not_copied() -> None:
    images, labels = blobs()
    assert np.shares_memory(train(mlp([3, 2, 3], rng=0), (images, labels), rng=0).images, images)
