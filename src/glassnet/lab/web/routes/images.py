"""Image routes: classification of drawings and pictures, and images from the dataset."""

from typing import Annotated, Any

import anyio.to_thread
import numpy as np
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.exceptions import HTTPException

from glassnet.errors import ConfigError
from glassnet.lab.api.images import describe_images
from glassnet.lab.api.mistakes import confuse, explain_image
from glassnet.lab.catalog import SIDE, Catalog
from glassnet.lab.inference.reading import Task
from glassnet.lab.inference.workers import Workers
from glassnet.lab.web.dependencies import AllSessions, OwnSession, TheCatalog
from glassnet.lab.web.limits import Limits
from glassnet.lab.web.schemas import (
    DrawingQuery,
    EvidenceRequest,
    ImageChoice,
    Name,
    Part,
    Without,
    describe_query,
    parse_query,
)
from glassnet.types import Array

router = APIRouter(tags=["images"])
BYTES = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}


# Drawings are sent several times a second. Their query is parsed here, because FastAPI's handling
# of parameters and dependencies would take half of the server's time.
@router.post("/drawing", openapi_extra=BYTES | describe_query(DrawingQuery))
async def read_drawing(request: Request) -> Response:
    """Classify a drawing: side x side grey values, one byte each, dark ink on white."""
    query = parse_query(DrawingQuery, request.query_params)
    task = Task(
        content=await request.body(),
        side=query.side,
        without=_names(query.without),
        has_stages=query.stages,
    )
    return await _classify(request, query.network, task)


@router.post("/picture", openapi_extra=BYTES)
async def read_picture(request: Request, network: Name, without: Without = "") -> Response:
    """Classify the digits in an uploaded picture, such as a PNG, JPEG or WebP file."""
    async with request.app.state.uploads:  # bounds the number of large bodies in memory
        task = Task(content=await request.body(), without=_names(without))
        return await _classify(request, network, task)


def _names(without: str) -> tuple[str, ...]:
    return tuple(name for name in without.split(",") if name)


async def _classify(request: Request, network: str, task: Task) -> Response:
    state = request.app.state
    limits: Limits = state.limits
    workers: Workers = state.workers
    is_of_catalog = network in state.catalog.names  # the workers load these themselves
    model = network if is_of_catalog else state.sessions.model(request.state.session, network)
    async with state.slots:
        try:
            answer = await workers.read(model, task, limits.reading_seconds)
        except TimeoutError:
            raise HTTPException(
                408, f"picture: needs to be read within {limits.reading_seconds:g} s"
            ) from None
    return Response(answer, media_type="application/json")


@router.get("/images/{part}/{index}")
def get_image(
    part: Part, index: Annotated[int, Path(ge=0, le=10_000_000)], catalog: TheCatalog
) -> dict[str, Any]:
    """Return an image from the dataset with its label."""
    return describe_images(catalog, part, [index])[0]


@router.get("/images/{part}")
def get_images(
    part: Part,
    catalog: TheCatalog,
    indices: Annotated[
        str,
        Query(pattern=r"^\d{1,8}(,\d{1,8}){0,99}$", description="Indices, separated by commas."),
    ],
) -> list[dict[str, Any]]:
    """Return up to 100 images from the dataset."""
    return describe_images(catalog, part, map(int, indices.split(",")))


@router.get("/mistakes")
def get_mistakes(
    mine: OwnSession, everyone: AllSessions, catalog: TheCatalog, network: Name
) -> dict[str, Any]:
    """Return the confusion matrix for the test images, with the images in each cell."""
    return confuse(everyone.model(mine, network), catalog.require_pictures())


@router.post("/evidence")
async def get_evidence(
    body: EvidenceRequest, mine: OwnSession, everyone: AllSessions, catalog: TheCatalog
) -> dict[str, Any]:
    """Return the attribution of each pixel and the nearest training images."""

    def work() -> dict[str, Any]:
        image, label = find_image(body.image, catalog)
        model = everyone.model(mine, body.network)
        return explain_image(model, image, label, catalog.pictures)

    return await anyio.to_thread.run_sync(work)


def find_image(choice: ImageChoice, catalog: Catalog) -> tuple[Array, int | None]:
    """Return the image in a request, (28, 28) uint8, and its label if known.

    Raises
    ------
    ConfigError
        If the request has neither pixels nor a part and an index.
    """
    if choice.pixels is not None:
        return np.array(choice.pixels, np.uint8).reshape(SIDE, SIDE), None
    if choice.part is None or choice.index is None:
        raise ConfigError("image: needs part and index, or pixels")
    return catalog.require_pictures().image(choice.part, choice.index)
