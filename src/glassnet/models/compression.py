"""Compression: weights as float16, or as int8 with one scale per unit.

A weight w is stored as q = round(w / s), where s is the unit's largest absolute weight divided by
127, so that |w - q s| is at most s / 2. Each s is rounded to 16 significant bits: then q s is exact
in float32, and compressing the expanded weights again gives the same bytes.
"""

from typing import Any

import numpy as np

from glassnet.errors import ConfigError, canonical
from glassnet.types import Array, Arrays

STORED_DTYPES = ("float32", "float16", "int8")
MAX_BYTE = 127
MIN_SCALE = float(np.finfo(np.float32).tiny)  # smaller numbers are subnormal in float32


def compress(params: Arrays, dtype: str) -> Arrays:
    """Compress the parameters of a network for inference.

    Parameters
    ----------
    params : dict of str to ndarray
        Weights and biases: ``W1``, ``b1``, ``W2``, ...
    dtype : str
        ``"float32"``, ``"float16"`` or ``"int8"``. For int8 the result also has the scales of the
        units, ``scale1``, (n_out,) float32, and biases are float32.

    Raises
    ------
    ConfigError
        If the dtype is unknown, or a value is out of its range.
    """
    dtype = canonical("dtype", STORED_DTYPES, dtype)
    stored: Arrays = {}
    with np.errstate(over="ignore", invalid="ignore"):  # reported below
        for name, theta in params.items():
            if dtype == "int8" and name.startswith("W"):
                stored[name], stored[scale_of(name)] = _to_bytes(theta)
            else:
                stored[name] = theta.astype(np.float32 if dtype == "int8" else dtype)
    for name, theta in expand(stored, np.float32).items():
        if not np.isfinite(theta).all():
            raise ConfigError(f"model: {name} has values out of range for {dtype}")
    return stored


def expand(stored: Arrays, dtype: Any) -> Arrays:
    """Restore parameters from the result of `compress`, as new arrays of the given dtype."""
    params: Arrays = {}
    with np.errstate(over="ignore", invalid="ignore"):  # checked by the caller
        for name, theta in stored.items():
            if not name.startswith("scale"):
                s = stored[scale_of(name)] if theta.dtype == np.int8 else None
                params[name] = (theta if s is None else theta * s).astype(dtype)
    return params


def scale_of(name: str) -> str:
    """Return the name of the scales for a weight matrix: ``"scale1"`` for ``"W1"``."""
    return name.replace("W", "scale")


def _to_bytes(W: Array) -> tuple[Array, Array]:
    """Quantise a weight matrix to int8, and return it with its scales, (n_out,) float32."""
    W = W.astype(float)
    fraction, exponent = np.frexp(np.abs(W).max(axis=0) / MAX_BYTE)
    s = np.maximum(np.ldexp(np.rint(np.ldexp(fraction, 16)), exponent - 16), MIN_SCALE)
    return np.rint(W / s).astype(np.int8), s.astype(np.float32)
