"""Encoding: arrays as text that JSON can carry, and numbers that JSON knows."""

import base64
import math
from typing import Any

import numpy as np

from glassnet.nn.network import Network
from glassnet.types import Array


def pack_bytes(pixels: Array) -> str:
    """Write grey values as base64.

    Parameters
    ----------
    pixels : ndarray of uint8
        Row by row.

    Returns
    -------
    str
        Four characters for three pixels.
    """
    return base64.b64encode(np.ascontiguousarray(pixels, np.uint8).tobytes()).decode()


def pack_picture(picture: Array) -> dict[str, Any]:
    """Write a grey picture with its size.

    Parameters
    ----------
    picture : ndarray of uint8, (height, width)
        Grey values.

    Returns
    -------
    dict
        ``width``, ``height`` and ``pixels``.
    """
    height, width = picture.shape
    return {"width": width, "height": height, "pixels": pack_bytes(picture)}


def pack_floats(numbers: Array) -> str:
    """Write numbers as base64 of little-endian float64.

    Parameters
    ----------
    numbers : ndarray
        Row by row.

    Returns
    -------
    str
        Exact.
    """
    return base64.b64encode(np.ascontiguousarray(numbers, "<f8").tobytes()).decode()


def finite(value: float | None) -> float | None:
    """Leave out what JSON has no number for.

    Parameters
    ----------
    value : float or None
        Any.

    Returns
    -------
    float or None
        None for infinity and NaN.
    """
    return None if value is None or not math.isfinite(value) else float(value)


def tell_layers(network: Network) -> list[dict[str, Any]]:
    """Tell what layers a network has.

    Parameters
    ----------
    network : Network
        Any.

    Returns
    -------
    list of dict
        ``n_in``, ``n_out`` and ``activation`` of each that has weights.
    """
    return [
        {"n_in": layer.n_in, "n_out": layer.n_out, "activation": layer.activation}
        for layer in network.dense
    ]
