"""The Lab's server: what the page can ask, over HTTP, in JSON."""

import asyncio
import logging
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from glassnet import __version__
from glassnet.errors import DataNotFoundError, GlassnetError
from glassnet.lab.catalog import Catalog
from glassnet.lab.inference.workers import Workers
from glassnet.lab.web.limits import Limits
from glassnet.lab.web.middleware import LOCAL, AccessMiddleware
from glassnet.lab.web.routes import images, learning, lessons
from glassnet.lab.web.schemas import ErrorResponse
from glassnet.lab.web.sessions import FullError, Sessions
from glassnet.lab.web.shortcut import Shortcut

STATIC = Path(str(files("glassnet") / "lab" / "static"))
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    code: {"model": ErrorResponse, "description": why}
    for code, why in {
        400: "Something in it cannot be used.",
        401: "The token is missing.",
        403: "Asked from elsewhere.",
        404: "There is no such thing, or no longer.",
        408: "It took too long.",
        413: "It is too large.",
        422: "Something in it is not what is needed.",
        429: "Too much at once.",
    }.items()
}
log = logging.getLogger("glassnet.lab")


def create_app(
    catalog: Catalog,
    limits: Limits | None = None,
    *,
    hosts: tuple[str, ...] | None = LOCAL,
    token: str | None = None,
    workers: Workers | None = None,
) -> AccessMiddleware:
    """Put the server together.

    Parameters
    ----------
    catalog : Catalog
        Networks and images.
    limits : Limits, optional
        How much visitors may take.
    hosts : tuple of str or None
        Names under which it may be addressed; None for any.
    token : str or None
        That visitors must show; None for none.
    workers : Workers, optional
        Where drawings are read; by default in threads of this process.

    Returns
    -------
    AccessMiddleware
        An ASGI application.
    """
    limits = limits or Limits()
    workers = workers or Workers(catalog)
    sessions = Sessions(limits, catalog, gives_way=workers.is_busy)

    @asynccontextmanager
    async def _lifespan(app: FastAPI) -> Any:  # noqa: ARG001 - FastAPI's signature
        await workers.start()
        yield
        sessions.close()
        await workers.close()

    app = FastAPI(
        title="The glassnet Lab",
        version=__version__,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
        responses=ERROR_RESPONSES,
    )
    app.state.catalog, app.state.sessions, app.state.limits = catalog, sessions, limits
    app.state.workers, app.state.slots = workers, asyncio.Semaphore(limits.slots)
    app.state.uploads = asyncio.Semaphore(limits.uploads)
    for module in (lessons, images, learning):
        app.include_router(module.router, prefix="/api")
    app.add_exception_handler(GlassnetError, _answer_mistake)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unexpected)
    app.mount("/", StaticFiles(directory=STATIC, html=True))
    inner = Shortcut(app, catalog, workers, limits)
    return AccessMiddleware(inner, sessions, limits, hosts, token)


def _wrong(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": " ".join(message.split())}, status)


def _answer_mistake(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    if isinstance(error, FullError):
        return _wrong(429, str(error))
    return _wrong(404 if isinstance(error, DataNotFoundError) else 400, str(error))


def _answer_invalid(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    first = error.errors()[0]  # type: ignore[attr-defined]  # FastAPI sends only its own here
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return _wrong(422, f"{where}: {first['msg']}")


def _answer_http(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    status = getattr(error, "status_code", 400)
    return _wrong(status, str(getattr(error, "detail", error)))


def _answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    return _wrong(500, f"unexpected {type(error).__name__}; the terminal says more")
