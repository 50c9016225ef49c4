"""Steps, explanations and perturbations: the values sent equal those of the trace."""

import base64

import numpy as np
import pytest
from starlette.testclient import TestClient

import glassnet as gn
from glassnet.lab.api.steps import MAX_FLOAT64
from glassnet.lab.catalog import Catalog

PIXELS = [int(v) for v in np.random.default_rng(4).integers(256, size=784)]
RATE = 0.2


def take_step(client: TestClient, network: str = "784-32-10", **more: object) -> dict[str, object]:
    body = {"network": network, "image": {"pixels": PIXELS}, "label": 3, "learning_rate": RATE}
    response = client.post("/api/steps", json={**body, **more})
    assert response.status_code == 200, response.text
    result: dict[str, object] = response.json()
    return result


def trace(catalog: Catalog, network: str = "784-32-10") -> gn.Trace:
    model = catalog.model(network)
    x = model.members[0].preprocessing(np.array(PIXELS, np.uint8).reshape(1, 28, 28)).reshape(1, -1)
    return gn.trace(model.network.astype(np.float64), x, 3, RATE)


@pytest.mark.parametrize("network", ["784-32-10", "784-10"])
def test_the_values_equal_those_of_the_trace(
    network: str, client: TestClient, catalog: Catalog
) -> None:
    sent, step = take_step(client, network), trace(catalog, network)
    quantities: list[dict[str, object]] = sent["quantities"]  # type: ignore[assignment]
    assert [q["name"] for q in quantities] == [q.name for q in step.quantities]
    for quantity in quantities:
        name = str(quantity["name"])
        assert quantity["shape"] == list(step[name].shape)
        if quantity["numbers"] is None:
            large = client.get(f"/api/steps/{sent['id']}/arrays/{name}")
            numbers = np.frombuffer(large.content, "<f4")
            np.testing.assert_array_equal(numbers, step[name].ravel().astype("f4"))
            assert large.headers["x-shape"] == ",".join(map(str, step[name].shape))
        else:
            numbers = np.frombuffer(base64.b64decode(str(quantity["numbers"])), "<f8")
            np.testing.assert_array_equal(numbers, step[name].ravel())


def test_explanation_and_perturbation_equal_those_of_the_trace(
    client: TestClient, catalog: Catalog
) -> None:
    sent, step = take_step(client), trace(catalog)
    for name, index in (("z1", (0, 17)), ("dW2", (17, 3)), ("p", (0, 3)), ("loss", ())):
        query = f"quantity={name}&index={','.join(map(str, index))}&n_inputs=5"
        explanation = client.get(f"/api/steps/{sent['id']}/explanation?{query}").json()
        expected = step.explain(name, index, n_inputs=5)
        assert explanation["value"]["value"] == expected.value.value
        assert [t["value"] for t in explanation["inputs"]] == [t.value for t in expected.inputs]
        assert explanation["rest"] == expected.rest
        assert [e["index"] for e in explanation["consumers"]] == [
            list(e.index) for e in expected.consumers
        ]
        assert explanation["source"]["place"] == str(expected.source)
    perturbation = client.get(f"/api/steps/{sent['id']}/perturbation?quantity=W2&index=17,3").json()
    expected_perturbation = step.perturb("W2", (17, 3))
    assert perturbation == expected_perturbation.to_dict()


def test_a_changed_weight_is_used(client: TestClient, catalog: Catalog) -> None:
    change = {"name": "W2", "index": [5, 3], "value": 2.5}
    sent = take_step(client, changes=[change])
    query = {"quantity": "W2", "index": "5,3"}
    assert (
        client.get(f"/api/steps/{sent['id']}/explanation", params=query).json()["value"]["value"]
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


def test_a_large_network_is_traced_in_its_own_dtype(client: TestClient, catalog: Catalog) -> None:
    model = catalog.model("mnist")
    n_parameters = sum(theta.size for theta in model.network.params.values())
    assert n_parameters > MAX_FLOAT64
    sent = take_step(client, "mnist")
    query = {"quantity": "p", "index": "0,3"}
    explanation = client.get(f"/api/steps/{sent['id']}/explanation", params=query).json()
    p = model.network.predict_proba(
        model.members[0].preprocessing(np.array(PIXELS, np.uint8).reshape(1, 28, 28))
    )
    assert explanation["value"]["value"] == pytest.approx(p[0, 3], rel=1e-4)


def test_a_deleted_step_is_not_found(client: TestClient) -> None:
    first = take_step(client)["id"]
    for _ in range(3):
        take_step(client)
    response = client.get(f"/api/steps/{first}/explanation", params={"quantity": "loss"})
    assert response.status_code == 404
    assert response.json()["error"].endswith("take the step again")


def test_invalid_requests_get_one_line(client: TestClient) -> None:
    name = take_step(client)["id"]
    for path, status in (
        (f"steps/{name}/explanation?quantity=z9", 400),
        (f"steps/{name}/explanation?quantity=z1&index=0,99", 400),
        (f"steps/{name}/explanation?quantity=z1&index=a", 422),
        (f"steps/{name}/perturbation?quantity=z1&index=0,0", 400),
        (f"steps/{name}/perturbation?quantity=W1&index=0,0&eps=-1", 422),
        (f"steps/{name}/arrays/nothing", 400),
    ):
        response = client.get(f"/api/{path}")
        keys = ["error", "kind", "name"]
        assert (response.status_code, list(response.json())) == (status, keys), path
        assert "\n" not in response.json()["error"]
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
