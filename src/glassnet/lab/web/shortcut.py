"""Shortcut: drawings, of which a visitor sends many a second, past what every other request needs.

A plain request is answered here; whatever is unusual in one (a network that is being trained, a
number out of range, an error) goes on to the route ``/api/drawing``, which says what is wrong.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

from glassnet.errors import GlassnetError
from glassnet.lab.catalog import Catalog
from glassnet.lab.inference.workers import Task, Workers
from glassnet.lab.web.limits import Limits

App = Callable[[Any, Any, Any], Awaitable[None]]
Scope = MutableMapping[str, Any]

PLAIN = frozenset({"network", "side", "without"})


class Shortcut:
    """A way past an application, for drawings.

    Parameters
    ----------
    app : callable
        An ASGI application with a route ``/api/drawing``.
    catalog : Catalog
        Networks.
    workers : Workers
        Where drawings are read.
    limits : Limits
        How long that may take, and how many may come at once.
    """

    def __init__(self, app: App, catalog: Catalog, workers: Workers, limits: Limits) -> None:
        self._app, self._catalog, self._workers, self._limits = app, catalog, workers, limits
        self._n_reading = 0

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer a drawing, or let the request go on as it came."""
        side = self._plain_side(scope)
        if side is None:
            await self._app(scope, receive, send)
            return
        messages: list[Any] = []
        try:
            while not messages or messages[-1].get("more_body"):
                messages.append(await receive())
        except HTTPException as error:  # too long, or too long in coming
            await self._app(scope, _failing(error), send)
            return
        content = b"".join(message.get("body", b"") for message in messages)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        without = tuple(name for name in query.get("without", "").split(",") if name)
        self._n_reading += 1
        try:
            task = Task(content, side, query["network"], without)
            answer = await self._workers.read(task, self._limits.reading_seconds)
        except (GlassnetError, TimeoutError):
            waiting = iter(messages)

            async def again() -> Any:
                return next(waiting, None) or await receive()

            await self._app(scope, again, send)
            return
        finally:
            self._n_reading -= 1
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _plain_side(self, scope: Scope) -> int | None:
        """Return the side of a drawing that can be read here; None for any other request."""
        is_drawing = scope["type"] == "http" and scope["path"] == "/api/drawing"
        if not is_drawing or scope["method"] != "POST" or self._n_reading >= self._limits.slots:
            return None
        pairs = parse_qsl(scope["query_string"].decode("latin-1"))
        query = dict(pairs)
        if len(query) < len(pairs) or not {"network", "side"} <= query.keys() <= PLAIN:
            return None
        side = query["side"]
        is_plain = side.isdecimal() and side.isascii() and len(side) < 4
        return int(side) if is_plain and query["network"] in self._catalog.names else None


def _failing(error: HTTPException) -> Callable[[], Awaitable[Any]]:
    async def receive() -> Any:
        raise error

    return receive
