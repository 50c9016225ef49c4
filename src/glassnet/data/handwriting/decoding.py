"""Decoding: pictures in any format into grey values, with limits on their size."""

import io
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from glassnet.errors import DataError
from glassnet.types import Array

if TYPE_CHECKING:
    from PIL import Image


MAX_PIXELS = 50_000_000  # 200 MB as RGBA
TARGET_SIDE = 2_000  # pixels of the longer side; larger pictures are reduced to about this
HEIF = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}


@dataclass(frozen=True, eq=False)
class Picture:
    """Grey values of a picture.

    Parameters
    ----------
    grey : ndarray of uint8, (height, width)
        0 is black, 255 white; reduced if the picture is very large.
    width : int
        Width of the original picture in pixels, after EXIF rotation.
    """

    grey: Array
    width: int


def decode(source: str | os.PathLike[str] | bytes, where: str | None = None) -> Picture:
    """Decode a picture into grey values.

    EXIF rotation is applied. Transparent pictures are composited onto white, or onto black if the
    ink is bright. Only the first frame of an animation is decoded. Very large pictures are reduced
    by averaging.

    Parameters
    ----------
    source : path or bytes
        A file or its content, in any format that Pillow reads; HEIC requires pillow-heif.
    where : str, optional
        Name in error messages; the path by default.

    Raises
    ------
    DataError
        If the file is empty, damaged, not a picture, or has more than `MAX_PIXELS` pixels.
    """
    if isinstance(source, bytes):
        return _decode(io.BytesIO(source), where or "the picture")
    where = where or os.fspath(source)
    try:
        with Path(source).open("rb") as file:
            return _decode(file, where)
    except OSError as error:
        raise DataError(f"{where}: cannot be read ({error.strerror or error})") from error


def _decode(file: BinaryIO, where: str) -> Picture:
    head = file.read(64)
    file.seek(0)
    if not head:
        raise DataError(f"{where}: needs a picture, got an empty file")
    is_heif = head[4:8] == b"ftyp" and head[8:12] in HEIF
    from PIL import Image, ImageOps, UnidentifiedImageError

    if is_heif:
        _register_heif(where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about sizes that raise an error below
            with Image.open(file) as image:
                width, height = image.size
                # A JPEG is decoded at a reduced size, so that large ones need little memory.
                share = min(1.0, TARGET_SIDE / max(width, height))
                smaller = (int(width * share), int(height * share))
                is_drafted = image.draft("L", smaller) is not None
                is_drafted &= "progressive" not in image.info  # which is decoded at full size
                _check(image, image.size if is_drafted else (width, height), where)
                factor = max(1, max(image.size) // TARGET_SIDE)
                grey = _to_grey(ImageOps.exif_transpose(_reduced(image, factor)))
                is_aside = _lies_on_its_side(image)
    except DataError:
        raise
    except Image.DecompressionBombError as error:
        raise DataError(f"{where}: needs at most {MAX_PIXELS:,} pixels ({error})") from error
    except UnidentifiedImageError as error:
        shown = head[:8].hex()
        raise DataError(f"{where}: needs a picture, got bytes that begin {shown}") from error
    except Exception as error:  # decoders raise many kinds for damaged data
        raise DataError(f"{where}: the picture is damaged ({error})") from error
    return Picture(grey, height if is_aside else width)


def _lies_on_its_side(image: "Image.Image") -> bool:
    """Return whether the EXIF orientation swaps height and width."""
    return image.getexif().get(0x0112) in (5, 6, 7, 8)


def _reduced(image: "Image.Image", factor: int) -> "Image.Image":
    """Downscale a picture by an integer factor before conversions copy it."""
    if factor == 1 or image.mode.startswith("I;16"):
        return image
    if image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    exif = image.getexif()
    small = image.reduce(factor)
    small.getexif().update(exif)
    return small


def _check(image: "Image.Image", size: tuple[int, int], where: str) -> None:
    if image.format == "EPS":  # Pillow would run Ghostscript
        raise DataError(f"{where}: needs a raster image, got PostScript")
    width, height = size
    if width * height > MAX_PIXELS:
        raise DataError(
            f"{where}: needs at most {MAX_PIXELS:,} pixels, got {width:,} x {height:,}; "
            "make it smaller first"
        )


def _register_heif(where: str) -> None:
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise DataError(
            f"{where}: needs the package pillow-heif to read HEIC (pip install 'glassnet[heic]'), "
            "or save the picture as JPEG or PNG"
        ) from error
    register_heif_opener()


def _to_grey(image: "Image.Image") -> Array:
    """Convert a picture of any mode to grey values."""
    mode = image.mode
    if mode in ("I", "F") or mode.startswith("I;16"):
        values = np.asarray(image)
        step = max(1, max(values.shape) // TARGET_SIDE)  # Pillow cannot reduce 16-bit images
        return _from_deep(values[::step, ::step], is_16_bit=mode != "F")
    if "transparency" in image.info or mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        return _lay_down(np.asarray(image.convert("RGBA").convert("LA")))
    if mode not in ("1", "L", "RGB", "YCbCr"):
        image = image.convert("RGB")
    return np.array(image.convert("L"))


def _from_deep(values: Array, *, is_16_bit: bool) -> Array:
    """Scale 16-bit integers, or floats in any range, to 8 bits."""
    values = values.astype(np.float32)
    low, high = 0.0, 65535.0
    if not is_16_bit or values.max() > high:
        low, high = float(values.min()), float(values.max())
    return np.rint((values - low) * (255 / ((high - low) or 1))).astype(np.uint8)


def _lay_down(picture: Array) -> Array:
    """Composite grey and alpha, (height, width, 2), onto white, or onto black for bright ink."""
    grey, alpha = picture[..., 0].astype(np.float32), picture[..., 1].astype(np.float32) / 255
    opaque = float(alpha.sum())
    is_bright = opaque > 0 and float((grey * alpha).sum()) / opaque > 127.5
    has_holes = float((alpha < 0.5).mean()) > 0.1  # more than rounded corners
    ground = 0 if is_bright and has_holes else 255
    return np.rint(grey * alpha + ground * (1 - alpha)).astype(np.uint8)
