"""Overview: networks, images, options and experiments in the Lab, and the open run."""

from pathlib import Path
from typing import Any

from glassnet import __version__
from glassnet.data.handwriting.document import OPTIONAL_STEPS
from glassnet.diagnosis.causes import find_causes
from glassnet.diagnosis.experiments import EXPERIMENTS, HEALTHY
from glassnet.lab.api.words import english_words
from glassnet.lab.catalog import Catalog
from glassnet.lab.encoding import finite
from glassnet.lab.training.options import describe_options, to_json
from glassnet.runs.command import changed_command
from glassnet.runs.config import RunConfig
from glassnet.runs.diagnose import read_case
from glassnet.runs.folder import CONFIG

CURVES = ("epoch", "train_loss", "validation_loss", "train_accuracy", "validation_accuracy")


def describe_lab(catalog: Catalog) -> dict[str, Any]:
    """Return the data that the page needs at startup.

    Returns
    -------
    dict
        ``version``, ``networks``, ``first`` (the network selected at startup), ``data`` (None
        without images), ``stages`` of the preprocessing that may be left out, ``options`` of a
        run, ``experiments``, the ``healthy`` options that they change, and the English ``words``
        that the page shares with the terminal.
    """
    return {
        "version": __version__,
        "networks": list(catalog.names),
        "first": catalog.first,
        "data": _describe_data(catalog),
        "stages": list(OPTIONAL_STEPS),
        "options": describe_options(),
        "experiments": [
            {"cause": experiment.cause, "change": to_json(experiment.change)}
            for experiment in EXPERIMENTS.values()
        ],
        "healthy": to_json(HEALTHY),
        "words": english_words(),
    }


def _describe_data(catalog: Catalog) -> dict[str, Any] | None:
    pictures = catalog.pictures
    if pictures is None:
        return None
    parts = ("train", "validation", "test")
    return {
        "name": pictures.name,
        "parts": {part: len(getattr(pictures.dataset, part) or ()) for part in parts},
    }


def describe_opened_run(catalog: Catalog) -> dict[str, Any] | None:
    """Return the ``name``, ``records`` and ``findings`` of the run that the Lab was opened with.

    None if the Lab was opened with a model file or without an argument.
    """
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
