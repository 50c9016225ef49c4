"""Access to the server: host, origin, token, cookies, rates and sizes."""

import asyncio
import itertools
from concurrent.futures import ThreadPoolExecutor
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
def test_other_host_names_are_forbidden(host: str, client: TestClient) -> None:
    response = client.get("/api/lab", headers={"host": host})
    assert response.status_code == 403
    assert "127.0.0.1" in response.json()["error"]


@pytest.mark.parametrize("host", ["127.0.0.1:8710", "localhost", "LOCALHOST:1", "[::1]:8710"])
def test_local_host_names_are_allowed_with_any_port(host: str, client: TestClient) -> None:
    assert client.get("/api/lab", headers={"host": host}).status_code == 200


def test_other_origins_are_forbidden(client: TestClient) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:9999"):
        response = client.post(DRAW, content=draw_three(), headers={"origin": origin})
        assert response.status_code == 403, origin
    own = client.post(DRAW, content=draw_three(), headers={"origin": "http://127.0.0.1"})
    assert own.status_code == 200


def test_invalid_origin_and_length_are_client_errors(client: TestClient) -> None:
    assert client.get("/api/lab", headers={"origin": "http://["}).status_code == 403
    response = client.get("/api/lab", headers={"content-length": "9" * 5_000})
    assert response.status_code == 400


def test_a_body_that_does_not_arrive_times_out(catalog: Catalog) -> None:
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
        await asyncio.Event().wait()  # nothing arrives

    async def send(message: Any) -> None:
        sent.append(message)

    # Playwright leaves an event loop running in the main thread of a worker.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, app(scope, receive, send)).result()
    assert sent[0]["status"] == 408
    assert b"needs to arrive within 0.05 s" in sent[1]["body"]


def test_a_token_is_needed_once(visit: Visit) -> None:
    client = visit(token="secret-token", hosts=None)  # noqa: S106 - a test value
    assert client.get("/").status_code == 401
    assert client.get("/api/lab?token=wrong").status_code == 401
    assert client.get("/?token=secret-token", headers={"host": "lab.example"}).status_code == 200
    assert client.get("/api/lab").status_code == 200  # the token was set as a cookie


def test_cookies_are_http_only_and_same_site(client: TestClient) -> None:
    (cookie,) = client.get("/api/lab").headers.get_list("set-cookie")
    assert cookie.startswith(f"{SESSION}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert not client.get("/api/lab").headers.get_list("set-cookie")


@pytest.mark.parametrize("path", ["/", "/js/main.js", "/api/lab", "/api/nothing", "/nothing"])
def test_every_response_has_security_headers(path: str, client: TestClient) -> None:
    response = client.get(path)
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"


def test_errors_for_missing_pages_are_json(client: TestClient) -> None:
    for path in ("/api/nothing", "/nothing", "/docs", "/redoc"):
        response = client.get(path)
        assert response.status_code == 404
        assert list(response.json()) == ["error", "kind", "name"]
    assert client.put("/api/lab").status_code == 405


def test_a_body_that_is_too_large_is_an_error_with_and_without_length(visit: Visit) -> None:
    client = visit(Limits(body_bytes=1_000, upload_bytes=2_000))
    assert client.post(DRAW, content=b"x" * 1_001).status_code == 413
    assert client.post("/api/picture?network=784-32-10", content=b"x" * 2_001).status_code == 413
    chunks = itertools.repeat(b"x" * 300, 10)  # sent without a content-length
    response = client.post(DRAW, content=chunks)
    assert response.status_code == 413
    assert "at most 1,000 bytes" in response.json()["error"]
    wrong = client.post("/api/steps", content=itertools.repeat(b"[" * 300, 10))
    assert wrong.status_code == 413


def test_too_many_requests_get_429(visit: Visit) -> None:
    client = visit(Limits(requests_per_second=0.001, burst=5))
    statuses = [client.get("/api/opened-run").status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    other = TestClient(client.app, base_url="http://127.0.0.1")  # another session is not affected
    assert other.get("/api/opened-run").status_code == 200


def test_an_invalid_cookie_gets_a_new_session(client: TestClient) -> None:
    for cookie in ("=;;=", f"{SESSION}=stolen", "a=b; " * 500, "\x80\xff"):
        client.cookies.clear()
        headers = [(b"cookie", cookie.encode("latin-1"))]
        assert client.get("/api/lab", headers=headers).status_code == 200
