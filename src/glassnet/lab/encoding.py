"""Encoding of arrays as base64, and of numbers in JSON-serialisable form."""

import base64
import math
from typing import Any

import numpy as np

from glassnet.nn.network import Network
from glassnet.types import Array


def pack_bytes(pixels: Array) -> str:
    """Encode uint8 grey values as base64, row by row."""
    return base64.b64encode(np.ascontiguousarray(pixels, np.uint8).tobytes()).decode()


def pack_picture(picture: Array) -> dict[str, Any]:
    """Encode a greyscale picture: ``width``, ``height`` and ``pixels``."""
    height, width = picture.shape
    return {"width": width, "height": height, "pixels": pack_bytes(picture)}


def pack_floats(numbers: Array) -> str:
    """Encode numbers as base64 of little-endian float64, row by row."""
    return base64.b64encode(np.ascontiguousarray(numbers, "<f8").tobytes()).decode()


def finite(value: float | None) -> float | None:
    """Return a float, or None for NaN and infinity, which JSON cannot represent."""
    return None if value is None or not math.isfinite(value) else float(value)


def describe_layers(network: Network) -> list[dict[str, Any]]:
    """Return ``n_in``, ``n_out`` and ``activation`` for each dense layer."""
    return [
        {"n_in": layer.n_in, "n_out": layer.n_out, "activation": layer.activation}
        for layer in network.dense
    ]
