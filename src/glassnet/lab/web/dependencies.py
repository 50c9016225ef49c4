"""Dependencies: objects that FastAPI passes to the routes."""

from typing import Annotated

from fastapi import Depends, Request

from glassnet.lab.catalog import Catalog
from glassnet.lab.web.session import Session
from glassnet.lab.web.sessions import Sessions


# Coroutines, because FastAPI runs plain functions in threads, one after the other.
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
