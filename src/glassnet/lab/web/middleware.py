"""Access control middleware: checks on the host, origin, token, rate and size of each request."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.exceptions import HTTPException

from glassnet.lab.web.errors import describe_error
from glassnet.lab.web.limits import Limits
from glassnet.lab.web.sessions import FullError, Sessions

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SESSION, TOKEN = "glassnet-session", "glassnet-token"
UPLOADS = "/api/picture"
LOCAL = ("localhost", "127.0.0.1", "[::1]")
# The page loads nothing from other servers; its pictures are drawn from pixels sent as JSON.
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class AccessMiddleware:
    """ASGI middleware that checks each request and attaches its session.

    Parameters
    ----------
    app : callable
        ASGI application to which accepted requests are passed.
    sessions : Sessions
    limits : Limits
    hosts : collection of str, or None
        Host names, without port, that requests may address; None for any, with a token.
    token : str or None
        Token that a browser must send once; None if none is required.
    """

    def __init__(
        self,
        app: App,
        sessions: Sessions,
        limits: Limits,
        hosts: Collection[str] | None = LOCAL,
        token: str | None = None,
    ) -> None:
        self._app, self._sessions, self._limits = app, sessions, limits
        self._hosts, self._token = hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the application, or send an error."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value for name, value in scope["headers"]}
        failure = self._check(scope, headers)
        if failure is not None:
            await _send_error(send, *failure)
            return
        cookies, added = _cookies(headers), list(HEADERS)
        if self._token is not None:
            added.append(_cookie(TOKEN, self._token))
        if scope["path"].startswith("/api/"):
            try:
                session = self._sessions.enter(cookies.get(SESSION))
            except FullError as error:
                await _send_error(send, 429, str(error), error.kind)
                return
            if not self._sessions.spend(session):
                await _send_error(send, 429, "too many requests at once; wait a second")
                return
            scope.setdefault("state", {})["session"] = session
            if session.key != cookies.get(SESSION):
                added.append(_cookie(SESSION, session.key))
            added.append((b"cache-control", b"no-store"))
        else:
            added.append((b"cache-control", b"no-cache"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        await self._app(scope, self._limit_body(scope, receive), send_with_headers)

    def _check(self, scope: Scope, headers: dict[str, bytes]) -> tuple[int, str] | None:
        host = headers.get("host", b"").decode("latin-1")
        if self._hosts is not None and _without_port(host) not in self._hosts:
            return 403, f"host: needs one of {', '.join(sorted(self._hosts))}"
        origin = headers.get("origin", b"").decode("latin-1")
        if origin and _host_of(origin) != host:
            return 403, "origin: needs a page of this server"
        if self._token is not None and not self._has_token(scope, headers):
            return 401, "token: open the address printed by glassnet lab, with its ?token="
        length = headers.get("content-length", b"0")
        if not length.isdigit() or len(length) > 18:  # longer than any valid length
            return 400, "content-length: needs a whole number"
        if int(length) > self._max_bytes(scope):
            return (
                413,
                f"body: needs at most {self._max_bytes(scope):,} bytes, got {int(length):,}",
            )
        return None

    def _has_token(self, scope: Scope, headers: dict[str, bytes]) -> bool:
        in_query = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        in_cookie = _cookies(headers).get(TOKEN, "")
        token = (self._token or "").encode()
        return any(hmac.compare_digest(sent.encode(), token) for sent in (in_query, in_cookie))

    def _max_bytes(self, scope: Scope) -> int:
        is_upload = scope["path"] == UPLOADS
        return self._limits.upload_bytes if is_upload else self._limits.body_bytes

    def _limit_body(self, scope: Scope, receive: Receive) -> Receive:
        """Wrap `receive` to raise if the body is too large or arrives too slowly."""
        left, max_bytes = self._limits.upload_seconds, self._max_bytes(scope)
        n_bytes, is_complete, loop = 0, False, asyncio.get_running_loop()
        until = loop.time() + left

        async def limited() -> Message:
            nonlocal n_bytes, is_complete
            if is_complete:  # the next message is the disconnect
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, f"body: needs to arrive within {left:g} s") from None
            n_bytes += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            if n_bytes > max_bytes:
                raise HTTPException(413, f"body: needs at most {max_bytes:,} bytes")
            return message

        return limited


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # invalid address, such as "http://["
        return ""


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name.lower() if colon and port.isdecimal() else host.lower()


def _cookies(headers: dict[str, bytes]) -> dict[str, str]:
    jar = SimpleCookie()
    try:
        jar.load(headers.get("cookie", b"").decode("latin-1"))
    except Exception:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _cookie(name: str, value: str) -> tuple[bytes, bytes]:
    return b"set-cookie", f"{name}={value}; Path=/; HttpOnly; SameSite=Strict".encode()


async def _send_error(send: Send, status: int, message: str, kind: str | None = None) -> None:
    body = json.dumps(describe_error(status, message, kind=kind)).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
