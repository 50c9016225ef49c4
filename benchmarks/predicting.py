"""Time to classify one and 10,000 images with 784-128-10: python -m benchmarks.predicting NAME.

From float32 images in memory to probabilities. Prints microseconds as JSON.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.backends.task import Task

Predict = Callable[[Any], Any]
TASK = Task((784, 128, 10), 128, "sgd", 10_000)


def with_glassnet() -> Predict:
    """Return the public `predict_proba`, including its checks."""
    import glassnet as gn

    network = gn.mlp(TASK.sizes, rng=0)
    for name, theta in TASK.parameters().items():
        network.params[name][...] = theta
    return network.predict_proba


def with_pytorch() -> Predict:
    """Return a PyTorch module in inference mode."""
    import torch
    from torch import nn

    model = nn.Sequential(
        nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10), nn.Softmax(dim=1)
    ).eval()
    params = TASK.parameters()
    state = {}
    for number, place in ((1, 0), (2, 2)):
        state[f"{place}.weight"] = torch.from_numpy(params[f"W{number}"]).T
        state[f"{place}.bias"] = torch.from_numpy(params[f"b{number}"])
    model.load_state_dict(state)

    def predict(x: Any) -> Any:
        with torch.inference_mode():
            return model(torch.from_numpy(x)).numpy()

    return predict


def with_onnxruntime() -> Predict:
    """Return an onnxruntime session on the CPU."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    params = TASK.parameters()
    nodes = [
        helper.make_node("Gemm", ["x", "W1", "b1"], ["z1"]),
        helper.make_node("Relu", ["z1"], ["a1"]),
        helper.make_node("Gemm", ["a1", "W2", "b2"], ["z2"]),
        helper.make_node("Softmax", ["z2"], ["p"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "784-128-10",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 784])],
        [helper.make_tensor_value_info("p", TensorProto.FLOAT, ["n", 10])],
        [numpy_helper.from_array(theta, name) for name, theta in params.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return lambda x: session.run(None, {"x": x})[0]


PROGRAMS = {
    "glassnet": with_glassnet,
    "pytorch": with_pytorch,
    "onnxruntime": with_onnxruntime,
}


def main() -> None:
    """Measure one program and print its times as JSON."""
    predict = PROGRAMS[sys.argv[1]]()
    images = TASK.images.astype(np.float32)
    images /= 255
    single_image = images[:1].copy()
    result: dict[str, Any] = {"first": np.round(predict(images[:3]), 6).tolist()}
    for name, x, n_calls in (("one", single_image, 3_000), ("many", images, 30)):
        times = []
        for _ in range(n_calls):
            started = time.perf_counter()
            predict(x)
            times.append(time.perf_counter() - started)
        result[name] = {"min": min(times) * 1e6, "median": statistics.median(times) * 1e6}
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
