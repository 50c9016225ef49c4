"""PNG decoding: greyscale images of the same size into one array."""

import io
import struct
from collections.abc import Sequence

import numpy as np

from glassnet.data.readers.gzip_io import check_size
from glassnet.errors import DataError
from glassnet.types import Array

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.Struct(">8s4x4sII")  # signature, length, IHDR, width, height


def decode_pngs(pictures: Sequence[bytes | None], max_bytes: int, where: str) -> Array:
    """Decode greyscale PNG images of the same size into an array, (n, height, width).

    Raises
    ------
    DataError
        If an image is damaged, of another size, or not greyscale (the message gives its row), or
        if the array would be larger than `max_bytes`.
    """
    first: tuple[int, int] | None = None
    for row, picture in enumerate(pictures):
        size = _size(picture, f"{where}, row {row}")
        first = first or size
        if size != first:
            raise DataError(
                f"{where}, row {row}: needs {first[0]} x {first[1]} pixels as in row 0, "
                f"got {size[0]} x {size[1]}"
            )
    if first is None:
        raise DataError(f"{where}: holds no images")
    check_size(len(pictures) * first[0] * first[1], max_bytes, where)
    images = np.empty((len(pictures), *first), np.uint8)
    for row, picture in enumerate(pictures):
        images[row] = _decode(picture or b"", f"{where}, row {row}")
    return images


def _size(picture: bytes | None, where: str) -> tuple[int, int]:
    if not isinstance(picture, bytes) or len(picture) < HEADER.size:
        actual = "nothing" if not picture else f"{len(picture)} bytes"
        raise DataError(f"{where}: needs a PNG picture, got {actual}")
    signature, kind, width, height = HEADER.unpack_from(picture)
    if signature != SIGNATURE or kind != b"IHDR":
        raise DataError(f"{where}: needs a PNG picture, got bytes that begin {picture[:8].hex()}")
    if not width or not height:
        raise DataError(f"{where}: needs a picture with pixels, got {height} x {width}")
    return height, width


def _decode(picture: bytes, where: str) -> Array:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture), formats=["PNG"]) as image:
            mode = image.mode
            pixels = np.asarray(image.convert("L")) if mode in ("1", "L") else None
    except Exception as error:  # decoders raise many kinds for damaged data
        raise DataError(f"{where}: the PNG picture is damaged ({error})") from error
    if pixels is None:
        raise DataError(f"{where}: needs a grey picture of 8 bits, got mode {mode}")
    return pixels
