"""Asked: what the page may send, checked by pydantic, and what OpenAPI says of it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from glassnet.lab.api.stepping import Change
from glassnet.lab.training.options import TrainingOptions

Name = Annotated[str, Field(min_length=1, max_length=500, description="A network's name.")]
Part = Literal["train", "validation", "test"]
Units = Annotated[int, Field(ge=1, le=256)]
N_PIXELS = 784


class Body(BaseModel):
    """What a request brings; nothing else may be in it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ImageChoice(Body):
    """An image: one of the data at hand, or pixels."""

    part: Part | None = Field(None, description="Of the data at hand.")
    index: int | None = Field(None, ge=0, le=10_000_000, description="In that part.")
    pixels: list[Annotated[int, Field(ge=0, le=255)]] | None = Field(
        None, min_length=N_PIXELS, max_length=N_PIXELS, description="28 x 28 grey values."
    )


class WeightChange(Body):
    """A weight or bias that is set by hand."""

    name: str = Field(max_length=10)
    index: list[Annotated[int, Field(ge=0, le=1_000_000)]] = Field(max_length=2)
    value: float

    def change(self) -> Change:
        """Return it as the tracer takes it."""
        return Change(self.name, tuple(self.index), self.value)


class StepRequest(Body):
    """One step of gradient descent, to be looked at."""

    network: Name
    image: ImageChoice
    label: int | None = Field(
        None, ge=0, le=999, description="Left out: the image's own, or the answer."
    )
    learning_rate: float = Field(0.1, gt=0, le=1_000)
    changes: list[WeightChange] = Field([], max_length=50)


class EvidenceRequest(Body):
    """An image, and why it was read as it was."""

    network: Name
    image: ImageChoice


class RunRequest(Body):
    """A training."""

    hidden: list[Units] = Field([32], max_length=8)
    activation: Literal["relu", "sigmoid", "tanh", "gelu"] = "relu"
    initializer: Literal["he", "glorot", "small", "zeros"] = "he"
    optimizer: Literal["sgd", "nesterov", "adam", "adamw"] = "sgd"
    learning_rate: float = Field(0.1, gt=0, le=1_000)
    batch_size: int = Field(64, ge=1, le=1_024)
    epochs: int = Field(6, ge=1, le=100)
    n_train: int = Field(60_000, ge=100, le=60_000)
    seed: int = Field(0, ge=0, le=2**31 - 1)
    experiment: str | None = Field(None, max_length=40, description="How to break it.")

    def knobs(self) -> TrainingOptions:
        """Return them as a training takes them."""
        return TrainingOptions(**self.model_dump() | {"hidden": tuple(self.hidden)})


class RunAction(Body):
    """What to do with a training."""

    do: Literal["pause", "go", "step", "rewind", "rate", "pace"]
    step: int | None = Field(None, ge=0, le=10_000_000, description="Where to rewind to.")
    learning_rate: float | None = Field(None, gt=0, le=1_000)
    pace: float | None = Field(None, ge=0.5, le=1_000, description="Steps a second; null for all.")


class ErrorResponse(BaseModel):
    """Why a request was not answered."""

    error: str
