"""Context: what every route is given, and how it waits for work."""

from typing import Annotated

import numpy as np
from fastapi import Depends, Request, Response
from numpy.typing import NDArray
from starlette.exceptions import HTTPException

from glassnet.errors import ConfigError
from glassnet.lab.catalog import SIDE, Catalog
from glassnet.lab.inference.workers import Task, Workers
from glassnet.lab.web.limits import Limits
from glassnet.lab.web.schemas import ImageChoice
from glassnet.lab.web.session import Session
from glassnet.lab.web.sessions import Sessions


# Coroutines, since FastAPI would send plain functions through a thread, one after the other.
async def _session(request: Request) -> Session:
    session: Session = request.state.session
    return session


async def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


async def _catalog(request: Request) -> Catalog:
    catalog: Catalog = request.app.state.catalog
    return catalog


OwnSession = Annotated[Session, Depends(_session)]
AllSessions = Annotated[Sessions, Depends(_sessions)]
TheCatalog = Annotated[Catalog, Depends(_catalog)]


async def in_turn(request: Request, task: Task) -> Response:
    """Let a drawing or a picture be read, as soon as there is a turn.

    Parameters
    ----------
    request : Request
        That asked for it.
    task : Task
        What to read.

    Returns
    -------
    Response
        JSON.

    Raises
    ------
    HTTPException
        If it takes too long: 408.
    """
    limits: Limits = request.app.state.limits
    workers: Workers = request.app.state.workers
    async with request.app.state.slots:
        try:
            answer = await workers.read(task, limits.reading_seconds)
            return Response(answer, media_type="application/json")
        except TimeoutError:
            raise HTTPException(
                408, f"picture: needs to be read within {limits.reading_seconds:g} s"
            ) from None


def pick(picked: ImageChoice, catalog: Catalog) -> tuple[NDArray[np.uint8], int | None]:
    """Find the image that a request is about.

    Parameters
    ----------
    picked : ImageChoice
        What was asked for.
    catalog : Catalog
        Images.

    Returns
    -------
    image : ndarray of uint8, (28, 28)
        Grey values.
    label : int or None
        What it shows, where that is known.

    Raises
    ------
    ConfigError
        If it is neither pixels nor an image at hand.
    """
    if picked.pixels is not None:
        return np.array(picked.pixels, np.uint8).reshape(SIDE, SIDE), None
    if picked.part is None or picked.index is None:
        raise ConfigError("image: needs part and index, or pixels")
    return catalog.needed_pictures().image(picked.part, picked.index)
