"""Who may come in, and how much they may ask for."""

import asyncio
import itertools
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from glassnet.lab.catalog import Catalog
from glassnet.lab.web.app import create_app
from glassnet.lab.web.limits import Limits
from glassnet.lab.web.middleware import SESSION
from tests.lab.conftest import SIDE, Visit, draw_three

DRAW = f"/api/drawing?network=784-32-10&side={SIDE}"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_only_this_machine_s_names_are_answered(host: str, client: TestClient) -> None:
    told = client.get("/api/lab", headers={"host": host})
    assert told.status_code == 403
    assert "127.0.0.1" in told.json()["error"]


@pytest.mark.parametrize("host", ["127.0.0.1:8710", "localhost", "LOCALHOST:1", "[::1]:8710"])
def test_each_of_them_with_any_port(host: str, client: TestClient) -> None:
    assert client.get("/api/lab", headers={"host": host}).status_code == 200


def test_pages_from_elsewhere_may_not_ask(client: TestClient) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:9999"):
        told = client.post(DRAW, content=draw_three(), headers={"origin": origin})
        assert told.status_code == 403, origin
    own = client.post(DRAW, content=draw_three(), headers={"origin": "http://127.0.0.1"})
    assert own.status_code == 200


def test_what_is_no_address_and_no_length_is_no_error_of_the_server(client: TestClient) -> None:
    assert client.get("/api/lab", headers={"origin": "http://["}).status_code == 403
    told = client.get("/api/lab", headers={"content-length": "9" * 5_000})
    assert told.status_code == 400


def test_a_body_that_does_not_come_is_not_waited_for(catalog: Catalog) -> None:
    app = create_app(catalog, Limits(upload_seconds=0.05))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/steps",
        "raw_path": b"/api/steps",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
    }
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    started = time.perf_counter()
    asyncio.run(app(scope, receive, send))
    assert time.perf_counter() - started < 30
    assert sent[0]["status"] == 408
    assert b"needs to arrive within 0.05 s" in sent[1]["body"]


def test_a_token_is_asked_for_once(visit: Visit) -> None:
    client = visit(token="secret-token", hosts=None)  # noqa: S106 - of this test
    assert client.get("/").status_code == 401
    assert client.get("/api/lab?token=wrong").status_code == 401
    assert client.get("/?token=secret-token", headers={"host": "lab.example"}).status_code == 200
    assert client.get("/api/lab").status_code == 200  # the browser keeps it as a cookie


def test_cookies_are_for_the_server_alone(client: TestClient) -> None:
    (cookie,) = client.get("/api/lab").headers.get_list("set-cookie")
    assert cookie.startswith(f"{SESSION}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert not client.get("/api/lab").headers.get_list("set-cookie")


@pytest.mark.parametrize("path", ["/", "/js/main.js", "/api/lab", "/api/nothing", "/nothing"])
def test_every_answer_forbids_what_comes_from_elsewhere(path: str, client: TestClient) -> None:
    told = client.get(path)
    assert "default-src 'self'" in told.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in told.headers["content-security-policy"]
    assert told.headers["x-content-type-options"] == "nosniff"


def test_what_is_not_there_is_told_in_json(client: TestClient) -> None:
    for path in ("/api/nothing", "/nothing", "/docs", "/redoc"):
        told = client.get(path)
        assert told.status_code == 404
        assert list(told.json()) == ["error", "kind", "name"]
    assert client.put("/api/lab").status_code == 405


def test_what_is_too_long_is_refused_however_it_comes(visit: Visit) -> None:
    client = visit(Limits(body_bytes=1_000, upload_bytes=2_000))
    assert client.post(DRAW, content=b"x" * 1_001).status_code == 413
    assert client.post("/api/picture?network=784-32-10", content=b"x" * 2_001).status_code == 413
    chunks = itertools.repeat(b"x" * 300, 10)  # no length is announced
    told = client.post(DRAW, content=chunks)
    assert told.status_code == 413
    assert "at most 1,000 bytes" in told.json()["error"]
    wrong = client.post("/api/steps", content=itertools.repeat(b"[" * 300, 10))
    assert wrong.status_code == 413


def test_too_many_requests_at_once_are_told_to_wait(visit: Visit) -> None:
    client = visit(Limits(requests_per_second=0.001, burst=5))
    statuses = [client.get("/api/opened-run").status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    other = TestClient(client.app, base_url="http://127.0.0.1")  # somebody else is served
    assert other.get("/api/opened-run").status_code == 200


def test_garbage_for_a_cookie_is_no_session(client: TestClient) -> None:
    for cookie in ("=;;=", f"{SESSION}=stolen", "a=b; " * 500, "\x80\xff"):
        client.cookies.clear()
        headers = [(b"cookie", cookie.encode("latin-1"))]
        assert client.get("/api/lab", headers=headers).status_code == 200
