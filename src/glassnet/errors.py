"""Exceptions, the style of their messages, and range checks.

::

    GlassnetError
    ├── ConfigError        (ValueError)   an option or argument that cannot be used
    ├── DataError          (ValueError)   a file or an array that does not hold what it should
    │   └── DataNotFoundError             a dataset that is nowhere to be found
    ├── ShapeError         (ValueError)   an array of the wrong shape
    ├── ModelFileError     (ValueError)   a model file that is damaged, foreign or too new
    ├── StoppedError                      Ctrl-C, after the state was saved
    ├── NotFiniteError     (ArithmeticError)  the loss or a parameter became infinite or NaN
    └── MissingExtraError  (ImportError)  an optional package that is needed and not installed

A message fits on one line and says where (the parameter, option or file), what was needed, what
was found, and what to do:
``train.csv, row 17, column pixel402: needs a whole number from 0 to 255, got '300'``.
"""

import math
import operator
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")


class GlassnetError(Exception):
    """Base class of glassnet's exceptions; the message has one line."""


class ConfigError(GlassnetError, ValueError):
    """An option or argument that cannot be used."""


class DataError(GlassnetError, ValueError):
    """A file or an array that does not hold what it should."""


class DataNotFoundError(DataError):
    """A dataset that is neither on this machine nor at the path given."""


class ShapeError(GlassnetError, ValueError):
    """An array of the wrong shape."""


class ModelFileError(GlassnetError, ValueError):
    """A model file that is damaged, foreign, or written by a newer glassnet."""


class NotFiniteError(GlassnetError, ArithmeticError):
    """The loss or a parameter became infinite or NaN.

    Attributes
    ----------
    record : EpochRecord or None
        Record of the epoch so far.
    """

    def __init__(self, message: str, record: Any = None) -> None:
        super().__init__(message)
        self.record = record


class StoppedError(GlassnetError):
    """A training run was stopped with Ctrl-C, and saved."""


class MissingExtraError(GlassnetError, ImportError):
    """An optional package that is needed and not installed."""


def whole_number(name: str, value: object, least: int) -> int:
    """Return an integer, NumPy's included, or raise ConfigError if it is below `least`."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = least - 1
    if number < least:
        raise ConfigError(f"{name}: needs a whole number, at least {least}, got {value!r}")
    return number


def check_range(name: str, value: float, below: float = math.inf) -> None:
    """Raise ConfigError unless a number is at least 0 and smaller than `below`."""
    if not 0 <= value < below:
        bound = "" if below == math.inf else f" and below {below:g}"
        raise ConfigError(f"{name}: needs a finite number, at least 0{bound}, got {value}")


def check_positive(name: str, value: float) -> None:
    """Raise ConfigError unless a number is finite and above 0."""
    if not 0 < value < math.inf:
        raise ConfigError(f"{name}: needs a number above 0, got {value}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the known name nearest to `name`, or nothing."""
    nearest = get_close_matches(name, list(known), n=1)
    return f" Did you mean {nearest[0]!r}?" if nearest else ""


def printable(text: str) -> str:
    """Escape the control characters of a text from a file, for a message of one line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def canonical(parameter: str, table: Iterable[str], name: str) -> str:
    """Return the table's form of a name; hyphens and capitals do not matter.

    Parameters
    ----------
    parameter : str
        The parameter or option that the user typed, such as ``"activation"``.

    Raises
    ------
    ConfigError
        If the table has no such name; the message lists those that it has.
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
    """Return the entry of a table under a name, in the form of `canonical`."""
    return table[canonical(parameter, table, name)]
