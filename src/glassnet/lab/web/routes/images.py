"""Routes of images: drawings and pictures to be read, and the data at hand."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request, Response

from glassnet.errors import ConfigError
from glassnet.lab.api.mistakes import confuse, find_evidence, find_nearest
from glassnet.lab.encoding import pack_bytes
from glassnet.lab.inference.workers import Task
from glassnet.lab.web.routes.context import AllSessions, OwnSession, TheCatalog, in_turn, pick
from glassnet.lab.web.schemas import EvidenceRequest, Name, Part

router = APIRouter(tags=["images"])
Without = Annotated[
    str, Query(max_length=120, description="Steps of the preprocessing to leave out, with commas.")
]
BYTES = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}


@router.post("/drawing", openapi_extra=BYTES)
async def read_a_drawing(
    request: Request,
    mine: OwnSession,
    everyone: AllSessions,
    catalog: TheCatalog,
    network: Name,
    side: Annotated[int, Query(ge=1, le=512, description="Of the square, in pixels.")],
    without: Without = "",
    stages: Annotated[bool, Query(description="Whether to send the steps as pictures.")] = False,
) -> Response:
    """Read a drawing: side x side grey values, a byte each, dark ink on white."""
    asked = network if network in catalog.names else everyone.model(mine, network)
    task = Task(await request.body(), side, asked, _names(without), stages)
    return await in_turn(request, task)


@router.post("/picture", openapi_extra=BYTES)
async def read_a_picture(
    request: Request,
    mine: OwnSession,
    everyone: AllSessions,
    catalog: TheCatalog,
    network: Name,
    without: Without = "",
) -> Response:
    """Read an uploaded picture, as a file: PNG, JPEG, WebP, ..."""
    asked = network if network in catalog.names else everyone.model(mine, network)
    async with request.app.state.uploads:  # so many large bodies are in memory at most
        task = Task(await request.body(), None, asked, _names(without))
        return await in_turn(request, task)


def _names(without: str) -> tuple[str, ...]:
    return tuple(name for name in without.split(",") if name)


@router.get("/images/{part}/{index}")
def get_image(
    part: Part, index: Annotated[int, Path(ge=0, le=10_000_000)], catalog: TheCatalog
) -> dict[str, Any]:
    """Return an image of the data at hand, with its label."""
    image, label = catalog.needed_pictures().image(part, index)
    return {"pixels": pack_bytes(image), "label": label, "part": part, "index": index}


@router.get("/images/{part}")
def get_sheet(
    part: Part,
    catalog: TheCatalog,
    indices: Annotated[
        str, Query(pattern=r"^\d{1,8}(,\d{1,8}){0,99}$", description="Which, with commas.")
    ],
) -> list[dict[str, Any]]:
    """Return up to 100 images of the data at hand."""
    pictures, sheet = catalog.needed_pictures(), []
    for index in map(int, indices.split(",")):
        image, label = pictures.image(part, index)
        sheet.append({"pixels": pack_bytes(image), "label": label, "index": index})
    return sheet


@router.get("/mistakes")
def get_mistakes(
    mine: OwnSession, everyone: AllSessions, catalog: TheCatalog, network: Name
) -> dict[str, Any]:
    """Sort the test images by what they are and what they were taken for."""
    return confuse(everyone.model(mine, network), catalog.needed_pictures())


@router.post("/why")
async def explain_image(
    asked: EvidenceRequest, mine: OwnSession, everyone: AllSessions, catalog: TheCatalog
) -> dict[str, Any]:
    """Say which pixels spoke for the answer, and which training images are most alike."""

    def work() -> dict[str, Any]:
        model = everyone.model(mine, asked.network)
        if len(model.members) > 1:
            raise ConfigError("network: an ensemble has no one answer to explain")
        image, label = pick(asked.image, catalog)
        if label is None:
            label = int(model.predict(image[None])[0])
        told = find_evidence(model, image, label)
        nearest = [] if catalog.pictures is None else find_nearest(image, catalog.pictures)
        return told | {"label": label, "nearest": nearest}

    return await anyio.to_thread.run_sync(work)
