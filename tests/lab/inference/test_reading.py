"""Classification of drawings and pictures sent to the API."""

import base64
import os
import time

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from benchmarks.drawn import draw
from glassnet.errors import DataError
from glassnet.lab.catalog import Catalog
from glassnet.lab.inference.reading import PHOTO_STAGES
from glassnet.lab.inference.workers import Workers
from glassnet.lab.web.app import create_app
from glassnet.models.reading import read_picture
from tests.lab.conftest import HOST, SIDE, draw_three, png

NETWORKS = ("784-32-10", "784-10", "mnist", "mnist-small")


def classify(client: TestClient, content: bytes, **query: str) -> dict[str, object]:
    params = {"network": "784-32-10", "side": str(SIDE), **query}
    response = client.post("/api/drawing", params=params, content=content)
    assert response.status_code == 200, response.text
    result: dict[str, object] = response.json()
    return result


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_classifies_a_drawing(network: str, client: TestClient) -> None:
    result = classify(client, draw_three(), network=network)
    assert result["digit"] == result["likeliest"] == 3
    assert sum(result["probabilities"]) == pytest.approx(1, abs=1e-5)  # type: ignore[call-overload]
    assert result["stages"] == []


def test_a_drawing_gives_the_same_result_as_predict(client: TestClient, catalog: Catalog) -> None:
    drawing = np.frombuffer(draw_three(), np.uint8).reshape(SIDE, SIDE)
    (reading,) = read_picture(catalog.model("mnist"), drawing).readings
    result = classify(client, draw_three(), network="mnist")
    seen = np.frombuffer(base64.b64decode(str(result["seen"])), np.uint8).reshape(28, 28)
    np.testing.assert_array_equal(seen, reading.stages[-1].picture)
    assert result["probabilities"] == pytest.approx(reading.probabilities, abs=1e-6)


def test_the_stages_are_sent_as_pictures(client: TestClient) -> None:
    result = classify(client, draw_three(), stages="true")
    stages: list[dict[str, object]] = result["stages"]  # type: ignore[assignment]
    assert [stage["name"] for stage in stages] == [
        *("grey", "ink", "specks", "thickness", "box", "centre")
    ]
    for stage in stages:
        size = int(stage["width"]) * int(stage["height"])  # type: ignore[call-overload]
        assert len(base64.b64decode(str(stage["pixels"]))) == size
    assert stages[-1]["pixels"] == result["seen"]


@pytest.mark.parametrize("step", ["thickness", "box", "centre"])
def test_leaving_out_a_stage_changes_the_image(step: str, client: TestClient) -> None:
    paper = np.full((SIDE, SIDE), 255, np.uint8)
    small = np.frombuffer(draw_three(56), np.uint8).reshape(56, 56)
    paper[2:58, 50:106] = cv2.erode(small, np.ones((5, 5), np.uint8))  # a thick pen
    complete, without = (classify(client, paper.tobytes(), without=names) for names in ("", step))
    assert complete["seen"] != without["seen"]


def test_photo_stages_do_not_change_a_drawing(client: TestClient) -> None:
    assert classify(client, draw_three(), without=",".join(PHOTO_STAGES)) == classify(
        client, draw_three()
    )


def test_a_blank_drawing_has_no_digit(client: TestClient) -> None:
    result = classify(client, b"\xff" * SIDE * SIDE, stages="true")
    assert (result["digit"], result["seen"], result["reason"]) == (None, None, "no-ink")


def test_the_size_of_a_drawing_is_validated(client: TestClient) -> None:
    for content, side in ((b"", 28), (b"x" * 783, 28), (b"x" * 785, 28)):
        response = client.post(f"/api/drawing?network=mnist&side={side}", content=content)
        assert response.status_code == 400
        assert "needs side x side grey values" in response.json()["error"]
    assert client.post("/api/drawing?network=mnist&side=0").status_code == 422
    wrong = client.post(
        f"/api/drawing?network=mnist&side={SIDE}&without=colour", content=draw_three()
    )
    assert wrong.status_code == 400
    assert "unknown step 'colour'" in wrong.json()["error"]
    nobody = client.post(f"/api/drawing?network=nobody&side={SIDE}", content=draw_three())
    assert "network: needs one of" in nobody.json()["error"]


def test_a_page_gets_a_box_for_each_digit(client: TestClient) -> None:
    result = client.post("/api/picture?network=mnist", content=png(draw("472"))).json()
    assert [digit["digit"] for digit in result["digits"]] == [4, 7, 2]
    lefts = [digit["box"][0] for digit in result["digits"]]
    assert lefts == sorted(lefts)
    assert {stage["name"] for stage in result["stages"]} >= set(PHOTO_STAGES)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"this is text",
        png(np.zeros((60, 60), np.uint8))[:-40],
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 60,
        b"GIF89a" + b"\xff" * 30,
        # a header for 100 megapixels without data
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (10_000).to_bytes(4) * 2 + b"\x08\x00\x00\x00\x00",
    ],
    ids=["empty", "text", "truncated", "zeros", "half a gif", "100 megapixels"],
)
def test_an_invalid_picture_gets_one_line(content: bytes, client: TestClient) -> None:
    response = client.post("/api/picture?network=mnist", content=content)
    assert response.status_code == 400
    assert "\n" not in response.json()["error"]


def test_a_picture_with_too_many_pixels_gets_one_line(client: TestClient) -> None:
    response = client.post(
        "/api/picture?network=mnist", content=png(np.full((11_000, 10_000), 255, np.uint8))
    )
    assert response.status_code == 400
    assert "pixels" in response.json()["error"]


def test_worker_processes_give_the_same_results(catalog: Catalog, client: TestClient) -> None:
    bad = b"this is text"
    app = create_app(catalog, workers=Workers(catalog, 1))
    with TestClient(app, base_url=HOST) as other:
        assert classify(other, draw_three()) == classify(client, draw_three())
        for _ in range(3):
            response = other.post("/api/picture?network=mnist", content=bad)
            assert response.status_code == 400
            assert response.json() == client.post("/api/picture?network=mnist", content=bad).json()
        assert classify(other, draw_three())["digit"] == 3


class ExitTask:
    """Task that terminates the process when unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


class SleepTask:
    """Task that blocks the process when unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return time.sleep, (600,)


@pytest.mark.parametrize(
    ("task", "error"), [(ExitTask(), DataError), (SleepTask(), TimeoutError)], ids=["dies", "hangs"]
)
def test_a_process_that_dies_or_hangs_is_replaced(
    task: object, error: type[Exception], catalog: Catalog
) -> None:
    workers = Workers(catalog, 1)
    with TestClient(create_app(catalog, workers=workers), base_url=HOST) as client:
        first = classify(client, draw_three())
        assert client.portal is not None
        with pytest.raises(error):
            client.portal.call(workers.read, "784-32-10", task, 3.0)  # type: ignore[call-arg,arg-type]
        assert not workers.is_busy()
        assert classify(client, draw_three()) == first


def test_the_drawing_of_the_tests_is_dark_on_white() -> None:
    paper = np.frombuffer(draw_three(), np.uint8).reshape(SIDE, SIDE)
    assert paper[0, 0] == 255
    assert paper.min() == 0
    assert cv2.countNonZero(255 - paper) < paper.size / 4
