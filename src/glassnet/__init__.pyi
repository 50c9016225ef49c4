"""Public names for type checkers, imported from the modules that define them."""

from glassnet.data.dataset import Dataset, Split
from glassnet.data.sources.load import load_dataset
from glassnet.data.transforms.augment import Augment
from glassnet.data.transforms.preprocessing import Preprocessing
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
from glassnet.evaluation.calibration import choose_threshold, fit_temperature
from glassnet.evaluation.reliability_bin import expected_calibration_error, reliability
from glassnet.evaluation.report import Report, evaluate
from glassnet.models.ensemble import ensemble
from glassnet.models.files import load, save
from glassnet.models.member import Member
from glassnet.models.model import Model
from glassnet.nn.checking.gradient_check import GradientReport, check_gradients
from glassnet.nn.layers.batch_norm import BatchNorm
from glassnet.nn.layers.dense import Dense
from glassnet.nn.layers.dropout import Dropout
from glassnet.nn.layers.gaussian_noise import GaussianNoise
from glassnet.nn.layers.layer import Layer
from glassnet.nn.layers.scale import Scale
from glassnet.nn.losses import cross_entropy, mean_squared_error, one_hot
from glassnet.nn.mlp import mlp
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.nn.network import Network
from glassnet.nn.optimizers import SGD, Adam, AdamW, MaxNorm
from glassnet.nn.schedules import augment_decay, constant, one_cycle, step_decay, warmup_cosine
from glassnet.nn.tracing.trace import Trace, trace
from glassnet.nn.training import train
from glassnet.runs.diagnose import diagnose

__version__: str

__all__ = [
    "Adam",
    "AdamW",
    "Augment",
    "BatchNorm",
    "ConfigError",
    "DataError",
    "DataNotFoundError",
    "Dataset",
    "Dense",
    "Dropout",
    "EpochRecord",
    "Finding",
    "GaussianNoise",
    "GlassnetError",
    "GradientReport",
    "Layer",
    "MaxNorm",
    "Member",
    "MissingExtraError",
    "Model",
    "ModelFileError",
    "Network",
    "NotFiniteError",
    "Preprocessing",
    "Report",
    "SGD",
    "Scale",
    "ShapeError",
    "Split",
    "StoppedError",
    "Trace",
    "augment_decay",
    "check_gradients",
    "choose_threshold",
    "constant",
    "cross_entropy",
    "diagnose",
    "ensemble",
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
