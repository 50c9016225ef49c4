"""Run routes: start, monitor, pause, step, rewind and delete runs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.exceptions import HTTPException

from glassnet.lab.api.runs import act, describe_run, picture_weights
from glassnet.lab.training.live_run import LiveRun
from glassnet.lab.training.options import TrainingOptions
from glassnet.lab.web.dependencies import AllSessions, OwnSession
from glassnet.lab.web.schemas import RunAction, RunRequest
from glassnet.lab.web.session import Session

router = APIRouter(prefix="/runs", tags=["runs"])
MAX_SINCE = 2**31


@router.get("")
def list_runs(mine: OwnSession, everyone: AllSessions) -> list[dict[str, Any]]:
    """Return the state of all runs in the session, without their curves."""
    return [describe_run(run, everyone.queue, since=MAX_SINCE) for run in list(mine.runs.values())]


@router.post("", status_code=201)
def start_run(body: RunRequest, mine: OwnSession, everyone: AllSessions) -> dict[str, Any]:
    """Start a run, or queue it if others are training."""
    run = everyone.start_run(mine, TrainingOptions.choose(**body.model_dump()))
    return describe_run(run, everyone.queue)


@router.get("/{name}")
def get_run(
    name: str,
    mine: OwnSession,
    everyone: AllSessions,
    since: Annotated[
        int, Query(ge=0, le=MAX_SINCE, description="Number of readings already known.")
    ] = 0,
) -> dict[str, Any]:
    """Return the state of a run with its new readings."""
    return describe_run(_find(mine, name), everyone.queue, since)


@router.post("/{name}")
def act_on_run(
    name: str, body: RunAction, mine: OwnSession, everyone: AllSessions
) -> dict[str, Any]:
    """Pause, resume, step or rewind a run, or change its learning rate or pace."""
    run = _find(mine, name)
    act(run, everyone.queue, **body.model_dump())
    return describe_run(run, everyone.queue)


@router.delete("/{name}", status_code=204)
def end_run(name: str, mine: OwnSession, everyone: AllSessions) -> None:
    """Stop a run and delete it."""
    _find(mine, name)
    everyone.end_run(mine, name)


@router.get("/{name}/weights")
def get_weights(
    name: str,
    mine: OwnSession,
    layer: Annotated[int, Query(ge=1, le=100)] = 1,
    step: Annotated[int | None, Query(ge=0, le=10_000_000)] = None,
) -> Response:
    """Return the weights of the first 64 units in a layer as images.

    Each weight is a signed byte, unit by unit; 127 is the value of the header ``x-largest``.
    """
    pictures = picture_weights(_find(mine, name), layer, step)
    headers = {
        "x-shape": ",".join(map(str, pictures.levels.shape)),
        "x-largest": f"{pictures.largest:.6g}",
    }
    content = pictures.levels.tobytes()
    return Response(content, media_type="application/octet-stream", headers=headers)


def _find(session: Session, name: str) -> LiveRun:
    if name not in session.runs:
        raise HTTPException(404, f"run: {name} no longer exists; start a new one")
    return session.runs[name]
