"""Every error that glassnet raises on purpose, and the one style of their messages.

::

    GlassnetError
    ├── ConfigError        (ValueError)   an option or argument that cannot be used
    ├── DataError          (ValueError)   a file or an array that does not hold what it should
    │   └── DataNotFoundError             a dataset that is nowhere to be found
    ├── ShapeError         (ValueError)   an array of the wrong shape
    ├── ModelFileError     (ValueError)   a model file that is damaged, foreign or too new
    ├── StoppedError                      Ctrl-C, after the state was saved
    ├── NotFiniteError     (ArithmeticError)  a training whose numbers left the finite ones
    └── MissingExtraError  (ImportError)  an optional package that is needed and not installed

A message fits on one line and says where, what was needed, what came, and what to do:
``train.csv, row 17, column pixel402: needs a whole number from 0 to 255, got '300'``.
"""

import math
import operator
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")


class GlassnetError(Exception):
    """Anything that glassnet refuses, with a message of one line."""


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
    """A training in which a loss or a parameter became infinite or NaN.

    Parameters
    ----------
    message : str
        One line.
    record : EpochRecord, optional
        Of the epoch that was cut short, as far as it came.

    Attributes
    ----------
    record : EpochRecord or None
        The same.
    """

    def __init__(self, message: str, record: Any = None) -> None:
        super().__init__(message)
        self.record = record


class StoppedError(GlassnetError):
    """A training that was stopped with Ctrl-C, and saved."""


class MissingExtraError(GlassnetError, ImportError):
    """An optional package that is needed and not installed."""


def whole_number(name: str, value: object, least: int) -> int:
    """Refuse what is no whole number, or too small.

    Parameters
    ----------
    name : str
        What the message calls it.
    value : object
        What came; NumPy's integers are whole numbers too.
    least : int
        The smallest that can be used.

    Returns
    -------
    int
        The number.

    Raises
    ------
    ConfigError
        If it cannot be used.
    """
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = least - 1
    if number < least:
        raise ConfigError(f"{name}: needs a whole number, at least {least}, got {value!r}")
    return number


def check_range(name: str, value: float, below: float = math.inf) -> None:
    """Refuse a hyper-parameter that cannot work.

    Parameters
    ----------
    name : str
        What the message calls it.
    value : float
        What came.
    below : float
        It must be smaller than this, and at least 0.

    Raises
    ------
    ConfigError
        If it is not.
    """
    if not 0 <= value < below:
        bound = "" if below == math.inf else f" and below {below:g}"
        raise ConfigError(f"{name}: needs a finite number, at least 0{bound}, got {value}")


def check_positive(name: str, value: float) -> None:
    """Raise ConfigError unless a number is finite and above 0."""
    if not 0 < value < math.inf:
        raise ConfigError(f"{name}: needs a number above 0, got {value}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the known name nearest to `name`, or nothing.

    Parameters
    ----------
    name : str
        What somebody typed.
    known : iterable of str
        What they could have typed.

    Returns
    -------
    str
        A sentence with a leading space, or the empty string.
    """
    nearest = get_close_matches(name, list(known), n=1)
    return f" Did you mean {nearest[0]!r}?" if nearest else ""


def printable(text: str) -> str:
    """Write what a file calls something so that it cannot disturb a terminal or break a line.

    Parameters
    ----------
    text : str
        Anything.

    Returns
    -------
    str
        The same, with control characters as escapes.
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def canonical(family: str, table: Iterable[str], name: str) -> str:
    """Find the name that a user meant; hyphens and capitals do not matter.

    Parameters
    ----------
    family : str
        What the names are names of, in the singular: ``"activation"``.
    table : iterable of str
        The names that exist.
    name : str
        What the user typed.

    Returns
    -------
    str
        The name as the table has it.

    Raises
    ------
    ConfigError
        If no such name exists; the message lists those that do.
    """
    key = str(name).lower().replace("-", "_")
    known = sorted(table)
    if key in known:
        return key
    raise ConfigError(
        f"unknown {family} {name!r}.{did_you_mean(key, known)} Known: {', '.join(known)}"
    )


def lookup(family: str, table: Mapping[str, T], name: str) -> T:
    """Find what a user named.

    Parameters
    ----------
    family : str
        What the table holds, in the singular: ``"activation"``.
    table : mapping of str to object
        What exists, by name.
    name : str
        What the user typed.

    Returns
    -------
    object
        What the table has under that name.

    Raises
    ------
    ConfigError
        If no such name exists; the message lists those that do.
    """
    return table[canonical(family, table, name)]
