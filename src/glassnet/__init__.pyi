"""What type checkers see: the public names, from where they are loaded when they are used."""

from glassnet.data.augment import Augment
from glassnet.data.dataset import Dataset, Split
from glassnet.data.sources import load_dataset
from glassnet.data.views import View
from glassnet.diagnosis.finding import Finding
from glassnet.errors import (
    ConfigError,
    DataError,
    DataNotFoundError,
    GlassnetError,
    MissingExtraError,
    ModelFileError,
    NotFiniteError,
    ShapeError,
    StoppedError,
)
from glassnet.evaluation.calibration import (
    choose_threshold,
    expected_calibration_error,
    fit_temperature,
    reliability,
)
from glassnet.evaluation.report import Report, evaluate
from glassnet.models.committee import combine
from glassnet.models.files import load, save
from glassnet.models.member import Member
from glassnet.models.model import Model
from glassnet.nn.adam import Adam, AdamW
from glassnet.nn.gradcheck import GradientReport, check_gradients
from glassnet.nn.losses import cross_entropy, mean_squared_error, one_hot
from glassnet.nn.max_norm import MaxNorm
from glassnet.nn.mlp import mlp
from glassnet.nn.network import Network
from glassnet.nn.record import EpochRecord
from glassnet.nn.schedules import calming, constant, one_cycle, step_decay, warmup_cosine
from glassnet.nn.sgd import SGD
from glassnet.nn.trace import Trace, trace
from glassnet.nn.training import train
from glassnet.runs.diagnosing import diagnose

__version__: str

__all__ = [
    "Adam",
    "AdamW",
    "Augment",
    "ConfigError",
    "DataError",
    "DataNotFoundError",
    "Dataset",
    "EpochRecord",
    "Finding",
    "GlassnetError",
    "GradientReport",
    "MaxNorm",
    "Member",
    "MissingExtraError",
    "Model",
    "ModelFileError",
    "Network",
    "NotFiniteError",
    "Report",
    "SGD",
    "ShapeError",
    "Split",
    "StoppedError",
    "Trace",
    "View",
    "calming",
    "check_gradients",
    "choose_threshold",
    "combine",
    "constant",
    "cross_entropy",
    "diagnose",
    "evaluate",
    "expected_calibration_error",
    "fit_temperature",
    "load",
    "load_dataset",
    "mean_squared_error",
    "mlp",
    "one_cycle",
    "one_hot",
    "reliability",
    "save",
    "step_decay",
    "trace",
    "train",
    "warmup_cosine",
]
