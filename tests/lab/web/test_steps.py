"""Steps, explanations and perturbations: the numbers sent are those of the trace."""

import base64

import numpy as np
import pytest
from starlette.testclient import TestClient

import glassnet as gn
from glassnet.lab.api.steps import MAX_FLOAT64
from glassnet.lab.catalog import Catalog

PIXELS = [int(v) for v in np.random.default_rng(4).integers(256, size=784)]
RATE = 0.2


def take(client: TestClient, network: str = "784-32-10", **more: object) -> dict[str, object]:
    body = {"network": network, "image": {"pixels": PIXELS}, "label": 3, "learning_rate": RATE}
    answered = client.post("/api/steps", json={**body, **more})
    assert answered.status_code == 200, answered.text
    answer: dict[str, object] = answered.json()
    return answer


def trace(catalog: Catalog, network: str = "784-32-10") -> gn.Trace:
    model = catalog.model(network)
    x = model.members[0].preprocessing(np.array(PIXELS, np.uint8).reshape(1, 28, 28)).reshape(1, -1)
    return gn.trace(model.network.astype(np.float64), x, 3, RATE)


@pytest.mark.parametrize("network", ["784-32-10", "784-10"])
def test_the_numbers_are_those_of_the_trace_to_the_bit(
    network: str, client: TestClient, catalog: Catalog
) -> None:
    answered, step = take(client, network), trace(catalog, network)
    quantities: list[dict[str, object]] = answered["quantities"]  # type: ignore[assignment]
    assert [one["name"] for one in quantities] == [one.name for one in step.quantities]
    for one in quantities:
        name = str(one["name"])
        assert one["shape"] == list(step[name].shape)
        if one["numbers"] is None:
            large = client.get(f"/api/steps/{answered['id']}/arrays/{name}")
            numbers = np.frombuffer(large.content, "<f4")
            np.testing.assert_array_equal(numbers, step[name].ravel().astype("f4"))
            assert large.headers["x-shape"] == ",".join(map(str, step[name].shape))
        else:
            numbers = np.frombuffer(base64.b64decode(str(one["numbers"])), "<f8")
            np.testing.assert_array_equal(numbers, step[name].ravel())


def test_explanation_and_perturbation_are_those_of_the_trace(
    client: TestClient, catalog: Catalog
) -> None:
    answered, step = take(client), trace(catalog)
    for name, index in (("z1", (0, 17)), ("dW2", (17, 3)), ("p", (0, 3)), ("loss", ())):
        query = f"quantity={name}&index={','.join(map(str, index))}&n_inputs=5"
        answer = client.get(f"/api/steps/{answered['id']}/explanation?{query}").json()
        mine = step.explain(name, index, n_inputs=5)
        assert answer["value"]["value"] == mine.value.value
        assert [t["value"] for t in answer["inputs"]] == [t.value for t in mine.inputs]
        assert answer["rest"] == mine.rest
        assert [e["index"] for e in answer["consumers"]] == [list(e.index) for e in mine.consumers]
        assert answer["source"]["place"] == str(mine.source)
    answer = client.get(f"/api/steps/{answered['id']}/perturbation?quantity=W2&index=17,3").json()
    mine_too = step.perturb("W2", (17, 3))
    assert answer == mine_too.to_dict()


def test_a_weight_that_is_set_counts(client: TestClient, catalog: Catalog) -> None:
    change = {"name": "W2", "index": [5, 3], "value": 2.5}
    answered = take(client, changes=[change])
    query = {"quantity": "W2", "index": "5,3"}
    assert (
        client.get(f"/api/steps/{answered['id']}/explanation", params=query).json()["value"][
            "value"
        ]
        == 2.5
    )
    assert catalog.model("784-32-10").network.params["W2"][5, 3] != 2.5
    for wrong in (
        {"name": "W9", "index": [0, 0], "value": 0},
        {"name": "W2", "index": [0, 99], "value": 0},
        {"name": "W2", "index": [0], "value": 0},
        {"name": "W2", "index": [0, 0], "value": 1e9},
    ):
        body = {"network": "784-32-10", "image": {"pixels": PIXELS}, "changes": [wrong]}
        assert client.post("/api/steps", json=body).status_code == 400


def test_a_large_network_is_traced_in_its_own_precision(
    client: TestClient, catalog: Catalog
) -> None:
    model = catalog.model("mnist")
    n_parameters = sum(theta.size for theta in model.network.params.values())
    assert n_parameters > MAX_FLOAT64
    answered = take(client, "mnist")
    query = {"quantity": "p", "index": "0,3"}
    answer = client.get(f"/api/steps/{answered['id']}/explanation", params=query).json()
    p = model.network.predict_proba(
        model.members[0].preprocessing(np.array(PIXELS, np.uint8).reshape(1, 28, 28))
    )
    assert answer["value"]["value"] == pytest.approx(p[0, 3], rel=1e-4)


def test_a_step_that_is_no_longer_kept_is_not_found(client: TestClient) -> None:
    first = take(client)["id"]
    for _ in range(3):
        take(client)
    gone = client.get(f"/api/steps/{first}/explanation", params={"quantity": "loss"})
    assert gone.status_code == 404
    assert gone.json()["error"].endswith("take it again")


def test_invalid_requests_get_one_line(client: TestClient) -> None:
    name = take(client)["id"]
    for path, status in (
        (f"steps/{name}/explanation?quantity=z9", 400),
        (f"steps/{name}/explanation?quantity=z1&index=0,99", 400),
        (f"steps/{name}/explanation?quantity=z1&index=a", 422),
        (f"steps/{name}/perturbation?quantity=z1&index=0,0", 400),
        (f"steps/{name}/perturbation?quantity=W1&index=0,0&eps=-1", 422),
        (f"steps/{name}/arrays/nothing", 400),
    ):
        answered = client.get(f"/api/{path}")
        assert (answered.status_code, list(answered.json())) == (
            status,
            ["error", "kind", "name"],
        ), path
        assert "\n" not in answered.json()["error"]
    for body in (
        {},
        {"network": "784-32-10"},
        {"network": "784-32-10", "image": {}},
        {"network": "784-32-10", "image": {"pixels": [0] * 783}},
        {"network": "784-32-10", "image": {"pixels": [256] * 784}},
        {"network": "784-32-10", "image": {"pixels": PIXELS}, "label": 12},
        {"network": "784-32-10", "image": {"pixels": PIXELS}, "surprise": 1},
    ):
        assert client.post("/api/steps", json=body).status_code in (400, 422), body
