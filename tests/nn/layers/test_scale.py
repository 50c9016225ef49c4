"""Scale: output, gradient, fusion into the weights."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ConfigError
from glassnet.nn.layers.scale import Scale


def test_input_and_gradient_are_multiplied() -> None:
    x = np.array([[1.0, -2.0]])
    x.flags.writeable = False
    a, backward = Scale(3.0).forward(x, {}, {}, training=False, rng=None)
    assert a.tolist() == [[3.0, -6.0]]
    assert np.asarray(backward(np.array([[0.5, 1.0]]), {})).tolist() == [[1.5, 3.0]]


def test_gradients_of_a_network_with_a_scale_are_correct() -> None:
    net = gn.mlp([6, 5, 4, 3], activation="tanh", input_scale=7.0, dtype=np.float64, rng=0)
    rng = np.random.default_rng(1)
    assert gn.check_gradients(net, rng.random((8, 6)), rng.integers(3, size=8)).worst < 1e-6


@pytest.mark.parametrize("more", [{}, {"batch_norm": True}, {"input_dropout": 0.5}])
def test_fusing_into_the_weights_does_not_change_the_output(more: dict[str, float]) -> None:
    net = gn.mlp([6, 5, 3], input_scale=255.0, dtype=np.float64, rng=0, **more)  # type: ignore[arg-type]
    x = np.random.default_rng(1).random((9, 6))
    fused = net.for_inference()
    assert [type(layer).__name__ for layer in fused.layers] == ["Dense", "Dense"]
    np.testing.assert_allclose(fused.forward(x)[0], net.forward(x)[0], rtol=1e-12)


def test_repr_of_a_network_shows_the_scale() -> None:
    assert "4 -> times 255 -> 3 relu" in repr(gn.mlp([4, 3, 2], input_scale=255, rng=0))
    assert "times" not in repr(gn.mlp([4, 3, 2], rng=0))


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_invalid_factors_are_rejected(factor: float) -> None:
    with pytest.raises(ConfigError, match="input_scale: needs a number above 0"):
        gn.mlp([4, 3, 2], input_scale=factor, rng=0)


def test_gain_and_bias_set_the_initial_parameters() -> None:
    usual = gn.mlp([4, 3, 2], rng=0).params
    net = gn.mlp([4, 3, 2], gain=2.0, bias=-1.0, rng=0).params
    np.testing.assert_array_equal(net["W1"], 2 * usual["W1"])
    np.testing.assert_array_equal(net["W2"], 2 * usual["W2"])
    assert net["b1"].tolist() == [-1, -1, -1]
    assert net["b2"].tolist() == [0, 0]
    normed = gn.mlp([4, 3, 2], bias=0.5, batch_norm=True, rng=0).params
    assert normed["beta1"].tolist() == [0.5, 0.5, 0.5]
    for wrong in ({"gain": 0.0}, {"bias": float("nan")}):
        with pytest.raises(ConfigError):
            gn.mlp([4, 3, 2], rng=0, **wrong)  # type: ignore[arg-type]
