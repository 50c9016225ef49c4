"""Hyper-parameters: each one declared once, as a dataclass field.

Validation, command-line options, the command that reproduces a run, ``config.json`` and the table
in ``docs/hyperparameters.md`` all derive from the declaration (type, default, help, and range or
choices).
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from numbers import Integral, Real
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from glassnet.errors import ConfigError, canonical

NOUNS = {bool: "true or false", int: "a whole number", float: "a number", str: "a name"}
PLURALS = {int: "whole numbers", float: "numbers", str: "names"}


def declare(help: str, **rules: Any) -> dict[str, Any]:  # noqa: A002 (Typer's word)
    """Return the dataclass field metadata that declares a hyper-parameter.

    Parameters
    ----------
    help : str
        One sentence for ``--help`` and the table; the choices are appended to it.
    **rules : object
        Further fields of `Hyperparameter`: ``choices``, ``above``, ``at_least``, ``below``,
        ``at_most``, ``normalize``, ``forms``, ``has_option``.
    """
    return {"help": help, **rules}


@dataclass(frozen=True, kw_only=True)
class Hyperparameter:
    """Declaration of a hyper-parameter, read from a dataclass field.

    Parameters
    ----------
    type : object
        The field's annotation: a bool, int, float, str or dataclass of numbers, a tuple of one of
        the first four, or a union of these with None or a literal word.
    help : str
        The meaning, in one sentence.
    default : object
        The field's default, or ``dataclasses.MISSING``.
    choices : iterable of str, optional
        Valid values of a hyper-parameter that is a name.
    above, at_least, below, at_most : float
        Range of a number, or of each number of a tuple.
    normalize : callable, optional
        Validates a name and returns its canonical form.
    forms : str
        Description of the names that `normalize` accepts.
    has_option : bool
        Whether ``glassnet train`` has an option for it.
    """

    name: str
    type: Any
    help: str
    default: Any = MISSING
    choices: Iterable[str] | None = None
    above: float = -math.inf
    at_least: float = -math.inf
    below: float = math.inf
    at_most: float = math.inf
    normalize: Callable[[str], str] | None = None
    forms: str = ""
    has_option: bool = True

    @property
    def members(self) -> tuple[Any, ...]:
        """The members of the union type, or only the type itself."""
        return union_members(self.type)

    @property
    def is_optional(self) -> bool:
        """Whether the value may be None."""
        return NoneType in self.members

    @property
    def words(self) -> tuple[str, ...]:
        """The literal words accepted instead of a number, such as ``full``."""
        return tuple(w for m in self.members if get_origin(m) is Literal for w in get_args(m))

    @property
    def main_type(self) -> Any:
        """The type without None or literal words."""
        return next(m for m in self.members if m is not NoneType and get_origin(m) is not Literal)

    @property
    def is_tuple(self) -> bool:
        """Whether the value is a tuple."""
        return get_origin(self.main_type) is tuple

    @property
    def element_type(self) -> Any:
        """The type of a tuple's elements, or of the value itself."""
        return get_args(self.main_type)[0] if self.is_tuple else self.main_type

    @property
    def accepts_none(self) -> bool:
        """Whether the text ``none`` is valid: no value, or an empty tuple."""
        return self.is_optional or (self.is_tuple and self.choices is None)

    @property
    def range(self) -> str:
        """Description of the valid values: ``"a number, at least 0 and below 1, or none"``."""
        if self.choices is not None:
            return f"{'any' if self.is_tuple else 'one'} of {', '.join(self.choices)}"
        if self.forms:
            noun = self.forms
        elif is_dataclass(self.element_type):
            settings = _settings(self.element_type)
            noun = f"numbers such as {','.join(f'{name}=1' for name in list(settings)[:2])}"
        else:
            noun = (PLURALS if self.is_tuple else NOUNS)[self.element_type]
        low = f" above {self.above:g}" if self.above > -math.inf else ""
        low = low or (f", at least {self.at_least:g}" if self.at_least > -math.inf else "")
        if self.at_most < math.inf:
            is_closed = self.at_least > -math.inf
            low = f" from {self.at_least:g}" if is_closed else f"{low} and"
            low += f" {'to' if is_closed else 'at most'} {self.at_most:g}"
        high = f" and below {self.below:g}" if self.below < math.inf else ""
        words = [repr(word) for word in self.words] + ["none"] * self.accepts_none
        return ", or ".join([f"{noun}{low}{high}", *words])

    def check(self, value: Any) -> None:
        """Raise ConfigError if the value has the wrong type or is out of range."""
        if (value is None and self.is_optional) or (isinstance(value, str) and value in self.words):
            return
        elements = value if self.is_tuple else (value,)
        if not isinstance(elements, tuple):
            raise self._error(value)
        for element in elements:
            if self.choices is not None:
                canonical(self.name, self.choices, element)
            elif self.normalize is not None:
                self.normalize(element)
            elif not self._is_in_range(element):
                raise self._error(value)

    def _is_in_range(self, value: Any) -> bool:
        if self.element_type not in (int, float):
            return isinstance(value, self.element_type)
        number: Any = Integral if self.element_type is int else Real
        if not isinstance(value, number) or isinstance(value, bool):
            return False
        # math.isfinite would raise OverflowError for a 400-digit int.
        is_finite = -math.inf < value < math.inf
        is_inside = self.above < value < self.below and self.at_least <= value <= self.at_most
        return bool(is_finite and is_inside)

    def complete(self, value: Any) -> Any:
        """Convert a user's value to the form stored in a recipe: parse text and normalise names."""
        if isinstance(value, str) and self.main_type is not str:
            value = self.parse(value)
        if not self.is_tuple:
            return self._complete_element(value)
        return tuple(self._complete_element(element) for element in value)

    def _complete_element(self, value: Any) -> Any:
        if self.choices is not None:
            value = canonical(self.name, self.choices, value)
        return value if self.normalize is None else self.normalize(value)

    def parse(self, text: str) -> Any:
        """Parse the text of an option, such as ``256,128``, ``full`` or ``none``."""
        key = text.strip().lower()
        if key in self.words:
            return key
        if key == "none" and self.accepts_none:
            return () if self.is_tuple else None
        if is_dataclass(self.element_type):
            return self._parse_settings(text)
        try:
            if self.element_type is bool:
                return ("false", "true").index(key) == 1
            if self.is_tuple:
                return tuple(self.element_type(part.strip()) for part in text.split(","))
            return self.element_type(text)
        except ValueError:
            raise self._error(text) from None

    def _parse_settings(self, text: str) -> Any:
        """Parse text such as ``rotation=10,group=2`` into a dataclass of numbers."""
        known = _settings(self.element_type)
        settings: dict[str, float] = {}
        for part in text.split(","):
            name, _, number = (piece.strip() for piece in part.partition("="))
            name = canonical(f"{self.name} setting", known, name)
            try:
                settings[name] = known[name](number)
            except ValueError:
                raise self._error(text) from None
        return self.element_type(**settings)

    def format(self, value: Any) -> str:
        """Format a value as the text of an option (the inverse of `complete`)."""
        if value is None:
            return "none"
        if isinstance(value, tuple):
            return ",".join(map(str, value)) or "none"
        if is_dataclass(value):
            usual = {f.name: f.default for f in fields(value)}
            numbers = {name: getattr(value, name) for name in _settings(type(value))}
            changed = {n: v for n, v in numbers.items() if v != usual[n]}
            shown = changed or dict([next(iter(numbers.items()))])
            return ",".join(f"{name}={number}" for name, number in shown.items())
        return repr(value) if isinstance(value, float) else str(value)

    def _error(self, value: Any) -> ConfigError:
        shown = self.format(value) if isinstance(value, tuple) else repr(value)
        return ConfigError(f"{self.name}: needs {self.range}, got {shown}")


def hyperparameters(owner: type) -> Mapping[str, Hyperparameter]:
    """Return the hyper-parameters that a dataclass declares, by name and in field order."""
    return _read_fields(owner)


@cache
def _read_fields(owner: Any) -> Mapping[str, Hyperparameter]:
    types = get_type_hints(owner)
    declared = {
        field.name: Hyperparameter(
            name=field.name, type=types[field.name], default=field.default, **field.metadata
        )
        for field in fields(owner)
        if "help" in field.metadata
    }
    return MappingProxyType(declared)


def union_members(type_: Any) -> tuple[Any, ...]:
    """Return the members of a union type, or a tuple of the type itself."""
    return get_args(type_) if get_origin(type_) in (Union, UnionType) else (type_,)


def _settings(owner: Any) -> dict[str, type]:
    """Return the types of the numeric fields of a dataclass, by name."""
    return {name: t for name, t in get_type_hints(owner).items() if t in (int, float)}
