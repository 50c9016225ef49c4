"""Step routes: trace a step of gradient descent and explain its values."""

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Response
from starlette.exceptions import HTTPException

from glassnet.lab.api.steps import describe_explanation, describe_trace, trace_step
from glassnet.lab.web.dependencies import AllSessions, OwnSession, TheCatalog
from glassnet.lab.web.routes.images import find_image
from glassnet.lab.web.schemas import StepRequest
from glassnet.lab.web.session import Session
from glassnet.nn.tracing.trace import Trace

router = APIRouter(prefix="/steps", tags=["steps"])
Index = Annotated[
    str, Query(pattern=r"^(\d{1,7}(,\d{1,7})?)?$", description="Index of the value, such as 0,17.")
]
Quantity = Annotated[str, Query(max_length=20, description="Name, such as z1, dW2 or W1_after.")]


@router.post("")
def take_step(
    body: StepRequest, mine: OwnSession, everyone: AllSessions, catalog: TheCatalog
) -> dict[str, Any]:
    """Trace one step of gradient descent and store the trace in the session."""
    model = everyone.model(mine, body.network)
    image, label = find_image(body.image, catalog)
    if body.label is not None:
        label = body.label
    if label is None:
        label = int(model.predict(image[None])[0])
    changes = [change.change() for change in body.changes]
    step = trace_step(model, image, label, body.learning_rate, changes)
    name = everyone.keep_trace(mine, step)
    return {"id": name, "label": label, **describe_trace(step)}


@router.get("/{name}/arrays/{quantity}")
def get_array(name: str, quantity: str, mine: OwnSession) -> Response:
    """Return an array as little-endian float32, row by row."""
    values = _find(mine, name)[quantity]
    return Response(
        np.ascontiguousarray(values, "<f4").tobytes(),
        media_type="application/octet-stream",
        headers={"x-shape": ",".join(map(str, values.shape))},
    )


@router.get("/{name}/explanation")
def explain_value(
    name: str,
    quantity: Quantity,
    mine: OwnSession,
    index: Index = "",
    n_inputs: Annotated[int, Query(ge=1, le=800)] = 24,
) -> dict[str, Any]:
    """Explain one value: the terms it is computed from and the values computed from it."""
    step = _find(mine, name)
    return describe_explanation(step.explain(quantity, _parse(index), n_inputs=n_inputs))


@router.get("/{name}/perturbation")
def perturb_parameter(
    name: str,
    quantity: Quantity,
    mine: OwnSession,
    index: Index = "",
    eps: Annotated[float, Query(gt=0, le=10)] = 1e-4,
) -> dict[str, Any]:
    """Compare a central difference of the loss with the gradient from backpropagation."""
    return _find(mine, name).perturb(quantity, _parse(index), eps).to_dict()


def _parse(index: str) -> tuple[int, ...]:
    return tuple(int(part) for part in index.split(",") if part)


def _find(session: Session, name: str) -> Trace:
    if name not in session.traces:
        raise HTTPException(404, f"step: {name} no longer exists; take the step again")
    return session.trace(name)
