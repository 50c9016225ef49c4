"""Drawings and pictures, as a visitor sends them."""

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


def ask(client: TestClient, content: bytes, **query: str) -> dict[str, object]:
    params = {"network": "784-32-10", "side": str(SIDE), **query}
    told = client.post("/api/drawing", params=params, content=content)
    assert told.status_code == 200, told.text
    answer: dict[str, object] = told.json()
    return answer


@pytest.mark.parametrize("network", NETWORKS)
def test_a_drawn_three_is_a_three(network: str, client: TestClient) -> None:
    told = ask(client, draw_three(), network=network)
    assert told["digit"] == told["likeliest"] == 3
    assert sum(told["probabilities"]) == pytest.approx(1, abs=1e-5)  # type: ignore[call-overload]
    assert told["stages"] == []


def test_it_is_read_as_predict_reads_it(client: TestClient, catalog: Catalog) -> None:
    drawing = np.frombuffer(draw_three(), np.uint8).reshape(SIDE, SIDE)
    (one,) = read_picture(catalog.model("mnist"), drawing).readings
    told = ask(client, draw_three(), network="mnist")
    seen = np.frombuffer(base64.b64decode(str(told["seen"])), np.uint8).reshape(28, 28)
    np.testing.assert_array_equal(seen, one.stages[-1].picture)
    assert told["probabilities"] == pytest.approx(one.probabilities, abs=1e-6)


def test_the_steps_come_as_pictures(client: TestClient) -> None:
    told = ask(client, draw_three(), stages="true")
    stages: list[dict[str, object]] = told["stages"]  # type: ignore[assignment]
    assert [one["name"] for one in stages] == [
        *("grey", "ink", "specks", "thickness", "box", "centre")
    ]
    for one in stages:
        size = int(one["width"]) * int(one["height"])  # type: ignore[call-overload]
        assert len(base64.b64decode(str(one["pixels"]))) == size
    assert stages[-1]["pixels"] == told["seen"]


@pytest.mark.parametrize("step", ["thickness", "box", "centre"])
def test_a_step_that_is_left_out_makes_a_difference(step: str, client: TestClient) -> None:
    paper = np.full((SIDE, SIDE), 255, np.uint8)
    small = np.frombuffer(draw_three(56), np.uint8).reshape(56, 56)
    paper[2:58, 50:106] = cv2.erode(small, np.ones((5, 5), np.uint8))  # a thick pen
    whole, without = (ask(client, paper.tobytes(), without=names) for names in ("", step))
    assert whole["seen"] != without["seen"]


def test_steps_of_pictures_make_no_difference_to_a_drawing(client: TestClient) -> None:
    assert ask(client, draw_three(), without=",".join(PHOTO_STAGES)) == ask(client, draw_three())


def test_without_ink_there_is_no_digit(client: TestClient) -> None:
    told = ask(client, b"\xff" * SIDE * SIDE, stages="true")
    assert (told["digit"], told["seen"], told["reason"]) == (None, None, "no-ink")


def test_a_drawing_must_have_as_many_numbers_as_it_says(client: TestClient) -> None:
    for content, side in ((b"", 28), (b"x" * 783, 28), (b"x" * 785, 28)):
        told = client.post(f"/api/drawing?network=mnist&side={side}", content=content)
        assert told.status_code == 400
        assert "needs side x side grey values" in told.json()["error"]
    assert client.post("/api/drawing?network=mnist&side=0").status_code == 422
    wrong = client.post(
        f"/api/drawing?network=mnist&side={SIDE}&without=colour", content=draw_three()
    )
    assert wrong.status_code == 400
    assert "unknown step 'colour'" in wrong.json()["error"]
    nobody = client.post(f"/api/drawing?network=nobody&side={SIDE}", content=draw_three())
    assert "network: needs one of" in nobody.json()["error"]


def test_a_page_gets_a_box_for_each_digit(client: TestClient) -> None:
    told = client.post("/api/picture?network=mnist", content=png(draw("472"))).json()
    assert [one["digit"] for one in told["digits"]] == [4, 7, 2]
    lefts = [one["box"][0] for one in told["digits"]]
    assert lefts == sorted(lefts)
    assert {one["name"] for one in told["stages"]} >= set(PHOTO_STAGES)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"this is text",
        png(np.zeros((60, 60), np.uint8))[:-40],
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 60,
        b"GIF89a" + b"\xff" * 30,
        # A header that promises 100 megapixels, and nothing behind it.
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (10_000).to_bytes(4) * 2 + b"\x08\x00\x00\x00\x00",
    ],
    ids=["empty", "text", "truncated", "zeros", "half a gif", "100 megapixels"],
)
def test_what_is_no_picture_gets_one_line(content: bytes, client: TestClient) -> None:
    told = client.post("/api/picture?network=mnist", content=content)
    assert told.status_code == 400
    assert "\n" not in told.json()["error"]


def test_a_picture_that_is_too_large_gets_one_line(client: TestClient) -> None:
    told = client.post(
        "/api/picture?network=mnist", content=png(np.full((11_000, 10_000), 255, np.uint8))
    )
    assert told.status_code == 400
    assert "pixels" in told.json()["error"]


def test_worker_processes_give_the_same_answers(catalog: Catalog, client: TestClient) -> None:
    bad = b"this is text"
    app = create_app(catalog, workers=Workers(catalog, 1))
    with TestClient(app, base_url=HOST) as other:
        assert ask(other, draw_three()) == ask(client, draw_three())
        for _ in range(3):
            told = other.post("/api/picture?network=mnist", content=bad)
            assert told.status_code == 400
            assert told.json() == client.post("/api/picture?network=mnist", content=bad).json()
        assert ask(other, draw_three())["digit"] == 3


class Deadly:
    """A task that ends the process which receives it."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


class Endless:
    """A task that keeps the process which receives it busy."""

    def __reduce__(self) -> tuple[object, ...]:
        return time.sleep, (600,)


@pytest.mark.parametrize(
    ("task", "error"), [(Deadly(), DataError), (Endless(), TimeoutError)], ids=["dies", "hangs"]
)
def test_a_process_that_dies_or_hangs_is_replaced(
    task: object, error: type[Exception], catalog: Catalog
) -> None:
    workers = Workers(catalog, 1)
    with TestClient(create_app(catalog, workers=workers), base_url=HOST) as client:
        first = ask(client, draw_three())
        assert client.portal is not None
        with pytest.raises(error):
            client.portal.call(workers.read, "784-32-10", task, 3.0)  # type: ignore[call-arg,arg-type]
        assert not workers.is_busy()
        assert ask(client, draw_three()) == first


def test_what_opencv_sends_is_what_the_pad_draws() -> None:
    """The tests' own three is dark on white, as a browser's canvas is sent."""
    paper = np.frombuffer(draw_three(), np.uint8).reshape(SIDE, SIDE)
    assert paper[0, 0] == 255
    assert paper.min() == 0
    assert cv2.countNonZero(255 - paper) < paper.size / 4
