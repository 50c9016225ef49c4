"""Schemas of request bodies, validated by pydantic and published through OpenAPI."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from glassnet.hyperparameters import Hyperparameter
from glassnet.lab.api.steps import Change
from glassnet.lab.inference.reading import MAX_DRAWING_SIDE
from glassnet.lab.training.options import MAX_LENGTH, OPTIONS, to_json

Name = Annotated[str, Field(min_length=1, max_length=500, description="Name of a network.")]
Part = Literal["train", "validation", "test"]
Without = Annotated[
    str,
    Field(max_length=120, description="Preprocessing stages to leave out, separated by commas."),
]
N_PIXELS = 784


class Body(BaseModel):
    """The JSON body of a request; unknown keys are rejected."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class DrawingQuery(BaseModel):
    """Query parameters for a drawing."""

    network: Name
    side: int = Field(ge=1, le=MAX_DRAWING_SIDE, description="Side of the drawing, in pixels.")
    without: Without = ""
    stages: bool = Field(False, description="Whether to send the stages as pictures.")


Q = TypeVar("Q", bound=BaseModel)


def parse_query(schema: type[Q], query: Mapping[str, str]) -> Q:
    """Parse a query by its schema, or raise as FastAPI does for declared parameters."""
    try:
        return schema.model_validate(dict(query))
    except ValidationError as error:
        details = [
            {**detail, "loc": ("query", *detail["loc"])}
            for detail in error.errors(include_url=False)
        ]
        raise RequestValidationError(details) from None


def describe_query(schema: type[BaseModel]) -> dict[str, Any]:
    """Return the OpenAPI parameters for a query."""
    described = schema.model_json_schema()
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": name in described["required"],
                "schema": parameter,
            }
            for name, parameter in described["properties"].items()
        ]
    }


class ImageChoice(Body):
    """An image, given by part and index in the dataset or by its pixels."""

    part: Part | None = Field(None, description="Set of the dataset: train, validation or test.")
    index: int | None = Field(None, ge=0, le=10_000_000, description="Index in that part.")
    pixels: list[Annotated[int, Field(ge=0, le=255)]] | None = Field(
        None, min_length=N_PIXELS, max_length=N_PIXELS, description="28 x 28 grey values."
    )


class WeightChange(Body):
    """A change to a weight or bias."""

    name: str = Field(max_length=10)
    index: list[Annotated[int, Field(ge=0, le=1_000_000)]] = Field(max_length=2)
    value: float

    def change(self) -> Change:
        """Convert to the type that `trace_step` takes."""
        return Change(self.name, tuple(self.index), self.value)


class StepRequest(Body):
    """A step of gradient descent to trace."""

    network: Name
    image: ImageChoice
    label: int | None = Field(
        None, ge=0, le=999, description="By default the image's label, or the prediction."
    )
    learning_rate: float = Field(0.1, gt=0, le=1_000)
    changes: list[WeightChange] = Field([], max_length=50)


class EvidenceRequest(Body):
    """An image whose classification is to be explained."""

    network: Name
    image: ImageChoice


class RunAction(Body):
    """An action on a run."""

    action: Literal["pause", "resume", "step", "rewind", "learning_rate", "pace"]
    step: int | None = Field(
        None, ge=0, le=10_000_000, description="Step of the snapshot to rewind to."
    )
    learning_rate: float | None = Field(None, gt=0, le=1_000)
    pace: float | None = Field(
        None, ge=0.5, le=1_000, description="Steps per second; null for full speed."
    )


class ErrorResponse(BaseModel):
    """The reason for a failed request."""

    error: str = Field(description="One line.")
    kind: str = Field(description="Key of the reason, for translations.")
    name: str = Field(description="The field with the invalid value, or nothing.")


def make_field(option: Hyperparameter) -> tuple[Any, Any]:
    """Return the annotation and the field for an option, with its declared limits."""
    rules: dict[str, Any] = {}
    element: Any = option.element_type
    if option.choices is not None:
        element = Literal[tuple(option.choices)]
    elif element in (int, float):
        rules = {
            rule: limit
            for rule, limit in {
                "gt": option.above,
                "ge": option.at_least,
                "lt": option.below,
                "le": option.at_most,
            }.items()
            if abs(limit) != float("inf")
        }
        element = Annotated[element, Field(**rules)]
    elif element is not bool:  # settings are sent as text
        element = Annotated[str, Field(max_length=200)]
    annotation = list[element] if option.is_tuple else element
    length: dict[str, Any] = {"max_length": MAX_LENGTH} if option.is_tuple else {}
    default = to_json({option.name: option.default})[option.name]
    annotation = annotation | None if option.is_optional else annotation
    return annotation, Field(default, description=option.help, **length)


_FIELDS: dict[str, Any] = {name: make_field(option) for name, option in OPTIONS.items()}
RunRequest: Any = create_model("RunRequest", __base__=Body, __doc__="Options of a run.", **_FIELDS)
