"""Overview routes: networks, images and options in the Lab, and the open run."""

from typing import Any

from fastapi import APIRouter

from glassnet.lab.api.overview import describe_lab, describe_opened_run
from glassnet.lab.web.dependencies import TheCatalog

router = APIRouter(tags=["overview"])


@router.get("/lab")
def get_lab(catalog: TheCatalog) -> dict[str, Any]:
    """Return the networks, images, options and experiments in the Lab."""
    return describe_lab(catalog)


@router.get("/opened-run")
def get_opened_run(catalog: TheCatalog) -> dict[str, Any] | None:
    """Return the curves and findings of the run that the Lab was opened with."""
    return describe_opened_run(catalog)
