"""Packed files, and how much of them is unpacked."""

import gzip
import io
from pathlib import Path

import pytest

from glassnet.data import packed
from glassnet.errors import DataError

CONTENT = b"label,pixel0\n" + bytes(range(256))


def read(path: Path) -> bytes:
    with packed.open_packed(path) as file:
        return file.read()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("plain.csv", CONTENT),
        ("packed.csv.gz", gzip.compress(CONTENT)),
        ("plain.csv.gz", CONTENT),
        ("packed.csv", gzip.compress(CONTENT)),
        ("parts.gz", gzip.compress(CONTENT[:9]) + gzip.compress(CONTENT[9:])),
    ],
)
def test_the_first_bytes_tell_what_is_packed(tmp_path: Path, name: str, written: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(written)
    assert read(path) == CONTENT


@pytest.mark.parametrize("content", [b"", b"\x1f", b"\x8b\x1f"])
def test_what_is_too_short_to_be_packed_is_read_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "short"
    path.write_bytes(content)
    assert read(path) == content


@pytest.mark.parametrize(
    "damaged",
    [
        b"\x1f\x8b",
        gzip.compress(CONTENT)[:-1],
        gzip.compress(CONTENT)[:30],
        gzip.compress(CONTENT)[:12] + b"\xff" * 40,
        gzip.compress(CONTENT) + b"trailing",
    ],
)
def test_damaged_packing_is_refused(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "damaged.gz"
    path.write_bytes(damaged)
    with pytest.raises(DataError) as raised:
        read(path)
    assert str(raised.value).startswith(f"{path}: gzip data is damaged or cut short")
    assert "\n" not in str(raised.value)


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing", tmp_path / ("x" * 300)):
        with pytest.raises(DataError, match="cannot be read") as raised:
            read(path)
        assert str(path) in str(raised.value)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("size", [0, 99, 100])
def test_up_to_the_limit_all_is_read(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(packed, "MAX_BYTES", 100)
    assert packed.read_limited(io.BytesIO(bytes(size)), "where") == bytes(size)


@pytest.mark.parametrize("size", [101, 5_000])
def test_above_the_limit_nothing_is_read(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(packed, "MAX_BYTES", 100)
    file = io.BytesIO(bytes(size))
    with pytest.raises(DataError, match=r"^where: unpacks to more than the limit of 100 bytes$"):
        packed.read_limited(file, "where")
    assert file.tell() <= 101
