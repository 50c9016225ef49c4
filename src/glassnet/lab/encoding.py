"""Encoding of arrays as base64 and of finite numbers for JSON."""

import base64
import math
from typing import Any

import numpy as np

from glassnet.nn.network import Network
from glassnet.types import Array


def pack_bytes(pixels: Array) -> str:
    """Encode grey values, uint8, row by row, as base64."""
    return base64.b64encode(np.ascontiguousarray(pixels, np.uint8).tobytes()).decode()


def pack_picture(picture: Array) -> dict[str, Any]:
    """Encode a greyscale picture: ``width``, ``height`` and ``pixels``."""
    height, width = picture.shape
    return {"width": width, "height": height, "pixels": pack_bytes(picture)}


def pack_floats(numbers: Array) -> str:
    """Encode numbers, row by row, as base64 of little-endian float64."""
    return base64.b64encode(np.ascontiguousarray(numbers, "<f8").tobytes()).decode()


def finite(value: float | None) -> float | None:
    """Return a float, or None for NaN and infinity, which JSON cannot hold."""
    return None if value is None or not math.isfinite(value) else float(value)


def describe_layers(network: Network) -> list[dict[str, Any]]:
    """Return the ``n_in``, ``n_out`` and ``activation`` of each dense layer."""
    return [
        {"n_in": layer.n_in, "n_out": layer.n_out, "activation": layer.activation}
        for layer in network.dense
    ]
