"""Routes of the lessons: what is here, and one step with every number."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Response
from starlette.exceptions import HTTPException

from glassnet import __version__
from glassnet.data.handwriting.document import OPTIONAL_STEPS
from glassnet.diagnosis.causes import find_causes
from glassnet.diagnosis.experiments import EXPERIMENTS, HEALTHY
from glassnet.lab.api.stepping import tell_derivation, tell_trace, trace_step
from glassnet.lab.encoding import finite
from glassnet.lab.web.routes.context import AllSessions, OwnSession, TheCatalog, pick
from glassnet.lab.web.schemas import StepRequest
from glassnet.lab.web.session import Session
from glassnet.nn.tracing.trace import Trace
from glassnet.runs.command import changed_command
from glassnet.runs.config import RunConfig
from glassnet.runs.diagnose import read_case
from glassnet.runs.folder import CONFIG

router = APIRouter(tags=["lessons"])
Place = Annotated[str, Query(pattern=r"^(\d{1,7}(,\d{1,7})?)?$", description="Indices: 0,17.")]
CURVES = ("epoch", "train_loss", "validation_loss", "train_accuracy", "validation_accuracy")
Quantity = Annotated[str, Query(max_length=20, description="z1, dW2, W1_after, ...")]


@router.get("/lab")
def tell_lab(catalog: TheCatalog) -> dict[str, Any]:
    """Tell what is here: networks, images, experiments."""
    pictures = catalog.pictures
    return {
        "version": __version__,
        "networks": list(catalog.names),
        "first": catalog.first,
        "data": None
        if pictures is None
        else {
            "name": pictures.name,
            "parts": {
                part: len(getattr(pictures.dataset, part) or ())
                for part in ("train", "validation", "test")
            },
        },
        "stages": list(OPTIONAL_STEPS),
        "experiments": [
            {"cause": one.cause, "says": one.description, "change": _plain(one.change)}
            for one in EXPERIMENTS.values()
        ],
        "healthy": _plain(HEALTHY),
    }


def _plain(change: Any) -> dict[str, Any]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in change.items()}


@router.get("/run")
def tell_run(catalog: TheCatalog) -> dict[str, Any] | None:
    """Tell the run with which the Lab was opened: its curves, and what is wrong with it."""
    folder = None if catalog.given is None else Path(catalog.given)
    if folder is None or not (folder / CONFIG).is_file():
        return None
    config, case = RunConfig.read(folder / CONFIG), read_case(folder)
    return {
        "name": folder.name,
        "records": [
            {name: finite(getattr(record, name)) for name in CURVES} for record in case.records
        ],
        "findings": [
            finding.to_dict() | {"command": changed_command(config, finding.change)}
            for finding in find_causes(case)
        ],
    }


@router.post("/steps")
def take_step(
    asked: StepRequest, mine: OwnSession, everyone: AllSessions, catalog: TheCatalog
) -> dict[str, Any]:
    """Take one step of gradient descent, and keep every number of it for a while."""
    model = everyone.model(mine, asked.network)
    image, label = pick(asked.image, catalog)
    if asked.label is not None:
        label = asked.label
    if label is None:
        label = int(model.predict(image[None])[0])
    changes = [one.change() for one in asked.changes]
    step = trace_step(model, image, label, asked.learning_rate, changes)
    name = everyone.keep_trace(mine, step)
    return {"id": name, "label": label, **tell_trace(step)}


@router.get("/steps/{name}/arrays/{quantity}")
def get_array(name: str, quantity: str, mine: OwnSession) -> Response:
    """Return all numbers of a quantity, as little-endian float32, row by row: for pictures."""
    numbers = _find(mine, name)[quantity]
    return Response(
        np.ascontiguousarray(numbers, "<f4").tobytes(),
        media_type="application/octet-stream",
        headers={"x-shape": ",".join(map(str, numbers.shape))},
    )


@router.get("/steps/{name}/entry")
def explain_entry(
    name: str,
    quantity: Quantity,
    mine: OwnSession,
    index: Place = "",
    n_inputs: Annotated[int, Query(ge=1, le=800)] = 24,
) -> dict[str, Any]:
    """Say where a number comes from, and where it goes."""
    return tell_derivation(_find(mine, name).explain(quantity, _place(index), n_inputs=n_inputs))


@router.get("/steps/{name}/perturb")
def perturb(
    name: str,
    quantity: Quantity,
    mine: OwnSession,
    index: Place = "",
    eps: Annotated[float, Query(gt=0, le=10)] = 1e-4,
) -> dict[str, Any]:
    """Move a weight a little, each way, and see what the loss does."""
    told = _find(mine, name).perturb(quantity, _place(index), eps)
    return told.to_dict()


def _place(index: str) -> tuple[int, ...]:
    return tuple(int(part) for part in index.split(",") if part)


def _find(session: Session, name: str) -> Trace:
    if name not in session.traces:
        raise HTTPException(404, f"step: {name} is no longer kept; take it again")
    return session.trace(name)
