"""Context: what every route is given, and how it waits for work."""

from typing import Annotated

import numpy as np
from fastapi import Depends, Request, Response
from numpy.typing import NDArray
from starlette.exceptions import HTTPException

from glassnet.errors import ConfigError
from glassnet.lab.asked import Picked
from glassnet.lab.limits import Limits
from glassnet.lab.readers import Readers, Task
from glassnet.lab.session import Session
from glassnet.lab.sessions import Sessions
from glassnet.lab.shelf import SIDE, Shelf


# Coroutines, since FastAPI would send plain functions through a thread, one after the other.
async def _session(request: Request) -> Session:
    session: Session = request.state.session
    return session


async def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


async def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf


Mine = Annotated[Session, Depends(_session)]
Everyone = Annotated[Sessions, Depends(_sessions)]
AtHand = Annotated[Shelf, Depends(_shelf)]


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
    readers: Readers = request.app.state.readers
    async with request.app.state.turns:
        try:
            answer = await readers.read(task, limits.reading_seconds)
            return Response(answer, media_type="application/json")
        except TimeoutError:
            raise HTTPException(
                408, f"picture: needs to be read within {limits.reading_seconds:g} s"
            ) from None


def pick(picked: Picked, shelf: Shelf) -> tuple[NDArray[np.uint8], int | None]:
    """Find the image that a request is about.

    Parameters
    ----------
    picked : Picked
        What was asked for.
    shelf : Shelf
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
    return shelf.needed_pictures().image(picked.part, picked.index)
