"""glassnet: a feedforward neural network for handwritten digits, from scratch in NumPy.

Public names are imported lazily: each is loaded from its module on first use. Type checkers read
them from ``__init__.pyi``; a test compares the two.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_NAMES = {
    "data.dataset": "Dataset Split",
    "data.sources.load": "load_dataset",
    "data.transforms.augment": "Augment",
    "data.transforms.preprocessing": "Preprocessing",
    "diagnosis.finding": "Finding",
    "errors": (
        "ConfigError DataError DataNotFoundError GlassnetError "
        "MissingExtraError ModelFileError NotFiniteError ShapeError StoppedError"
    ),
    "evaluation.calibration": "choose_threshold fit_temperature",
    "evaluation.reliability_bin": "expected_calibration_error reliability",
    "evaluation.report": "Report evaluate",
    "models.ensemble": "ensemble",
    "models.files": "load save",
    "models.member": "Member",
    "models.model": "Model",
    "nn.checking.gradient_check": "GradientReport check_gradients",
    "nn.layers.batch_norm": "BatchNorm",
    "nn.layers.dense": "Dense",
    "nn.layers.dropout": "Dropout",
    "nn.layers.gaussian_noise": "GaussianNoise",
    "nn.layers.layer": "Layer",
    "nn.layers.scale": "Scale",
    "nn.losses": "cross_entropy mean_squared_error one_hot",
    "nn.mlp": "mlp",
    "nn.monitoring.epoch_record": "EpochRecord",
    "nn.network": "Network",
    "nn.optimizers": "SGD Adam AdamW MaxNorm",
    "nn.schedules": "augment_decay constant one_cycle step_decay warmup_cosine",
    "nn.tracing.trace": "Trace trace",
    "nn.training": "train",
    "runs.diagnose": "diagnose",
}
_PACKAGES = {module.partition(".")[0] for module in _NAMES}
_HOMES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return import_module(f"glassnet.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'glassnet' has no attribute {name!r}")
    value = getattr(import_module(f"glassnet.{_HOMES[name]}"), name)
    globals()[name] = value  # cached: __getattr__ is not called again
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_PACKAGES, "__version__"})
