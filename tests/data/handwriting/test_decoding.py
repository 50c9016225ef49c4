"""Decoding: the same grey values from all formats and modes, and errors for other files."""

import io
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from glassnet.data.handwriting.decoding import MAX_PIXELS
from glassnet.data.handwriting.decoding import decode as decode_picture
from glassnet.errors import DataError
from glassnet.types import Array

GREY = np.full((12, 9), 240, np.uint8)
GREY[2:10, 3:5] = 20  # asymmetric, to detect rotations and reflections
GREY[8:10, 3:8] = 20


def decode(source: bytes | Path, where: str | None = None) -> Array:
    return decode_picture(source, where).grey


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def cut_out(ink: int, see_through: int) -> Image.Image:
    """Return strokes on a transparent background."""
    strokes = GREY < 128
    grey = np.where(strokes, ink, see_through).astype(np.uint8)
    alpha = np.where(strokes, 255, 0).astype(np.uint8)
    return Image.merge("RGBA", [Image.fromarray(channel) for channel in (grey, grey, grey, alpha)])


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "CMYK", "YCbCr"])
def test_modes_give_the_same_grey_values(mode: str) -> None:
    kind = {"CMYK": "TIFF", "YCbCr": "TIFF"}.get(mode, "PNG")
    grey = decode(encoded(Image.fromarray(GREY).convert(mode), kind))
    assert grey.dtype == np.uint8
    assert np.abs(grey.astype(int) - GREY).max() <= 2


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "TIFF", "WEBP", "PPM"])
def test_formats_give_the_same_grey_values(kind: str) -> None:
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    grey = decode(encoded(Image.fromarray(GREY).convert("RGB"), kind, **options))
    assert np.abs(grey.astype(int) - GREY).max() <= 1


def test_a_jpeg_gives_nearly_the_same_grey_values() -> None:
    grey = decode(encoded(Image.fromarray(GREY.repeat(8, 0).repeat(8, 1)), "JPEG", quality=95))
    assert np.abs(grey.astype(int) - GREY.repeat(8, 0).repeat(8, 1)).mean() < 3


def test_sixteen_bits_floats_and_one_bit() -> None:
    deep = Image.fromarray(GREY.astype(np.uint16) * 257)
    assert decode(encoded(deep, "PNG")).tolist() == GREY.tolist()
    floats = decode(encoded(Image.fromarray(GREY.astype(np.float32) / 7), "TIFF"))
    assert (floats.min(), floats.max()) == (0, 255)
    bits = decode(encoded(Image.fromarray(GREY).convert("1"), "PNG"))
    assert set(bits.ravel().tolist()) == {0, 255}


def test_a_palette_with_a_transparent_colour() -> None:
    image = Image.fromarray(GREY).convert("RGB").quantize(4)
    ground = image.getpixel((0, 0))
    grey = decode(encoded(image, "PNG", transparency=ground))
    assert grey[0, 0] == 255
    assert grey[5, 3] < 60


def test_transparent_pictures_are_composited_onto_contrasting_ground() -> None:
    black = decode(encoded(cut_out(0, 0), "PNG"))
    assert black[0, 0] == 255
    assert black[5, 3] == 0
    white = decode(encoded(cut_out(255, 255), "PNG"))
    assert white[0, 0] == 0
    assert white[5, 3] == 255


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (6, -1), (3, 2), (8, 1)])
def test_exif_orientation_is_applied(orientation: int, turns: int) -> None:
    # The file holds the picture in the sensor's orientation; EXIF gives the rotation.
    exif = Image.Exif()
    exif[0x0112] = orientation
    held = np.rot90(GREY, -turns)
    grey = decode(encoded(Image.fromarray(np.ascontiguousarray(held)), "PNG", exif=exif))
    assert grey.tolist() == GREY.tolist()


def test_the_first_frame_of_an_animation_is_decoded() -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode(moving).tolist() == GREY.tolist()


def test_a_large_jpeg_is_decoded_at_a_reduced_size() -> None:
    large = encoded(Image.fromarray(np.zeros((3000, 9000), np.uint8)), "JPEG", quality=30)
    picture = decode_picture(large)
    assert picture.width == 9000
    assert max(picture.grey.shape) < 5000


def test_a_large_picture_is_reduced_before_it_is_converted() -> None:
    large = np.full((6000, 2000), 240, np.uint8)
    large[1000:5000, 900:1200] = 20
    exif = Image.Exif()
    exif[0x0112] = 6
    for mode in ("L", "RGBA", "P", "I;16"):
        image = Image.fromarray(large.astype(np.uint16) * 257 if mode == "I;16" else large)
        held = image if mode == "I;16" else image.convert(mode)
        picture = decode_picture(encoded(held, "PNG", exif=exif, compress_level=1))
        assert picture.width == 6000
        assert picture.grey.shape == (667, 2000)
        expected = np.rot90(large, -1)[1::3, 1::3].astype(int)
        assert np.abs(picture.grey[:666, :2000] - expected[:666]).mean() < 2


def claimed(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that claims a size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


PNG = encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40), np.uint8)), "PNG")


@pytest.mark.parametrize(
    ("content", "needs"),
    [
        (b"", "needs a picture, got an empty file"),
        (b"this is no picture, whatever its name", "needs a picture, got bytes that begin"),
        (PNG[: len(PNG) // 2], "the picture is damaged"),
        (claimed(100_000, 100_000), "needs at most 50,000,000 pixels"),
        (claimed(10_000, 10_000), "needs at most 50,000,000 pixels, got 10,000 x 10,000; make it"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "PostScript"),
    ],
)
def test_a_file_that_is_not_a_picture_raises_with_one_line(
    content: bytes, needs: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.png"
    path.write_bytes(content)
    with pytest.raises(DataError) as raised:
        decode(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert needs in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_raises(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.png: cannot be read \(No such file"):
        decode(tmp_path / "none.png")
    with pytest.raises(DataError, match="cannot be read"):
        decode(tmp_path)


def test_heic_without_its_package_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    head = b"\0\0\0\x18ftypheic" + b"\0" * 40
    with pytest.raises(DataError, match=r"photo: needs the package pillow-heif .* or save the"):
        decode(head, "photo")


def test_the_pixel_limit_keeps_memory_below_500_megabytes() -> None:
    assert MAX_PIXELS * (4 + 2) < 400_000_000
