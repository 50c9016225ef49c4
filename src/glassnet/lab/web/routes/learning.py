"""Routes of trainings: start, watch, halt, one step, back."""

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Response
from starlette.exceptions import HTTPException

from glassnet.errors import ConfigError
from glassnet.lab.training.live_run import LiveRun
from glassnet.lab.web.routes.context import AllSessions, OwnSession
from glassnet.lab.web.schemas import RunAction, RunRequest
from glassnet.lab.web.session import Session
from glassnet.lab.web.sessions import Sessions

router = APIRouter(prefix="/trainings", tags=["trainings"])
N_UNITS = 64  # of a layer whose weights are sent as pictures


@router.get("")
def list_trainings(mine: OwnSession, everyone: AllSessions) -> list[dict[str, Any]]:
    """Tell how all trainings of this visitor go, without their curves."""
    return [_tell(everyone, one, since=2**31) for one in list(mine.trainings.values())]


@router.post("", status_code=201)
def start_training(asked: RunRequest, mine: OwnSession, everyone: AllSessions) -> dict[str, Any]:
    """Start a training; it waits where two others run."""
    return _tell(everyone, everyone.start_training(mine, asked.knobs()))


@router.get("/{name}")
def watch_training(
    name: str,
    mine: OwnSession,
    everyone: AllSessions,
    since: Annotated[int, Query(ge=0, le=2**31, description="Readings already known.")] = 0,
) -> dict[str, Any]:
    """Tell how a training goes."""
    return _tell(everyone, _find(mine, name), since)


@router.post("/{name}")
def act(name: str, asked: RunAction, mine: OwnSession, everyone: AllSessions) -> dict[str, Any]:
    """Halt a training, let it go on, take one step, go back, or change its rate."""
    training = _find(mine, name)
    if asked.do == "rate":
        if asked.learning_rate is None:
            raise ConfigError("learning_rate: needs a number")
        training.set_learning_rate(asked.learning_rate)
    elif asked.do == "pace":
        training.pace = asked.pace
    elif asked.do == "go":
        training.forget_what_comes()
        everyone.line.enter(training)
    else:
        everyone.line.leave(training)
        if asked.do == "step":
            if training.status != "paused":
                raise ConfigError(f"training: is {training.status}; rewind it to go on")
            training.advance()
        elif asked.do == "rewind":
            if asked.step is None:
                raise ConfigError("step: needs that of a snapshot")
            training.rewind(asked.step)
    return _tell(everyone, training)


@router.delete("/{name}", status_code=204)
def end_training(name: str, mine: OwnSession, everyone: AllSessions) -> None:
    """Halt a training and forget it."""
    _find(mine, name)
    everyone.end_training(mine, name)


@router.get("/{name}/weights")
def get_weights(
    name: str,
    mine: OwnSession,
    layer: Annotated[int, Query(ge=1, le=100)] = 1,
    step: Annotated[int | None, Query(ge=0, le=10_000_000)] = None,
) -> Response:
    """Return the weights of the first 64 units of a layer, as pictures.

    A signed byte for each, unit by unit; 127 is the largest, told in ``x-largest``.
    """
    params = _find(mine, name).model(step).members[0].network.params
    if f"W{layer}" not in params:
        raise ConfigError(f"layer: there is no layer {layer}")
    W = params[f"W{layer}"][:, :N_UNITS].T
    W = np.nan_to_num(W, nan=0.0, posinf=0.0, neginf=0.0)
    largest = float(np.abs(W).max())
    levels = np.rint(W / (largest or 1) * 127).astype(np.int8)
    headers = {"x-shape": ",".join(map(str, W.shape)), "x-largest": f"{largest:.6g}"}
    return Response(levels.tobytes(), media_type="application/octet-stream", headers=headers)


def _find(session: Session, name: str) -> LiveRun:
    if name not in session.trainings:
        raise HTTPException(404, f"training: {name} is no longer here; start it again")
    return session.trainings[name]


def _tell(everyone: Sessions, training: LiveRun, since: int = 0) -> dict[str, Any]:
    return training.tell(since) | {"place": everyone.line.place(training)}
