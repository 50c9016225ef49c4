"""FastAPI application that serves the page and its API."""

import asyncio
import logging
from collections.abc import AsyncIterator
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
from glassnet.errors import DataError, DataNotFoundError, GlassnetError
from glassnet.lab.catalog import Catalog
from glassnet.lab.inference.workers import Workers
from glassnet.lab.web.errors import describe_error
from glassnet.lab.web.limits import Limits
from glassnet.lab.web.middleware import LOCAL, AccessMiddleware
from glassnet.lab.web.routes import images, overview, runs, steps
from glassnet.lab.web.schemas import ErrorResponse
from glassnet.lab.web.sessions import FullError, Sessions

STATIC = Path(str(files("glassnet") / "lab" / "static"))
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    code: {"model": ErrorResponse, "description": reason}
    for code, reason in {
        400: "A value is invalid.",
        401: "The token is missing.",
        403: "The request comes from another host or page.",
        404: "Not found, or already deleted.",
        408: "The time limit was exceeded.",
        413: "The body is too large.",
        422: "The request does not match the schema.",
        429: "Too many requests, or a limit on sessions or runs is reached.",
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
    """Create the Lab's ASGI application.

    Parameters
    ----------
    catalog : Catalog
    limits : Limits, optional
    hosts : tuple of str or None
        Host names that requests may address; None for any.
    token : str or None
        Token that visitors must send; None if none is required.
    workers : Workers, optional
        By default, drawings are classified in threads of this process.
    """
    limits = limits or Limits()
    workers = workers or Workers(catalog)
    sessions = Sessions(limits, catalog, should_yield=workers.is_busy)

    @asynccontextmanager
    async def _lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001 - FastAPI's signature
        await workers.start()
        yield
        sessions.close()
        await workers.close()

    app = FastAPI(
        title="The glassnet Lab",
        version=__version__,
        docs_url=None,  # its page loads scripts from another server
        redoc_url=None,
        lifespan=_lifespan,
        responses=ERROR_RESPONSES,
    )
    app.state.catalog, app.state.sessions, app.state.limits = catalog, sessions, limits
    app.state.workers, app.state.slots = workers, asyncio.Semaphore(limits.slots)
    app.state.uploads = asyncio.Semaphore(limits.uploads)
    for module in (images, runs, steps, overview):  # in order of frequency
        app.include_router(module.router, prefix="/api")
    app.add_exception_handler(GlassnetError, _handle_user_error)
    app.add_exception_handler(RequestValidationError, _handle_invalid_request)
    app.add_exception_handler(HTTPException, _handle_http_error)
    app.add_exception_handler(Exception, _handle_unexpected_error)
    app.mount("/", StaticFiles(directory=STATIC, html=True))
    return AccessMiddleware(app, sessions, limits, hosts, token)


def _error(status: int, message: str, *, kind: str | None = None, name: str = "") -> JSONResponse:
    return JSONResponse(describe_error(status, message, kind=kind, name=name), status)


def _handle_user_error(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    if isinstance(error, FullError):
        return _error(429, str(error), kind=error.kind)
    if isinstance(error, DataNotFoundError):
        return _error(404, str(error), kind="data")
    return _error(400, str(error), kind="picture" if isinstance(error, DataError) else "option")


def _handle_invalid_request(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    first = error.errors()[0]  # type: ignore[attr-defined]  # FastAPI passes only RequestValidationError
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return _error(422, f"{where}: {first['msg']}", name=where)


def _handle_http_error(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    status = getattr(error, "status_code", 400)
    return _error(status, str(getattr(error, "detail", error)))


def _handle_unexpected_error(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    return _error(500, f"unexpected {type(error).__name__}; see the terminal")
