"""Steps, entries, nudges and mistakes: the numbers sent are those of the trace."""

import base64

import numpy as np
import pytest
from starlette.testclient import TestClient

import glassnet as gn
from glassnet.lab.api.mistakes import confuse, find_evidence, find_nearest
from glassnet.lab.api.stepping import IN_FULL
from glassnet.lab.catalog import Catalog

PIXELS = [int(v) for v in np.random.default_rng(4).integers(256, size=784)]
RATE = 0.2


def take(client: TestClient, network: str = "784-32-10", **more: object) -> dict[str, object]:
    body = {"network": network, "image": {"pixels": PIXELS}, "label": 3, "learning_rate": RATE}
    told = client.post("/api/steps", json={**body, **more})
    assert told.status_code == 200, told.text
    answer: dict[str, object] = told.json()
    return answer


def trace(catalog: Catalog, network: str = "784-32-10") -> gn.Trace:
    model = catalog.model(network)
    x = model.members[0].preprocessing(np.array(PIXELS, np.uint8).reshape(1, 28, 28)).reshape(1, -1)
    return gn.trace(model.network.astype(np.float64), x, 3, RATE)


@pytest.mark.parametrize("network", ["784-32-10", "784-10"])
def test_the_numbers_are_those_of_the_trace_to_the_bit(
    network: str, client: TestClient, catalog: Catalog
) -> None:
    told, step = take(client, network), trace(catalog, network)
    quantities: list[dict[str, object]] = told["quantities"]  # type: ignore[assignment]
    assert [one["name"] for one in quantities] == [one.name for one in step.quantities]
    for one in quantities:
        name = str(one["name"])
        assert one["shape"] == list(step[name].shape)
        if one["numbers"] is None:
            large = client.get(f"/api/steps/{told['id']}/arrays/{name}")
            numbers = np.frombuffer(large.content, "<f4")
            np.testing.assert_array_equal(numbers, step[name].ravel().astype("f4"))
            assert large.headers["x-shape"] == ",".join(map(str, step[name].shape))
        else:
            numbers = np.frombuffer(base64.b64decode(str(one["numbers"])), "<f8")
            np.testing.assert_array_equal(numbers, step[name].ravel())


def test_an_entry_and_a_nudge_are_those_of_the_trace(client: TestClient, catalog: Catalog) -> None:
    told, step = take(client), trace(catalog)
    for name, index in (("z1", (0, 17)), ("dW2", (17, 3)), ("p", (0, 3)), ("loss", ())):
        query = f"quantity={name}&index={','.join(map(str, index))}&n_inputs=5"
        answer = client.get(f"/api/steps/{told['id']}/entry?{query}").json()
        mine = step.explain(name, index, n_inputs=5)
        assert answer["value"]["value"] == mine.value.value
        assert [t["value"] for t in answer["inputs"]] == [t.value for t in mine.inputs]
        assert answer["rest"] == mine.rest
        assert [e["index"] for e in answer["consumers"]] == [list(e.index) for e in mine.consumers]
        assert answer["source"]["place"] == str(mine.source)
    answer = client.get(f"/api/steps/{told['id']}/perturb?quantity=W2&index=17,3").json()
    mine_too = step.perturb("W2", (17, 3))
    assert answer == mine_too.to_dict()


def test_a_weight_that_is_set_counts(client: TestClient, catalog: Catalog) -> None:
    change = {"name": "W2", "index": [5, 3], "value": 2.5}
    told = take(client, changes=[change])
    query = {"quantity": "W2", "index": "5,3"}
    assert (
        client.get(f"/api/steps/{told['id']}/entry", params=query).json()["value"]["value"] == 2.5
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
    assert n_parameters > IN_FULL
    told = take(client, "mnist")
    query = {"quantity": "p", "index": "0,3"}
    answer = client.get(f"/api/steps/{told['id']}/entry", params=query).json()
    p = model.network.predict_proba(
        model.members[0].preprocessing(np.array(PIXELS, np.uint8).reshape(1, 28, 28))
    )
    assert answer["value"]["value"] == pytest.approx(p[0, 3], rel=1e-4)


def test_a_step_that_is_no_longer_kept_is_told_so(client: TestClient) -> None:
    first = take(client)["id"]
    for _ in range(3):
        take(client)
    gone = client.get(f"/api/steps/{first}/entry", params={"quantity": "loss"})
    assert gone.status_code == 404
    assert gone.json()["error"].endswith("take it again")


def test_what_cannot_be_asked_gets_one_line(client: TestClient) -> None:
    name = take(client)["id"]
    for path, status in (
        (f"steps/{name}/entry?quantity=z9", 400),
        (f"steps/{name}/entry?quantity=z1&index=0,99", 400),
        (f"steps/{name}/entry?quantity=z1&index=a", 422),
        (f"steps/{name}/perturb?quantity=z1&index=0,0", 400),
        (f"steps/{name}/perturb?quantity=W1&index=0,0&eps=-1", 422),
        (f"steps/{name}/arrays/nothing", 400),
    ):
        told = client.get(f"/api/{path}")
        assert (told.status_code, list(told.json())) == (status, ["error"]), path
        assert "\n" not in told.json()["error"]
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


def test_the_images_at_hand_can_be_looked_at(client: TestClient, images: Catalog) -> None:
    test = images.needed_pictures().part("test")
    one = client.get("/api/images/test/7").json()
    assert base64.b64decode(one["pixels"]) == test.images[7].tobytes()
    assert one["label"] == test.labels[7]
    sheet = client.get("/api/images/test?indices=7,3").json()
    assert [each["index"] for each in sheet] == [7, 3]
    assert client.get("/api/images/test/9999999").status_code == 400
    assert client.get("/api/images/exam/1").status_code == 422


def test_without_hidden_layers_the_evidence_adds_up(images: Catalog) -> None:
    model, test = images.model("784-10"), images.needed_pictures().part("test")
    b = model.network.params["b1"]
    for index in range(5):
        told = find_evidence(model, test.images[index], int(test.labels[index]))
        evidence = np.frombuffer(base64.b64decode(told["evidence"]), "<f8")
        bias = float(b[told["answer"]] - b[told["other"]])
        assert evidence.sum() + bias == pytest.approx(told["difference"], abs=1e-4)
        assert told["answer"] != told["other"]


def test_the_nearest_of_a_training_image_is_itself(images: Catalog) -> None:
    pictures = images.needed_pictures()
    nearest = find_nearest(pictures.dataset.train.images[123], pictures)
    assert (nearest[0]["index"], nearest[0]["distance"]) == (123, 0)
    distances = [one["distance"] for one in nearest]
    assert distances == sorted(distances)


def test_mistakes_are_those_that_evaluate_counts(images: Catalog) -> None:
    pictures, model = images.needed_pictures(), images.model("784-32-10")
    told = confuse(model, pictures)
    report = gn.evaluate(model, pictures.part("test"))
    assert told["accuracy"] == report.accuracy
    np.testing.assert_array_equal(told["matrix"], report.confusion)
    predicted = model.predict(pictures.part("test").images)
    for key, cell in told["cells"].items():
        row, column = map(int, key.split(","))
        for one in cell:
            assert pictures.part("test").labels[one["index"]] == row
            assert predicted[one["index"]] == column
