"""JSON values: conversion from parsed JSON to dataclasses."""

from dataclasses import is_dataclass
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from glassnet.hyperparameters import union_members


def from_json(type_: Any, value: Any) -> Any:
    """Convert parsed JSON to an annotated type, without converting numbers or strings.

    Parameters
    ----------
    type_ : type
        A bool, int, float, str, tuple or dataclass of these, or a union with None or a literal.

    Raises
    ------
    TypeError, ValueError
        If the value does not fit the type.
    """
    members = union_members(type_)
    if len(members) > 1:
        if value is None and NoneType in members:
            return None
        literals = [m for m in members if get_origin(m) is Literal]
        if any(value in get_args(literal) for literal in literals if isinstance(value, str)):
            return value
        (type_,) = (m for m in members if m is not NoneType and m not in literals)
    if get_origin(type_) is tuple:
        types = get_args(type_)
        if not isinstance(value, list):
            raise TypeError(f"needs a list, got {value!r}")
        if Ellipsis in types:
            types = types[:1] * len(value)
        return tuple(from_json(t, element) for t, element in zip(types, value, strict=True))
    if isinstance(type_, type) and is_dataclass(type_):
        types_by_name = get_type_hints(type_)
        items = dict(value).items()
        return type_(**{n: from_json(types_by_name.get(n, object), v) for n, v in items})
    allowed = (int, float) if type_ is float else type_
    if not isinstance(value, allowed) or (isinstance(value, bool) and type_ in (int, float)):
        raise TypeError(f"needs {type_.__name__}, got {value!r}")
    return value
